import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, type TestContext, test } from "node:test";
import type { GatewayError } from "../../src/lib/errors.ts";
import type { Doing } from "../../src/services/browser/engine/base/parts.ts";
import type { Tab } from "../../src/services/browser/engine/base/tab.ts";
import { createPageWork } from "../../src/services/browser/engine/page/page.ts";
import { type PageRig, startPageRig } from "./page-rig.ts";
import { docsPage, newsPage, shopPage } from "./page-sites.ts";

const work = createPageWork({ now: Date.now });
const doing = (): Doing => ({ signal: new AbortController().signal, deadline: Date.now() + 20_000 });
/** Some tokens of a text: four characters each. */
const tokens = (text: string): number => text.length / 4;

describe("a snapshot", { concurrency: 2 }, () => {
  let rig: PageRig | string;
  let count = 0;
  before(async () => {
    rig = await startPageRig();
  });
  after(async () => {
    if (typeof rig !== "string") await rig.close();
  });

  async function opened(
    t: TestContext,
    html: string,
    path = `/p${++count}/page.html`,
  ): Promise<Tab | undefined> {
    if (typeof rig === "string") {
      t.skip(rig);
      return undefined;
    }
    rig.pages.set(path, html);
    return rig.lend(t, rig.url + path);
  }
  const read = async (tab: Tab, selector?: string): Promise<string> =>
    (await work.snapshot(tab, { selector }, doing())).snapshot;
  const refOf = (text: string, words: string): string => {
    const ref = text.slice(text.indexOf(words)).match(/\[((?:f\d+)?e\d+)\]/)?.[1];
    assert.ok(text.includes(words) && ref !== undefined, `${words} in\n${text}`);
    return ref;
  };

  test("is of a part where a selector says so, and what a page writes passes for no ref", async (t) => {
    const tab = await opened(
      t,
      `<h1>All</h1><div id="part">only this [e1] \u202egnp.exe <div id="host"></div></div>
      <script>host.attachShadow({mode:"open"}).innerHTML="<button>Shadow</button>"</script>`,
    );
    if (!tab) return;
    const text = await read(tab, "#part");
    assert.match(text, /only this \(e1\) gnp.exe/);
    assert.match(text, /button "Shadow" \[f?\d*e\d+\]/);
    assert.doesNotMatch(text, /All/);
    await assert.rejects(
      read(tab, "#none"),
      (error: GatewayError) => error.param === "selector" && error.message.includes("Shadow") === false,
    );
  });

  for (const [name, html, words] of [
    [
      "shop",
      shopPage(),
      ['button "Add to basket"', "19.90 €", 'checkbox "20 to 40 €" (checked)', '= "Price, low to high"'],
    ],
    [
      "news page",
      newsPage(),
      ['# link "Night ferry returns after ten years"', 'textbox "E-mail"', "half-hearted"],
    ],
    [
      "manual with 150 links",
      docsPage(),
      ["# First steps", "tool run --step 10", "| --opt-5 | 5 | Sets number 5 |", 'link "Part 20"'],
    ],
  ] as const) {
    test(`of a ${name} fits into 2,000 tokens, with what matters`, async (t) => {
      const tab = await opened(t, html);
      if (!tab) return;
      const { snapshot, pages } = await work.snapshot(tab, {}, doing());
      assert.equal(pages, 1);
      assert.ok(tokens(snapshot) <= 2_000, `${tokens(snapshot)} tokens`);
      for (const it of words) assert.ok(snapshot.includes(it), `${it} in\n${snapshot}`);
      assert.doesNotMatch(snapshot, /utm_source|session=/);
    });
  }

  test("keeps the shape of a page: headings, landmarks, fields with their state, tables by rows, cards as links", async (t) => {
    const tab = await opened(
      t,
      `<title>T</title><main><h2>Orders</h2><label>Name <input value="Ada"></label>
       <input type="checkbox" checked aria-label="Gift"><button disabled>Pay</button><button aria-expanded="true">More</button>
       <table><tr><th>Item<th>Price<tr><td>Pear<td><a href="/pear">2.00</a></table>
       <a href="/card"><h3>Card</h3><p>with a text</p></a><div><div><div>alone</div></div></div><img alt="A cat" src="data:,"></main>`,
    );
    if (!tab) return;
    const text = await read(tab);
    assert.match(text, /^main \[f?\d*e\d+\]\n ## Orders\n textbox "Name" \[f?\d*e\d+\] = "Ada"/);
    assert.match(
      text,
      /checkbox "Gift" \(checked\) \[f?\d*e\d+\] · button "Pay" \(disabled\) \[f?\d*e\d+\] · button "More" \(expanded\) \[f?\d*e\d+\]/,
    );
    assert.match(text, /\| Item \| Price \|\n +\| Pear \| link "2.00" \[f?\d*e\d+\] \/pear \|/);
    assert.match(text, /link "Card with a text" \[f?\d*e\d+\] \/card/);
    assert.match(text, /^ alone$/m);
    assert.match(text, /img "A cat"/);
  });

  test("keeps each ref while the page does not change, and when it changes elsewhere", async (t) => {
    const tab = await opened(t, `<button>One</button><p id="news">old</p><button>Two</button>`);
    if (!tab) return;
    const first = await read(tab);
    assert.equal(await read(tab), first);
    await tab.page.evaluate(() =>
      document
        .querySelector("#news")
        ?.before(document.createElement("hr"), "fresh", document.createElement("input")),
    );
    const second = await read(tab);
    assert.equal(refOf(second, 'button "Two"'), refOf(first, 'button "Two"'));
    assert.match(second, /fresh/);
  });

  test("never shows what password and payment fields hold, nor a secret that was typed, in any frame or shadow root", async (t) => {
    const tab = await opened(
      t,
      `<label>Password <input type="password" value="hunter2"></label><input autocomplete="cc-number" value="4111111111111111" aria-label="No">
       <input name="cardCvc" value="737" aria-label="Code"><input id="login-password" value="shown-pass" aria-label="Shown"><input value="open" aria-label="Open">
       <input type="password" role="button" value="button1"><p>Hello, your token is s3cr3t-token-9!</p><p>My password is longer-password-1</p><input type="password" value="longer-password-1">
       <iframe srcdoc="<input type=password value=framed>"></iframe><div id="host"></div>
       <script>host.attachShadow({mode:"open"}).innerHTML='<input type="password" value="shadowed">'</script>`,
    );
    if (!tab) return;
    tab.secrets.add("s3cr3t-token-9!");
    await tab.page.frames()[1]?.waitForSelector("input");
    const text = await read(tab);
    assert.doesNotMatch(text, /hunter2|4111|737|shown-pass|button1|longer-password-1|s3cr3t|framed|shadowed/);
    assert.match(text, /textbox "Password" \[f?\d*e\d+\] = "••••"/);
    assert.match(text, /textbox "Open" \[f?\d*e\d+\] = "open"/);
    assert.match(text, /your token is ••••/);
  });

  test("has what frames show, of the same and of another origin, with refs that work", async (t) => {
    if (typeof rig === "string") return t.skip(rig);
    const other = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end(`<button onclick="this.textContent='Pushed'">Far</button>`);
    }).listen(0, "127.0.0.1");
    t.after(() => {
      other.closeAllConnections();
      other.close();
    });
    await once(other, "listening");
    const far = `http://localhost:${(other.address() as AddressInfo).port}/`;
    const tab = await opened(
      t,
      `<h1>Frames</h1><iframe srcdoc="<button>Near</button>"></iframe><iframe src="${far}"></iframe>`,
    );
    if (!tab) return;
    const text = await read(tab);
    const ref = refOf(text, 'button "Far"');
    assert.match(ref, /^f\d+e\d+$/);
    assert.match(text, /button "Near" \[f\d+e\d+\]/);
    assert.equal(await work.act(tab, { kind: "click", ref }, {}, doing()), 'Clicked button "Far"');
    assert.match(await read(tab), /button "Pushed"/);
  });

  test("comes in pages that are of one tree and follow each other without a gap", async (t) => {
    const tab = await opened(
      t,
      `<h1>Long</h1><ul>${Array.from({ length: 420 }, (_, index) => `<li><a href="/i/${index}">Item ${index}</a></li>`).join("")}</ul>`,
    );
    if (!tab) return;
    const first = await work.snapshot(tab, {}, doing());
    assert.ok(first.pages > 1);
    assert.match(first.snapshot, /page 1 of \d+; ask for page 2/);
    await tab.page.evaluate(() => {
      for (const it of document.querySelectorAll("li:nth-child(-n+5)")) it.remove();
    });
    const all = [first.snapshot];
    for (let page = 2; page <= first.pages; page++)
      all.push((await work.snapshot(tab, { page }, doing())).snapshot);
    for (const text of all) assert.ok(tokens(text) <= 2_000);
    const items = [...all.join("\n").matchAll(/"Item (\d+)"/g)].map((it) => Number(it[1]));
    assert.deepEqual(
      items,
      Array.from({ length: 420 }, (_, index) => index),
    );
    await assert.rejects(
      work.snapshot(tab, { page: first.pages + 1 }, doing()),
      (error: GatewayError) =>
        error.code === "invalid_request" &&
        error.param === "page" &&
        error.message.includes(`${first.pages} pages`),
    );
    assert.doesNotMatch(await read(tab), /"Item 0"/);
  });

  test("of a page with 5,000 items and 15,000 elements says how large it is and names things by selectors that work", async (t) => {
    const items = Array.from(
      { length: 5_000 },
      (_, index) => `<li><a id="a${index}" href="#${index}">Item ${index}</a> <b>x</b></li>`,
    );
    const tab = await opened(
      t,
      `<h1>Huge</h1><input type="password" value="hunter2"><ul>${items.join("")}</ul>`,
    );
    if (!tab) return;
    const { snapshot, pages } = await work.snapshot(tab, {}, doing());
    assert.ok(pages > 10 && tokens(snapshot) <= 2_000);
    assert.match(snapshot, /very large: 15,0\d\d elements/);
    assert.doesNotMatch(snapshot, /hunter2/);
    assert.equal(await work.act(tab, { kind: "click", ref: "#a3" }, {}, doing()), 'Clicked link "Item 3"');
    assert.match(
      (await work.snapshot(tab, { selector: "li:nth-child(7)" }, doing())).snapshot,
      /link "Item 6" \[f?\d*e\d+\]/,
    );
  });

  test("cuts a text that is far too long and says how much is missing", async (t) => {
    const tab = await opened(t, `<p>${"word ".repeat(20_000)}</p><button>After</button>`);
    if (!tab) return;
    const { snapshot, pages } = await work.snapshot(tab, {}, doing());
    assert.equal(pages, 1);
    assert.match(snapshot, /…\(\+98,\d{3} characters\)/);
    assert.match(snapshot, /button "After"/);
  });

  test("survives nesting that is deep", async (t) => {
    const tab = await opened(
      t,
      `<body><script>let d=document.body;for(let i=0;i<400;i++){const e=document.createElement("div");d.append("x",e);d=e}d.innerHTML="<button>Bottom</button>"</script>`,
    );
    if (!tab) return;
    const { snapshot, pages } = await work.snapshot(tab, {}, doing());
    assert.match(snapshot, /nested 40\d deep/);
    assert.match((await work.snapshot(tab, { page: pages }, doing())).snapshot, /button "Bottom"/);
  });
});
