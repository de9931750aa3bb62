import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import type { BrowserAction } from "openclaw-protocol";
import { GatewayError } from "../../src/lib/errors.ts";
import type { Tab } from "../../src/services/browser/engine/base/tab.ts";
import type { TypedSecret } from "../../src/services/browser/engine/base/types.ts";
import { createPageWork } from "../../src/services/browser/engine/page/page.ts";
import { type PageRig, startPageRig } from "./page-rig.ts";

const work = createPageWork({ now: Date.now });

describe("acting on a page", { concurrency: 3 }, () => {
  let rig: PageRig | string;
  let count = 0;
  before(async () => {
    rig = await startPageRig();
  });
  after(async () => {
    if (typeof rig !== "string") await rig.close();
  });

  async function opened(t: TestContext, html: string): Promise<Tab | undefined> {
    if (typeof rig === "string") {
      t.skip(rig);
      return undefined;
    }
    const path = `/a${++count}`;
    rig.pages.set(path, html);
    return rig.lend(t, rig.url + path);
  }
  function act(
    tab: Tab,
    action: BrowserAction,
    options: { secret?: TypedSecret; ms?: number; signal?: AbortSignal } = {},
  ) {
    const doing = {
      signal: options.signal ?? new AbortController().signal,
      deadline: Date.now() + (options.ms ?? 15_000),
    };
    return work.act(tab, action, { secret: options.secret }, doing);
  }
  const fieldValue = (tab: Tab, selector: string): Promise<string> => tab.page.locator(selector).inputValue();
  const refOf = async (tab: Tab, words: string): Promise<string> => {
    const { snapshot } = await work.snapshot(
      tab,
      {},
      { signal: new AbortController().signal, deadline: Date.now() + 15_000 },
    );
    return (
      snapshot.slice(snapshot.indexOf(words)).match(/\[([f\d]*e\d+)\]/)?.[1] ??
      assert.fail(`${words} in ${snapshot}`)
    );
  };
  const refused = (code: string, param: string | undefined, words: RegExp) => (error: GatewayError) => {
    assert.ok(error instanceof GatewayError, String(error));
    assert.deepEqual([error.code, error.param], [code, param], error.message);
    assert.match(error.message, words);
    assert.doesNotMatch(error.message, /Timeout \d+ms|Call log/);
    return true;
  };

  test("clicks, double-clicks and hovers, and says on what", async (t) => {
    const tab = await opened(
      t,
      `<button id="b" onclick="this.title+='c'" ondblclick="this.title+='d'" onmouseover="this.lang='h'">Go</button>`,
    );
    if (!tab) return;
    assert.equal(await act(tab, { kind: "hover", selector: "#b" }), 'Pointed at button "Go"');
    assert.equal(
      await act(tab, { kind: "click", ref: await refOf(tab, 'button "Go"') }),
      'Clicked button "Go"',
    );
    assert.equal(
      await act(tab, { kind: "click", selector: "#b", double: true }),
      'Double-clicked button "Go"',
    );
    const state = await tab.page
      .locator("#b")
      .evaluate((it) => [it.getAttribute("title"), it.getAttribute("lang")]);
    assert.deepEqual(state, ["cccd", "h"]);
  });

  test("waits for the page that a click leads to, and does not fail where that is slow", async (t) => {
    const tab = await opened(t, `<a href="/next">Next</a> <a href="/never">Never</a>`);
    if (!tab || typeof rig === "string") return;
    rig.pages.set("/next", "<title>Next page</title><h1>Here</h1>");
    rig.pages.set("/never", () => {});
    await act(tab, { kind: "click", selector: "a[href='/next']" });
    assert.equal(await tab.page.title(), "Next page");
    await tab.page.goBack();
    assert.equal(
      await act(tab, { kind: "click", selector: "a[href='/never']" }, { ms: 8_000 }),
      'Clicked link "Never"',
    );
  });

  test("says of a button that does not react why: what covers it, that it is disabled or hidden", async (t) => {
    const tab = await opened(
      t,
      `<title>Checkout</title><style>div{position:fixed;inset:0 0 auto 0;height:90px}button{display:block;margin-bottom:90px}</style>
       <button id="covered">Pay</button><button id="disabled" disabled>Pay</button><button id="hidden" style="display:none">Pay</button>
       <div role="dialog" aria-label="Cookies"><p>We use cookies</p></div>`,
    );
    if (!tab) return;
    const why = {
      "#covered":
        /^The button "Pay" could not be clicked: dialog "Cookies" covers it. The page is now "Checkout" \(http:/,
      "#disabled": /^The button "Pay" could not be clicked: it is disabled\./,
      "#hidden": /^The button "Pay" could not be clicked: it is not visible\./,
    };
    const began = Date.now();
    // Side by side, since each of them is waited for a while; not for all of its time.
    const refusals = Object.entries(why).map(([selector, words]) =>
      assert.rejects(act(tab, { kind: "click", selector }), refused("conflict", "action.selector", words)),
    );
    await Promise.all(refusals);
    assert.ok(Date.now() - began < 9_000);
  });

  test("tells of a selector without a match what the page has, and takes nothing but CSS", async (t) => {
    const tab = await opened(t, `<title>Login</title><button>Sign in</button><a href="/help">Help</a>`);
    if (!tab) return;
    await assert.rejects(
      act(tab, { kind: "click", selector: "#signin" }),
      refused(
        "invalid_request",
        "action.selector",
        /Nothing matches #signin. The page "Login" .* has: .*button "Sign in".*link "Help"/,
      ),
    );
    for (const selector of [
      "text=Sign in",
      "xpath=//button",
      "div >> button",
      "button:has-text('x')",
      "internal:role=button",
    ]) {
      await assert.rejects(
        act(tab, { kind: "click", selector }),
        refused("invalid_request", "action.selector", /is no CSS selector/),
      );
    }
    await assert.rejects(
      act(tab, { kind: "click" }),
      refused("invalid_request", "action.ref", /Say which element/),
    );
  });

  test("of several matches takes the first visible one", async (t) => {
    const tab = await opened(
      t,
      `<button class="x" hidden>A</button><button class="x">B</button><button class="x">C</button>`,
    );
    if (!tab) return;
    assert.equal(await act(tab, { kind: "click", selector: ".x" }), 'Clicked button "B"');
  });

  test("refuses a ref that a page's own change has made stale, and one from before a navigation", async (t) => {
    const tab = await opened(t, `<div id="app"><button>Old</button></div>`);
    if (!tab) return;
    const ref = await refOf(tab, 'button "Old"');
    const stale = refused(
      "invalid_request",
      "action.ref",
      new RegExp(`^${ref} is not on this page \\(any more\\). Take a new snapshot.$`),
    );
    await tab.page.evaluate(() => {
      const app = document.querySelector("#app");
      if (app) app.innerHTML = "<button>Old</button>";
    });
    await assert.rejects(act(tab, { kind: "click", ref }), stale);
    await tab.page.reload();
    await assert.rejects(act(tab, { kind: "click", ref }), stale);
    await assert.rejects(
      act(tab, { kind: "click", ref: "f77e1" }),
      refused("invalid_request", "action.ref", /f77e1 is not on this page/),
    );
    await assert.rejects(
      act(tab, { kind: "click", ref: "body" }),
      refused("invalid_request", "action.ref", /is no ref/),
    );
  });

  test("types in place of what is there or after it, also into editable elements, and submits with Enter", async (t) => {
    const tab = await opened(
      t,
      `<form action="/found"><input id="q" name="q" value="old"></form><div id="ed" contenteditable aria-label="Editor">one</div><input id="d" type="date" aria-label="Day">`,
    );
    if (!tab || typeof rig === "string") return;
    rig.pages.set("/found", "<title>Found</title>");
    await act(tab, { kind: "type", selector: "#q", text: "new" });
    await act(tab, { kind: "type", selector: "#q", text: "er", append: true });
    assert.equal(await fieldValue(tab, "#q"), "newer");
    await act(tab, { kind: "type", selector: "#ed", text: " two", append: true });
    assert.equal(await tab.page.locator("#ed").textContent(), "one two");
    assert.equal(
      await act(tab, { kind: "type", selector: "#ed", text: "three" }),
      'Typed 5 characters into textbox "Editor"',
    );
    assert.equal(await tab.page.locator("#ed").textContent(), "three");
    await assert.rejects(
      act(tab, { kind: "type", selector: "#d", text: "tomorrow" }),
      refused("invalid_request", "action.text", /takes values like 2030-01-31, not "tomorrow"/),
    );
    await act(tab, { kind: "type", selector: "#d", text: "2030-01-31" });
    await assert.rejects(
      act(tab, { kind: "type", selector: "#q" }),
      refused("invalid_request", "action.text", /Say what to type/),
    );
    await act(tab, { kind: "type", selector: "#q", text: "x y", submit: true });
    assert.match(tab.page.url(), /\/found\?q=x\+y$/);
  });

  test("types a secret only at its hosts, and masks it in everything that is told from then on", async (t) => {
    const tab = await opened(
      t,
      `<title>Login</title><input id="pw" type="password" aria-label="Password"><p id="echo"></p><input id="off" disabled>
       <script>pw.oninput = () => { echo.textContent = "You typed " + pw.value; document.title = pw.value }</script>`,
    );
    if (!tab) return;
    const secret = (hosts: string[]): TypedSecret => ({
      name: "shop",
      value: "correct horse battery",
      hosts,
    });
    const type = (selector: string, hosts: string[], ms = 15_000) =>
      act(tab, { kind: "type", selector, secret: "shop" }, { secret: secret(hosts), ms });
    for (const hosts of [["example.com"], ["*.0.0.1"], ["localhost"], ["127.0.0.1.example.com"]]) {
      await assert.rejects(
        type("#pw", hosts),
        refused("forbidden", "action.secret", /may not be typed at http:\/\/127\.0\.0\.1/),
      );
    }
    assert.equal(await fieldValue(tab, "#pw"), "");
    assert.equal(tab.secrets.size, 0);
    assert.equal(
      await type("#pw", ["example.com", "127.0.0.1"]),
      'Typed the secret "shop" into password field "Password"',
    );
    assert.equal(await fieldValue(tab, "#pw"), "correct horse battery");
    const { snapshot } = await work.snapshot(
      tab,
      {},
      { signal: new AbortController().signal, deadline: Date.now() + 10_000 },
    );
    assert.match(snapshot, /You typed ••••/);
    assert.doesNotMatch(snapshot, /horse/);
    await assert.rejects(type("#off", ["127.0.0.1"], 4_000), (error: GatewayError) => {
      assert.doesNotMatch(error.message + JSON.stringify(error.cause ?? ""), /horse/);
      return refused("conflict", "action.selector", /disabled.*"••••"/)(error);
    });
    await assert.rejects(
      act(tab, { kind: "type", selector: "#pw", secret: "none" }),
      refused("invalid_request", "action.secret", /no secret none/),
    );
  });

  test("types no secret into a frame of another host", async (t) => {
    const tab = await opened(t, "<h1>Outside</h1>");
    if (!tab || typeof rig === "string") return;
    rig.pages.set("/inside", `<input type="password" aria-label="Inside">`);
    await tab.page.setContent(`<iframe src="${rig.url.replace("127.0.0.1", "localhost")}/inside"></iframe>`);
    await tab.page.frameLocator("iframe").locator("input").waitFor();
    const ref = await refOf(tab, 'textbox "Inside"');
    const secret = { name: "s", value: "swordfish!", hosts: ["127.0.0.1"] };
    await assert.rejects(
      act(tab, { kind: "type", ref, secret: "s" }, { secret }),
      refused("forbidden", "action.secret", /localhost/),
    );
    await act(tab, { kind: "type", ref, secret: "s" }, { secret: { ...secret, hosts: ["localhost"] } });
    assert.equal(await tab.page.frameLocator("iframe").locator("input").inputValue(), "swordfish!");
  });

  test("chooses by value or label, and lists what there is otherwise", async (t) => {
    const tab = await opened(
      t,
      `<select id="s" aria-label="Size"><option value="s">Small<option value="m">Medium<option value="l" disabled>Large</select>
       <select id="m" multiple><option>A<option>B<option>C</select><div id="own" role="listbox" aria-label="Own"><div role="option">X</div></div>`,
    );
    if (!tab) return;
    const select = (selector: string, ...values: string[]) => act(tab, { kind: "select", selector, values });
    assert.equal(await select("#s", "m"), 'Chose "Medium" in combobox "Size"');
    assert.equal(await select("#s", "small"), 'Chose "Small" in combobox "Size"');
    assert.equal(await fieldValue(tab, "#s"), "s");
    await select("#m", "A", "C");
    assert.deepEqual(
      await tab.page
        .locator("#m")
        .evaluate((it) => [...(it as HTMLSelectElement).selectedOptions].map((o) => o.label)),
      ["A", "C"],
    ); // a select
    await assert.rejects(
      select("#s", "XL"),
      refused(
        "invalid_request",
        "action.values",
        /"XL" is not in the combobox "Size". It has "Small", "Medium", "Large"/,
      ),
    );
    await assert.rejects(select("#s", "Large"), refused("conflict", "action.values", /disabled/));
    await assert.rejects(select("#own", "X"), refused("invalid_request", "action.selector", /Click it/));
  });

  test("presses keys by the names that people use, where the focus is or in an element", async (t) => {
    const tab = await opened(
      t,
      `<input id="i" onkeydown="window.keys=(window.keys??'')+event.key+(event.ctrlKey?'^':'')+' '">`,
    );
    if (!tab) return;
    assert.equal(
      await act(tab, { kind: "press", selector: "#i", key: "a" }),
      "Pressed a in textbox without a name",
    );
    for (const key of ["ctrl+A", "esc", "up", "Shift+Tab", "é", "+"])
      await act(tab, { kind: "press", key, selector: "#i" });
    assert.equal(await tab.page.evaluate("keys"), "a Control^ A^ Escape ArrowUp Shift Tab + ");
    assert.equal(await fieldValue(tab, "#i"), "é+a");
    for (const key of ["Entr", "Control+", "a+b", "KeyÄ"]) {
      await assert.rejects(
        act(tab, { kind: "press", key }),
        refused("invalid_request", "action.key", /is no key/),
      );
    }
  });

  test("scrolls the page or a part and says where it is now", async (t) => {
    const tab = await opened(
      t,
      `<body style="margin:0"><div id="box" style="height:100px;overflow:auto"><div style="height:1100px" aria-label="In">in</div></div><div style="height:5000px">long</div><p id="end">end</p>`,
    );
    if (!tab) return;
    assert.match(
      await act(tab, { kind: "scroll", pixels: 1_200 }),
      /^Scrolled the page down: now at 1,200 of 4,\d{3} /,
    );
    assert.match(await act(tab, { kind: "scroll", direction: "bottom" }), /now at the end/);
    assert.match(await act(tab, { kind: "scroll", direction: "down" }), /which moved nothing/);
    assert.match(await act(tab, { kind: "scroll", direction: "top" }), /now at the beginning/);
    assert.match(
      await act(tab, { kind: "scroll", selector: "#box > div", direction: "down", pixels: 300 }),
      /now at 300 of 1,000/,
    );
    await act(tab, { kind: "scroll", selector: "#end" });
    assert.ok((await tab.page.evaluate(() => scrollY)) > 3_000);
  });

  test("waits until everything that was asked for holds, and says what did not come about", async (t) => {
    const tab = await opened(
      t,
      `<title>Job</title><p id="p">Working</p><iframe srcdoc="<p>Framed</p>"></iframe>`,
    );
    if (!tab) return;
    const waiting = act(tab, {
      kind: "wait",
      text: "All done",
      gone: "Working",
      selector: "#ok",
      url: "#finished",
    });
    await tab.page.evaluate(() => {
      document.body.insertAdjacentHTML("beforeend", `<b id="ok">x</b>`);
      location.hash = "finished";
      const p = document.querySelector("#p");
      if (p) p.innerHTML = "All <i>done</i>";
    });
    assert.match(
      await waiting,
      /^Waited until the text "All done" is there and the text "Working" is gone and #ok is there and the address holds "#finished"$/,
    );
    assert.match(await act(tab, { kind: "wait", text: "framed", ms: 1 }), /"framed" is there/);
    await assert.rejects(
      act(tab, { kind: "wait", text: "Never" }, { ms: 1_200 }),
      refused("timeout", undefined, /the text "Never" is there. The page is now "Job" \(http/),
    );
    await assert.rejects(
      act(tab, { kind: "wait" }),
      refused("invalid_request", "action", /Say what to wait for/),
    );
    await assert.rejects(
      act(tab, { kind: "wait", ms: 60_000 }),
      refused("invalid_request", "action.ms", /longer than this action may take/),
    );
  });

  test("ends at once when nobody waits any more", async (t) => {
    const tab = await opened(t, "<p>x</p><button disabled>Off</button>");
    if (!tab) return;
    for (const action of [
      { kind: "wait", text: "Never" },
      { kind: "click", selector: "button" },
    ] as const) {
      const controller = new AbortController();
      const running = act(tab, action, { signal: controller.signal });
      const ended = assert.rejects(running, /nobody waits/);
      controller.abort(new Error("nobody waits"));
      await ended;
    }
  });

  test("evaluates an expression to its JSON, without secrets, and tells the page's own error", async (t) => {
    const tab = await opened(t, "<title>Eval</title>");
    if (!tab) return;
    const evaluate = (expression: string, ms = 10_000) =>
      work.evaluate(tab, expression, { signal: new AbortController().signal, deadline: Date.now() + ms });
    tab.secrets.add("swordfish!");
    assert.deepEqual(
      await evaluate("Promise.resolve({ title: document.title, pw: 'swordfish!', list: [1, undefined] })"),
      { title: "Eval", pw: "••••", list: [1, null] },
    );
    assert.equal(await evaluate("undefined"), null);
    assert.equal(await evaluate("() => 7"), 7);
    await assert.rejects(
      evaluate("nope.nope"),
      refused("invalid_request", "expression", /The script failed: ReferenceError: nope is not defined/),
    );
    await assert.rejects(
      evaluate("'x'.repeat(300000)"),
      refused("invalid_request", "expression", /too large: 300,002 characters/),
    );
    await assert.rejects(
      evaluate("new Promise(() => {})", 600),
      refused("timeout", undefined, /did not end within its time/),
    );
  });
});
