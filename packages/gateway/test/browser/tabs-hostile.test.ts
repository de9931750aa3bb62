import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import { failsWith, startTabRig, type TabRig } from "./tab-rig.ts";

describe("tabs with hostile pages", () => {
  let rig: TabRig;
  let reason: string | undefined;

  before(async () => {
    const started = await startTabRig({ maxTabs: 4, patienceMs: 500 });
    if (typeof started === "string") {
      reason = started;
      return;
    }
    rig = started;
    const { pages } = rig.site;
    pages.set("/", "<title>Home</title><h1>Home</h1>");
    pages.set("/hangs", "<title>Hangs</title><button onclick='for (;;);'>go</button>");
    pages.set(
      "/opens",
      "<title>Opens</title><button id=one onclick='window.open(\"/\")'>one</button>" +
        "<button id=many onclick='for (let i = 0; i < 50; i++) window.open(\"/?\" + i)'>many</button>",
    );
    pages.set("/asks-for-ever", "<title>Trap</title><script>for (;;) alert('Stay!')</script>");
    pages.set(
      "/stay",
      "<title>Stay</title><button onclick='1'>b</button><script>onbeforeunload = (event) => event.preventDefault()</script>",
    );
  });
  after(() => rig?.close());

  function skip(t: TestContext): boolean {
    if (reason !== undefined) t.skip(reason);
    return reason !== undefined;
  }

  async function withTab(
    use: (tab: Awaited<ReturnType<TabRig["tab"]>>) => Promise<void>,
    owner = "api",
  ): Promise<void> {
    const tab = await rig.tab(owner);
    try {
      await use(tab);
    } finally {
      await rig.tabs.endOwner(owner);
    }
  }

  it("stays usable when a page opens 50 tabs", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      await rig.open(tab, "/opens");
      // Where Chromium lets all of them through, they may keep it busy up to the deadline.
      await rig.act(tab, 8_000, () => tab.page.click("#many")).catch(failsWith("timeout", /longer than 8 s/));
      const { title, success } = await rig.open(tab, "/");
      assert.deepEqual({ title, success }, { title: "Home", success: true });
      assert.ok(rig.tabs.countOf("default") <= 4);
    }, "session:e");
  });

  it("throws away a page in an endless loop, says so within the deadline, and the tab goes on", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      await rig.open(tab, "/hangs");
      const began = Date.now();
      await assert.rejects(
        rig.act(tab, 2_000, (doing) =>
          tab.page.evaluate("document.querySelector('button').click()").then(() => doing),
        ),
        failsWith(
          "timeout",
          /^The work took longer than 2 s\. The page "Hangs" \(.*\/hangs\) does not respond any more/,
        ),
      );
      assert.ok(Date.now() - began < 3_000, `took ${Date.now() - began} ms`);
      const { title, notes } = await rig.open(tab, "/");
      assert.equal(title, "Home");
      assert.match(String(notes), /did not respond any more and was thrown away/);
      assert.equal(rig.context.browser()?.isConnected(), true);
    });
  });

  it("finds out that a page hangs even when the deadline is short", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      await rig.open(tab, "/hangs");
      await assert.rejects(
        rig.act(tab, 300, () => tab.page.evaluate("for (;;);")),
        failsWith("timeout", /longer than 0\.3 s.*does not respond just now/),
      );
      assert.equal((await rig.open(tab, "/")).title, "Home");
    });
  });

  it("goes on with an empty page after a crash, and the action that was running says so", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      await rig.open(tab, "/");
      const session = await tab.cdp();
      const waiting = rig.act(tab, 10_000, () => tab.page.waitForSelector("#never"));
      session.send("Page.crash").catch(() => undefined);
      await assert.rejects(waiting, failsWith("service_unavailable", /The page has crashed/));
      const { title, notes } = await rig.open(tab, "/");
      assert.equal(title, "Home");
      assert.deepEqual(notes, ["The page has crashed: the tab is empty now."]);
    });
  });

  it("throws away a page that opens dialogs for ever, and the tab goes on", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      await assert.rejects(
        rig.open(tab, "/asks-for-ever"),
        failsWith("service_unavailable", /dialogs without end/),
      );
      const { title, notes } = await rig.open(tab, "/");
      assert.equal(title, "Home");
      assert.match(String(notes), /"Stay!".*\(\d+ times\).*dialogs without end/);
    });
  });

  it("says so when the browser is killed during an action, and has no tab of it any more", async (t) => {
    if (skip(t)) return;
    const own = await startTabRig();
    if (typeof own === "string") return t.skip(own);
    t.after(() => own.close());
    const tab = await own.tab();
    await own.open(tab, "/");
    const session = await own.context.browser()!.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const waiting = own.act(tab, 10_000, () => tab.page.waitForSelector("#never"));
    process.kill(processInfo.find(({ type }) => type === "browser")!.id, "SIGKILL");
    await assert.rejects(
      waiting,
      failsWith("service_unavailable", /came to no end: The browser has ended\./),
    );
    assert.deepEqual([tab.alive?.(), own.tabs.countOf("default")], [false, 0]);
  });

  it("leaves a page that wants to be stayed on", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      await rig.open(tab, "/stay");
      await rig.act(tab, 5_000, () => tab.page.click("button"));
      const { title, notes } = await rig.open(tab, "/");
      assert.equal(title, "Home");
      assert.match(String(notes), /asked to stay/);
    });
  });
});
