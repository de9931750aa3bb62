import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { startGateway, type TestGateway } from "../../gateway/test/support/gateway.ts";
import { findChromium } from "./support/chromium.ts";
import { startCuttingWire } from "./support/cutting-wire.ts";
import { launch, startSite } from "./support/page.ts";

declare global {
  interface Window {
    /** Put there by the site's page. */
    client: typeof import("../src/index.ts");
  }
}

const chromium = await findChromium();
const skip = typeof chromium === "string" ? chromium : false;

describe("in a page, in Chromium", { skip }, () => {
  let browser: Browser;
  let site: Awaited<ReturnType<typeof startSite>>;
  let gateway: TestGateway;
  let page: Page;
  before(async () => {
    if (typeof chromium === "string") return;
    browser = await launch(chromium);
    site = await startSite();
    gateway = await startGateway({ config: { gateway: { controlUi: { allowedOrigins: [site.origin] } } } });
    page = await openPage(browser, site.origin);
  });
  after(async () => {
    await browser?.close();
    await gateway?.close();
    await site?.[Symbol.asyncDispose]();
  });

  test("the published client, in a page of another origin, calls methods and streams a run over fetch", async () => {
    const got = await page.evaluate(
      async (options) => {
        const client = new window.client.OpenClawClient(options);
        let text = "";
        let response = "";
        for await (const event of client.agent.stream({ message: "Hello!", sessionKey: "page" })) {
          if (event.type === "delta") text += event.data.delta;
          if (event.type === "done") response = event.data.response;
        }
        return { text, response, session: await client.sessions.get("page") };
      },
      { baseUrl: gateway.url, token: gateway.token },
    );
    assert.match(got.text, /demo model/);
    assert.equal(got.text, got.response);
    assert.equal(got.session.messageCount, 2);
  });

  test("it streams a run over a WebSocket, whose address holds no credential", async () => {
    const opened: string[] = [];
    page.on("websocket", (socket) => opened.push(socket.url()));
    const got = await page.evaluate(
      async (options) => {
        const client = new window.client.OpenClawClient(options);
        const run = await client.chat.run({ message: "Hello!" });
        let text = "";
        for await (const event of run) if (event.type === "chat.delta") text += event.data.delta;
        const { response } = await run.done;
        client.chat.close();
        return { text, response };
      },
      { baseUrl: gateway.url, token: gateway.token },
    );
    assert.match(got.text, /demo model/);
    assert.equal(got.text, got.response);
    assert.deepEqual(opened, [`${gateway.url.replace("http", "ws")}/`]);
  });

  test("runs over both survive a connection that breaks again and again", async () => {
    await using wire = await startCuttingWire(gateway.url, (nth) => nth % 5 === 0);
    const got = await page.evaluate(
      async (options) => {
        const client = new window.client.OpenClawClient({ ...options, reconnectDelay: () => 1 });
        const runs = [];
        const message = "/slow 20";
        let text = "";
        for await (const event of client.agent.stream({ message })) {
          if (event.type === "delta") text += event.data.delta;
          if (event.type === "done") runs.push({ text, response: event.data.response });
        }
        text = "";
        const run = await client.chat.run({ message });
        for await (const event of run) if (event.type === "chat.delta") text += event.data.delta;
        runs.push({ text, response: (await run.done).response });
        client.chat.close();
        return runs;
      },
      { baseUrl: wire.url, token: gateway.token },
    );
    assert.equal(got.length, 2);
    for (const { text, response } of got) {
      assert.match(response, /18 19 20$/);
      assert.equal(text, response);
    }
    assert.ok(wire.cuts() >= 4, `${wire.cuts()} cuts`);
  });

  test("a refusal is the gateway's typed error, with the id that finds it in the log", async () => {
    const error = await page.evaluate(
      async (options) => {
        const client = new window.client.OpenClawClient(options);
        const error: unknown = await client.sessions.get("none").catch((error: unknown) => error);
        return window.client.isCode(error, "not_found")
          ? { ...error, message: error.message }
          : String(error);
      },
      { baseUrl: gateway.url, token: gateway.token },
    );
    assert.ok(typeof error === "object", `${error}`);
    assert.equal(error.status, 404);
    assert.match(error.requestId ?? "", /./);
  });

  test("in a page of the gateway's own origin the client needs no address, and the gateway no setting", async () => {
    const own = await browser.newPage();
    await site.serveIn(own, gateway.url);
    await own.goto(`${gateway.url}/healthz`);
    await own.evaluate(async (path) => {
      window.client = await import(path);
    }, "/packages/client/dist/index.js");
    const got = await own.evaluate(async (token) => {
      const client = new window.client.OpenClawClient({ token });
      const run = await client.chat.run({ message: "Hello!" });
      const { response } = await run.done;
      client.chat.close();
      return { origin: location.origin, response, status: (await client.status()).status };
    }, gateway.token);
    assert.equal(got.origin, gateway.url);
    assert.equal(got.status, "ok");
    assert.match(got.response, /demo model/);
  });

  test("a page of an origin that is not allowed gets no answer, over neither", async () => {
    await using other = await startSite();
    const stranger = await openPage(browser, other.origin);
    const names = await stranger.evaluate(
      async (options) => {
        const client = new window.client.OpenClawClient(options);
        const failed = (error: Error) => error.name;
        return [
          await client.status().then(() => "", failed),
          await client.chat.run({ message: "Hi" }).then(() => "", failed),
        ];
      },
      { baseUrl: gateway.url, token: gateway.token },
    );
    assert.deepEqual(names, ["ConnectionError", "ConnectionError"]);
  });
});

async function openPage(browser: Browser, origin: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(origin);
  await page.waitForFunction(() => window.client !== undefined);
  return page;
}
