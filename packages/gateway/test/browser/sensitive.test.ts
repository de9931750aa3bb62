import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import type { BrowserAction } from "openclaw-protocol";
import type { GatewayError } from "../../src/lib/errors.ts";
import type { Doing } from "../../src/services/browser/engine/base/parts.ts";
import { redact, redactAll } from "../../src/services/browser/engine/base/redact.ts";
import type { Tab } from "../../src/services/browser/engine/base/tab.ts";
import { createPageWork } from "../../src/services/browser/engine/page/page.ts";
import { mayBeTypedAt } from "../../src/services/browser/engine/page/typed-secrets.ts";
import { type PageRig, startPageRig } from "./page-rig.ts";

const work = createPageWork({ now: Date.now });
const doing = (): Doing => ({ signal: new AbortController().signal, deadline: Date.now() + 15_000 });

const login = `<title>Login</title><form id="login" action="/login" method="post"><label>Name <input id="name" name="name" value="ada"></label>
  <label>Password <input id="pw" type="password" value="hunter2"></label><label><input type="checkbox" id="keep"> Keep me</label>
  <button id="go">Sign in</button><a id="forgot" href="/forgot">Forgot?</a><a id="js" href="#">Sign in by script</a><button id="clear" type="reset">Clear</button></form>
  <form id="search" action="/search"><input id="q" name="q"><button id="find">Find</button></form>`;

describe("what an action would hand over", { concurrency: 2 }, () => {
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
    const path = `/s${++count}`;
    rig.pages.set(path, html);
    return rig.lend(t, rig.url + path);
  }
  const inspect = (tab: Tab, action: BrowserAction) => work.inspect(tab, action, doing());
  const click = (selector: string): BrowserAction => ({ kind: "click", selector });
  async function submits(tab: Tab, action: BrowserAction): Promise<string> {
    return (await inspect(tab, action)).submits.join();
  }

  test("is the password, for what submits its form or acts by a script in it, and for nothing else", async (t) => {
    const tab = await opened(t, login);
    if (!tab || typeof rig === "string") return;
    assert.deepEqual(await inspect(tab, click("#go")), {
      tabId: tab.id,
      url: tab.page.url(),
      title: "Login",
      element: 'button "Sign in"',
      submits: ["password"],
      action: `${rig.url}/login`,
    });
    const told = {
      "#js": "password",
      "#forgot": "",
      "#name": "",
      "#keep": "",
      "#clear": "",
      "#q": "",
      "#find": "",
      label: "",
    };
    for (const [selector, expected] of Object.entries(told))
      assert.equal(await submits(tab, click(selector)), expected, selector);
    assert.equal(await submits(tab, { kind: "click", selector: "#go", button: "right" }), "");
    assert.equal(await submits(tab, { kind: "press", selector: "#name", key: "Return" }), "password");
    assert.equal(await submits(tab, { kind: "press", selector: "#go", key: "Space" }), "password");
    assert.equal(await submits(tab, { kind: "press", selector: "#name", key: "Tab" }), "");
    assert.equal(await submits(tab, { kind: "press", selector: "#q", key: "Enter" }), "");
    assert.equal(
      await submits(tab, { kind: "type", selector: "#name", text: "x", submit: true }),
      "password",
    );
    assert.equal(await submits(tab, { kind: "type", selector: "#name", text: "x" }), "");
    assert.equal(await submits(tab, { kind: "scroll" }), "");
    await tab.page.locator("#pw").focus();
    assert.equal(await submits(tab, { kind: "press", key: "Enter" }), "password");
    await tab.page.locator("#pw").fill("");
    assert.equal(await submits(tab, click("#go")), "");
    assert.equal(await submits(tab, { kind: "type", selector: "#pw", text: "x", submit: true }), "password");
    assert.equal(
      await submits(tab, { kind: "type", selector: "#pw", secret: "s", submit: true }),
      "password",
    );
  });

  test("is a payment, by what the fields say they are for or by their names and labels", async (t) => {
    const fields = [
      `<input autocomplete="section-a cc-number" value="1">`,
      `<input name="cardNumber" value="1">`,
      `<label>CVC <input value="1"></label>`,
      `<input placeholder="IBAN" value="1">`,
      `<input type="password" id="card-cvv" value="1">`,
      `<label>Kartennummer <input type="tel" value="1"></label>`,
    ];
    const tab = await opened(t, "");
    if (!tab) return;
    for (const field of fields) {
      await tab.page.setContent(`<form>${field}<button>Pay</button></form>`);
      assert.equal(await submits(tab, click("button")), "payment", field);
    }
    const others = ["discard", "postcard", "vanity", "company"].map((it) => `<input name="${it}" value="1">`);
    await tab.page.setContent(`<form>${others.join("")}<button>Go</button></form>`);
    assert.equal(await submits(tab, click("button")), "");
  });

  test("is looked for where there is no form, in shadow roots and in frames of other origins", async (t) => {
    const tab = await opened(
      t,
      `<input type="password" value="x"><div id="go" style="cursor:pointer">Log in</div><form><button id="in">In a form</button></form>`,
    );
    if (!tab || typeof rig === "string") return;
    assert.equal(await submits(tab, click("#go")), "password");
    assert.equal(await submits(tab, click("#in")), "password");
    rig.pages.set("/card", `<input autocomplete="cc-number" value="4111">`);
    const far = rig.url.replace("127.0.0.1", "localhost");
    await tab.page.setContent(
      `<iframe src="${far}/card"></iframe><div id="host"></div><button id="pay">Pay</button>`,
    );
    await tab.page.frameLocator("iframe").locator("input").waitFor();
    assert.equal(await submits(tab, click("#pay")), "payment");
    await tab.page.evaluate(() => {
      const host = document.querySelector("#host");
      if (host) host.attachShadow({ mode: "open" }).innerHTML = `<input type="password" value="x">`;
    });
    assert.equal(await submits(tab, click("#pay")), "password,payment");
  });

  test("is taken to be everything where a frame does not let itself be read, as long as the frame is there", async (t) => {
    const tab = await opened(
      t,
      `<iframe srcdoc="<script>document.querySelectorAll = () => { throw new Error('no') }</script><p>closed</p>"></iframe><button>Go</button>`,
    );
    if (!tab) return;
    await tab.page.frameLocator("iframe").getByText("closed").waitFor();
    assert.equal(await submits(tab, click("button")), "password,payment");
    await tab.page.evaluate(() => document.querySelector("iframe")?.remove());
    assert.equal(await submits(tab, click("button")), "");
  });

  test("is all that is done: a page that has changed since then gets nothing", async (t) => {
    const html = `<title>Two steps</title><form action="/one" onsubmit="event.preventDefault();document.title='sent'"><input id="pw" type="password"><button id="go">Next</button></form>`;
    const filled = await opened(t, html);
    if (!filled) return;
    const before = await inspect(filled, click("#go"));
    assert.deepEqual(before.submits, []);
    await filled.page.locator("#pw").fill("x");
    await assert.rejects(
      work.act(filled, click("#go"), { only: before }, doing()),
      (error: GatewayError) =>
        error.code === "conflict" && /would now hand over password fields/.test(error.message),
    );
    assert.equal(await filled.page.title(), "Two steps");
    const tab = await opened(t, html.replace(`type="password"`, `type="password" value="x"`));
    if (!tab) return;
    const only = await inspect(tab, click("#go"));
    assert.deepEqual(only.submits, ["password"]);
    const refused = (words: RegExp) =>
      assert.rejects(
        work.act(tab, click("#go"), { only }, doing()),
        (error: GatewayError) => error.code === "conflict" && words.test(error.message),
      );
    await tab.page.evaluate(() =>
      document.querySelector("form")?.setAttribute("action", "https://evil.example/"),
    );
    await refused(/its form goes somewhere else now/);
    await tab.page.evaluate(() => document.querySelector("form")?.setAttribute("action", "/one"));
    await tab.page.evaluate(() => document.querySelector("#go")?.replaceChildren("Pay 500"));
    await refused(/is the button "Pay 500" now/);
    await tab.page.evaluate(() => document.querySelector("#go")?.replaceChildren("Next"));
    await work.act(tab, click("#go"), { only }, doing());
    assert.equal(await tab.page.title(), "sent");
  });

  test("is checked again after a field was filled, before Enter", async (t) => {
    const tab = await opened(
      t,
      `<title>Trap</title><form onsubmit="event.preventDefault();document.title='sent'"><input id="q"><input id="pw" type="password"></form><script>q.oninput=()=>{pw.value="x"}</script>`,
    );
    if (!tab) return;
    const action: BrowserAction = { kind: "type", selector: "#q", text: "hello", submit: true };
    const only = await inspect(tab, action);
    assert.deepEqual(only.submits, []);
    await assert.rejects(
      work.act(tab, action, { only }, doing()),
      (error: GatewayError) => error.code === "conflict",
    );
    assert.equal(await tab.page.title(), "Trap");
  });
});

