import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { findChromium } from "../../../../client/test/support/chromium.ts";
import { type Answer, type Json, startGateway, type TestGateway } from "../../support/gateway.ts";
import { descendantsOf } from "../../support/processes.ts";
import { type StandIn, standIn } from "../../support/stand-in.ts";
import { until } from "../../support/until.ts";

/** Pages that want no good: each ends in a truthful error within its deadline, and the next call works. */

const chromium = await findChromium();
const skip = typeof chromium === "string" ? chromium : undefined;

let gateway: TestGateway;
let site: StandIn;
/** Stands for what is inside: it is on no list. */
let inside: StandIn;

const pages: Record<string, string> = {
  "/": "<title>Fine</title><h1>All is well</h1>",
  "/hangs": "<title>Hangs</title><h1>Soon</h1><script>setTimeout(() => { for (;;); }, 0)</script>",
  "/tabs":
    "<title>Tabs</title><button onclick=\"for (let i = 0; i < 50; i++) window.open('/?' + i)\">Open</button>",
  "/dialogs": "<title>Dialogs</title><script>for (;;) alert('again')</script>",
  "/wait": "<title>Waits</title><p>Nothing comes.</p>",
};

before(async () => {
  inside = await standIn((response) => response.end("inside"), "127.0.0.2");
  site = await standIn((response, { path }) => {
    const { pathname } = new URL(path, "http://site");
    if (pathname === "/inside") return response.writeHead(302, { location: `${inside.url}/` }).end();
    if (pathname === "/parts") {
      response.setHeader("content-type", "text/html");
      return response.end(`<title>Parts</title><img src="${inside.url}/a.png"><script>
        fetch("${inside.url}/fetch", { mode: "no-cors" }).catch(() => {});
        new WebSocket("${inside.url.replace("http", "ws")}/ws");
      </script>`);
    }
    if (pathname === "/endless") {
      response.writeHead(200, {
        "content-type": "application/octet-stream",
        "content-disposition": "attachment; filename=endless.bin",
      });
      const piece = Buffer.alloc(64 * 1024);
      const timer = setInterval(() => response.write(piece), 2);
      return void response.on("close", () => clearInterval(timer));
    }
    const page = pages[pathname];
    response.writeHead(page ? 200 : 404, { "content-type": "text/html" }).end(page ?? "none");
  });
  gateway = await startGateway({
    config: { browser: { allowPrivate: ["127.0.0.1"], downloadMaxMb: 1, maxTabs: 8 } },
  });
});

after(async () => {
  await gateway.close();
  await site.close();
  await inside.close();
});

const open = (path: string, more: Json = {}): Promise<Answer> =>
  gateway.api("POST", "/v1/browser/navigate", { url: `${site.url}${path}`, ...more });

async function nextCallWorks(): Promise<void> {
  const { status, body, text } = await open("/");
  assert.equal(status, 200, text);
  assert.equal(body.title, "Fine");
}

/** The answer, and that it came in time: the deadline, and what finding out about the page may take. */
async function within(ms: number, work: () => Promise<Answer>): Promise<Answer> {
  const startedAt = performance.now();
  const answer = await work();
  assert.ok(performance.now() - startedAt < ms + 6_000, "it took far longer than its deadline");
  return answer;
}

describe("a page that", { skip }, () => {
  test("hangs ends the call by its deadline, and says so", async () => {
    await open("/");
    const { status, body, text } = await within(1_500, async () => {
      const first = await open("/hangs", { timeoutMs: 1_500 });
      if (first.status !== 200) return first; // the load event had not come yet
      return gateway.api("POST", "/v1/browser/snapshot", { timeoutMs: 1_500 });
    });
    assert.equal(status, 504, text);
    assert.equal(body.error.code, "timeout");
    assert.match(body.error.message, /hangs/i);
    await nextCallWorks();
  });

  test("crashes its renderer ends the action that is under way", async () => {
    await open("/wait");
    const waiting = gateway.api("POST", "/v1/browser/act", {
      action: { kind: "wait", text: "never" },
      timeoutMs: 20_000,
    });
    await until(async () => {
      const { body } = await gateway.api("GET", "/v1/browser/tabs");
      return body.tabs.length > 0;
    }, "there is a tab");
    for (const it of await descendantsOf(gateway.pid)) {
      if (it.command.includes("--type=renderer")) process.kill(it.pid, "SIGKILL");
    }
    const { status, body, text } = await waiting;
    assert.ok(status >= 500, text);
    assert.match(body.error.message, /crash/i);
    // Those that Chromium keeps ready were killed as well: a page that is given one of them crashes, too.
    await until(async () => (await open("/")).status === 200, "the tab works again", 40_000);
    await nextCallWorks();
  });

  test("opens 50 tabs keeps some and the tab itself", async () => {
    await open("/tabs");
    const { status, body, text } = await gateway.api("POST", "/v1/browser/act", {
      action: { kind: "click", selector: "button" },
    });
    assert.equal(status, 200, text);
    assert.equal(body.title, "Tabs");
    const tabs = await gateway.api("GET", "/v1/browser/tabs");
    assert.ok(tabs.body.tabs.length <= 8, `${tabs.body.tabs.length} tabs are open`);
    await nextCallWorks();
  });

  test("redirects to an address that is not allowed is refused, naming the url", async () => {
    const { status, body, text } = await open("/inside");
    assert.equal(status, 400, text);
    assert.equal(body.error.code, "invalid_request");
    assert.equal(body.error.param, "url");
    assert.match(body.error.message, /127\.0\.0\.2/);
    assert.equal(inside.hits.length, 0);
    await nextCallWorks();
  });

  test("asks for parts from such an address gets none of them", async () => {
    assert.equal((await open("/parts")).status, 200);
    await until(async () => {
      const { body } = await gateway.api("GET", "/v1/browser/network");
      return body.entries.filter((it: Json) => it.url.includes("127.0.0.2")).length >= 2;
    }, "the page has asked");
    assert.equal(inside.hits.length, 0);
    await nextCallWorks();
  });

  test("serves an endless download is cut off, and nothing of it is kept", async () => {
    const { status, text } = await open("/endless");
    assert.equal(status, 200, text);
    await until(async () => site.open() === 0 || !(await isLoading()), "the download is cut off");
    await nextCallWorks();
    const { body } = await gateway.api("GET", "/v1/media");
    assert.deepEqual(body.media, []);

    async function isLoading(): Promise<boolean> {
      return site.hits.some((it) => it.path === "/endless") && site.open() > 1;
    }
  });

  test("opens dialogs for ever ends with an error that says so", async () => {
    const { status, body, text } = await within(5_000, () => open("/dialogs", { timeoutMs: 5_000 }));
    assert.ok(status >= 400, text);
    assert.match(body.error.message, /dialog/i);
    await nextCallWorks();
  });
});
