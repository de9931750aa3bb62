import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";

import { type AddressInfo, createServer } from "node:net";
import { after, before, describe, it, type TestContext } from "node:test";
import { GatewayError } from "../../src/lib/errors.ts";
import type { Tab } from "../../src/services/browser/engine/base/tab.ts";
import { failsWith, startTabRig, type TabRig } from "./tab-rig.ts";

describe("navigation", () => {
  let rig: TabRig;
  let tab: Tab;
  let reason: string | undefined;

  before(async () => {
    const started = await startTabRig({
      guard: {
        judge(url) {
          if (url.startsWith("ftp:")) throw new GatewayError("invalid_request", "No ftp.", { param: "url" });
        },
        refusal: (url) => (url.includes("/inside") ? "127.0.0.2 may not be opened." : undefined),
        isRefusal: (headers) => headers["x-refused"] !== undefined,
      },
    });
    if (typeof started === "string") {
      reason = started;
      return;
    }
    rig = started;
    const { pages } = rig.site;
    const goes =
      (status: number, headers: Record<string, string> = {}) =>
      (_: unknown, response: ServerResponse) =>
        void response.writeHead(status, headers).end();
    pages.set("/", "<title>Home</title>");
    pages.set("/two", "<title>Two</title>");
    pages.set("/gone", (_, response) => {
      response.writeHead(410, { "content-type": "text/html" });
      response.end("<title>Gone</title>");
    });
    pages.set("/nothing", goes(204));
    pages.set("/loop", goes(302, { location: "/loop" }));
    pages.set("/to-inside", goes(302, { location: "/inside" }));
    pages.set("/inside", goes(403, { "x-refused": "1" }));
    pages.set("/empty", (request) => request.socket.destroy());
    pages.set("/never", () => {});
    pages.set("/loads-for-ever", (_, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.write("<title>Half</title><h1>Half</h1>");
    });
    pages.set("/goes-on", "<title>On</title><script>location.href = '/two'</script>");
    pages.set(
      "/histories",
      "<title>Histories</title><script>setInterval(() => { for (let i = 0; i < 50; i++) history.pushState(0, '', '?' + Math.random()) }, 5)</script>",
    );
    pages.set("/reloads", "<title>Reloads</title><script>location.reload()</script>");
    tab = await rig.tab();
  });
  after(() => rig?.close());

  function skip(t: TestContext): boolean {
    if (reason !== undefined) t.skip(reason);
    return reason !== undefined;
  }

  const at = (path: string) => `${rig.site.url}${path}`;
  /** The next call works. */
  async function works(): Promise<void> {
    const { success, title, url } = await rig.open(tab, "/");
    assert.deepEqual({ success, title, url }, { success: true, title: "Home", url: at("/") });
  }

  it("says where it has arrived, and with what status", async (t) => {
    if (skip(t)) return;
    assert.deepEqual(await rig.open(tab, "/"), {
      success: true,
      url: at("/"),
      title: "Home",
      status: 200,
      tabId: tab.id,
    });
    const { success, status, title } = await rig.open(tab, "/gone");
    assert.deepEqual({ success, status, title }, { success: false, status: 410, title: "Gone" });
  });

  it("goes back, forward and over the same page again, and says where there is nothing", async (t) => {
    if (skip(t)) return;
    const fresh = await rig.tab("session:h");
    const step = (by: -1 | 0 | 1) =>
      rig.act(fresh, 10_000, (doing) => rig.navigation.history(fresh, by, {}, doing));
    await rig.open(fresh, "/");
    await rig.open(fresh, "/two");
    assert.equal((await step(-1)).title, "Home");
    assert.equal((await step(1)).title, "Two");
    assert.equal((await step(0)).status, 200);
    const nowhere = await step(1);
    assert.equal(nowhere.success, false);
    assert.equal(nowhere.url, at("/two"));
    assert.deepEqual(nowhere.notes, ["There is no page to go forward to in this tab."]);
    await rig.tabs.endOwner("session:h");
  });

  it("says in plain words why a site cannot be opened", async (t) => {
    if (skip(t)) return;
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const free = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`; // listens on TCP
    server.close();
    await once(server, "close");
    await assert.rejects(rig.open(tab, free), failsWith("upstream_error", /the connection was refused/));
    assert.equal((await rig.tabs.view(tab)).url, free);
    await works();
    await assert.rejects(
      rig.open(tab, "/empty"),
      failsWith("upstream_error", /closed the connection without an answer/),
    );
    await works();
    const secure = at("/").replace("http:", "https:");
    await assert.rejects(rig.open(tab, secure), failsWith("upstream_error", /no secure connection/));
    await works();
    await assert.rejects(rig.open(tab, "/loop"), failsWith("upstream_error", /redirects without end/));
    await works();
    await assert.rejects(
      rig.open(tab, "http://127.0.0.1:1/"),
      failsWith("invalid_request", /do not open that port/, "url"),
    );
    await works();
  });

  it("tells what the guard refuses, at once and after a redirect", async (t) => {
    if (skip(t)) return;
    await assert.rejects(rig.open(tab, "ftp://127.0.0.1/"), failsWith("invalid_request", /No ftp/, "url"));
    await assert.rejects(
      rig.open(tab, "/to-inside"),
      failsWith("invalid_request", /127\.0\.0\.2 may not/, "url"),
    );
    await works();
  });

  it("stays where it is when a site answers without a page", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/two");
    const { success, status, url, notes } = await rig.open(tab, "/nothing");
    assert.deepEqual({ success, status, url }, { success: false, status: 204, url: at("/two") });
    assert.match(String(notes), /HTTP 204 and no page/);
  });

  it("ends in time where no answer comes, and the next call works", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/two");
    await assert.rejects(
      rig.open(tab, "/never", 500),
      failsWith("timeout", /longer than 0\.5 s\. No answer has come from .*\/never\. The tab shows "Two"/),
    );
    await works();
  });

  it("says that a page is there which never finishes loading", async (t) => {
    if (skip(t)) return;
    await assert.rejects(
      rig.open(tab, "/loads-for-ever", 1_200),
      failsWith("timeout", /The page shows "Half" .* and is still loading/),
    );
    const { success, title } = await rig.act(tab, 5_000, (doing) =>
      rig.navigation.open(tab, at("/loads-for-ever"), { waitUntil: "commit" }, doing),
    );
    assert.equal(success, true);
    assert.ok(["", "Half"].includes(title));
    await works();
  });

  it("arrives where a page sends it on to", async (t) => {
    if (skip(t)) return;
    const { success, url } = await rig.open(tab, "/goes-on");
    assert.equal(success, true);
    assert.ok([at("/two"), at("/goes-on")].includes(url));
    await works();
  });

  it("gets away from a page that fills its history without end or loads itself again and again", async (t) => {
    if (skip(t)) return;
    await rig.open(tab, "/histories", 1_500).catch(failsWith("timeout", /./));
    await works();
    for (let times = 0; times < 3; times++) {
      await rig.open(tab, "/reloads", 500).catch(failsWith("timeout", /./));
      await works();
    }
  });
});