test("a secret is masked as it is and as pages and addresses write it", () => {
  const secret = `p@ss "w&rd" ö+`;
  const forms = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ a: secret }).toString().slice(2),
    "p@ss &quot;w&amp;rd&quot; ö+",
    JSON.stringify({ a: secret }),
    Buffer.from(secret).toString("base64"),
    Buffer.from(`user:${secret}`).toString("base64"),
    Buffer.from(`${secret}:more`).toString("base64url"),
  ];
  for (const form of forms) {
    const clean = redact(`before ${form} after`, [secret]);
    assert.match(clean, /^before .*•••• ?.*after$/, form);
    assert.doesNotMatch(clean, /w&|w%26/i);
  }
  assert.equal(redact("pin 42, not 1425", ["42"]), "pin ••••, not 1425");
  assert.equal(redact("nothing", ["", " "]), "nothing");
  assert.deepEqual(
    redactAll({ "k-swordfish": ["swordfish!", 7, null, 123456] }, new Set(["swordfish", "123456"])),
    {
      "k-••••": ["••••!", 7, null, "••••"],
    },
  );
});

test("a secret may be typed at its own hosts only, over https or on this machine", () => {
  const at = (url: string, ...hosts: string[]): boolean => mayBeTypedAt(url, hosts);
  assert.ok(at("https://example.com/login", "example.com"));
  assert.ok(at("https://www.example.com", "*.example.com"));
  assert.ok(at("http://127.0.0.1:8080/", "127.0.0.1"));
  assert.ok(at("http://[::1]:8080/", "[::1]"));
  assert.ok(!at("http://example.com/", "example.com"));
  assert.ok(!at("http://127.0.0.1/", "*.0.0.1"));
  assert.ok(!at("https://example.com/", "*.example.com"));
  assert.ok(!at("https://evil-example.com/", "*.example.com"));
  assert.ok(!at("https://example.com.evil.net/", "example.com"));
  assert.ok(!at("http://127.evil.com/", "127.evil.com"));
  assert.ok(!at("https://evil.net/#@example.com", "example.com"));
  assert.ok(!at("https://example.com@evil.net/", "example.com"));
  for (const url of ["about:blank", "about:srcdoc", "data:text/html,x", "", "file:///etc"])
    assert.ok(!at(url, "example.com", "*.", "*"), url);
});
