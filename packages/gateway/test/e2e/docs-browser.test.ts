import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { findChromium } from "../../../client/test/support/chromium.ts";
import { onFake, type RunRig, startRunRig } from "../support/run-rig.ts";

const found = await findChromium();

describe("the pages in a browser", { skip: typeof found === "string" ? found : false }, () => {
  let browser: Browser;
  let rig: RunRig;
  /** What went wrong in the pages: exceptions, and what the policy has refused. */
  const wrong: string[] = [];

  before(async () => {
    if (typeof found === "string") return;
    rig = await startRunRig();
    browser = await chromium.launch({ ...found, env: { ...process.env, ...found.env } });
  });
  after(async () => {
    await browser?.close();
    await rig?.close();
  });

  async function open(path: string): Promise<Page> {
    const page = await browser.newPage({ httpCredentials: { username: "any", password: rig.gateway.token } });
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy|TrustedHTML/.test(message.text())) wrong.push(message.text());
    });
    await page.goto(rig.gateway.url + path);
    return page;
  }

  it("/docs: a request is sent from its form, and its answer is shown with status and body", async () => {
    const page = await open("/docs");
    const form = (selector: string) => page.locator(`article[id="agent.run"] ${selector}`);
    await form("summary").click();
    assert.match(
      await form(".curl").innerText(),
      /^curl http.*\/v1\/agent\/run[\s\S]*\$TOKEN[\s\S]*Hello, AI!/,
    );
    await form("textarea").fill('{"message":"from the page"}');
    await form("button[type=submit]").click();
    await form(".answer .status").waitFor();
    assert.match(await form(".answer").innerText(), /200 OK[\s\S]*application\/json[\s\S]*from the page/);
    assert.deepEqual(wrong, []);
  });

  it("/docs: a stream is shown as it comes, and Stop ends it", async () => {
    const page = await open("/docs");
    const form = (selector: string) => page.locator(`article[id="agent.run.stream"] ${selector}`);
    await form("summary").click();
    rig.fake.script([{ text: "half an answer" }, { hang: true }]);
    await form("textarea").fill(JSON.stringify({ message: "Hello", options: onFake }));
    await form("button[type=submit]").click();
    await form('.body pre:has-text("half an answer")').waitFor();
    await form(".stop").click();
    await form('.answer p:has-text("Stopped.")').waitFor();
    assert.deepEqual(wrong, []);
  });

  it("/docs: what takes something away is sent at the second click only", async () => {
    await rig.gateway.api("POST", "/v1/agent/run", { message: "Hello", sessionKey: "kept" });
    const page = await open("/docs");
    const form = (selector: string) => page.locator(`article[id="session.delete"] ${selector}`);
    await form("summary").click();
    await form("input").fill("kept");
    await form("button[type=submit]").click();
    assert.match(await form(".ask").innerText(), /once more/);
    assert.equal((await rig.gateway.api("GET", "/v1/sessions/kept")).status, 200);
    await form("button[type=submit]").click();
    await form(".answer .status").waitFor();
    assert.equal((await rig.gateway.api("GET", "/v1/sessions/kept")).status, 404);
  });

  it("/docs: a token that was typed in is used instead of the browser's credential", async () => {
    const page = await open("/docs");
    await page.locator("#page-token").fill("not-a-token");
    const form = (selector: string) => page.locator(`article[id="session.list"] ${selector}`);
    await form("summary").click();
    await form("button[type=submit]").click();
    await form(".answer .status").waitFor();
    assert.match(await form(".answer").innerText(), /^401 /);
    assert.doesNotMatch(await form(".curl").innerText(), /not-a-token/);
  });

  it("/docs: the filter leaves what has all its words", async () => {
    const page = await open("/docs");
    await page.locator("#page-filter").fill("post rotate");
    assert.equal(await page.locator("article:visible").count(), 1);
    assert.equal(await page.locator("#page-found").innerText(), "1 found");
  });

  it("/docs/websocket: a method's frame is sent over a ticket's connection, and reply and events are shown", async () => {
    const page = await open("/docs/websocket");
    await page.locator('article[id="chat.run"] .use').click();
    await page.locator("#page-console button[type=submit]").click();
    for (const text of ['"type":"connected"', '"status":"started"', "chat.done"]) {
      await page.locator(`#console-log pre:has-text(${JSON.stringify(text)})`).waitFor();
    }
    assert.equal(await page.locator("#console-state").innerText(), "connected");
    assert.deepEqual(wrong, []);
  });
});
