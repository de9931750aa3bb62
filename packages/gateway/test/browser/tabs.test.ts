import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import { until } from "../support/until.ts";
import { failsWith, startTabRig, type TabRig } from "./tab-rig.ts";

describe("tabs of a real Chromium", () => {
  let rig: TabRig;
  let reason: string | undefined;

  before(async () => {
    const started = await startTabRig({ maxTabs: 4 });
    if (typeof started === "string") {
      reason = started;
      return;
    }
    rig = started;
    const { pages } = rig.site;
    pages.set("/", "<title>Home</title><h1>Home</h1>");
    pages.set(
      "/opens",
      "<title>Opens</title><button id=one onclick='window.open(\"/\")'>one</button>" +
        "<button id=many onclick='for (let i = 0; i < 50; i++) window.open(\"/?\" + i)'>many</button>",
    );
    pages.set(
      "/asks",
      "<title>Asks</title><script>alert('Hi\\u202e there'); document.title = String(confirm('Sure?'))</script>",
    );
    pages.set(
      "/talks",
      "<title>Talks</title><script>console.warn('x'.repeat(5000)); fetch('/data'); throw new Error('Oh no')</script>",
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

  it("lists an owner's tabs, and the one created last is the active one until another is activated", async (t) => {
    if (skip(t)) return;
    const one = await rig.tab("session:a");
    const two = await rig.tab("session:a");
    await rig.open(one, "/");
    assert.match(one.id, /^t_[\w-]{8}$/);
    assert.equal(rig.tabs.find({ owner: "session:a", profile: "default" }), two);
    assert.deepEqual(
      (await rig.tabs.list("default")).map(({ id, title, active }) => ({ id, title, active })),
      [
        { id: one.id, title: "Home", active: false },
        { id: two.id, title: "", active: true },
      ],
    );
    await rig.tabs.activate(one);
    assert.equal(rig.tabs.find({ owner: "session:a" }), one);
    await rig.tabs.close(one);
    assert.equal(rig.tabs.find({ owner: "session:a" }), two);
    assert.equal(rig.tabs.countOf("default"), 1);
    await rig.tabs.endOwner("session:a");
    assert.equal(rig.tabs.find({ owner: "session:a" }), undefined);
    await until(() => rig.context.pages().length === 0, "every page is closed");
  });

  it("gives a tab to its owner and to clients only", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      assert.equal(rig.tabs.find({ owner: "api", tabId: tab.id }), tab);
      assert.throws(
        () => rig.tabs.find({ owner: "session:b", tabId: tab.id }),
        failsWith("not_found", /no such tab/, "tabId"),
      );
    }, "session:a");
  });

  it("refuses tabs beyond the limit of an owner", async (t) => {
    if (skip(t)) return;
    await Promise.all([1, 2, 3, 4].map(() => rig.tab("session:c")));
    await assert.rejects(rig.tab("session:c"), failsWith("conflict", /4 tabs are open/));
    await rig.tabs.endOwner("session:c");
    await rig.tab("session:c");
    await rig.tabs.endOwner("session:c");
  });

  it("makes a tab that a page opens its owner's, and says so", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      await rig.open(tab, "/opens");
      await rig.act(tab, 5_000, () => tab.page.click("#one"));
      await until(async () => (await rig.tabs.list()).length === 2, "the new tab is there");
      const popup = (await rig.tabs.list()).find(({ id }) => id !== tab.id)!;
      const { notes } = await rig.act(tab, 5_000, () => rig.navigation.now(tab));
      assert.deepEqual(notes, [`The page opened a new tab, ${popup.id}: "Home" (${rig.site.url}/)`]);
      assert.equal(rig.tabs.find({ owner: "session:d", tabId: popup.id })?.owner, "session:d");
      assert.equal(rig.tabs.find({ owner: "session:d" }), tab);
    }, "session:d");
  });

  it("closes tabs that a page opens beyond the limit, and counts them", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      await rig.open(tab, "/opens");
      for (let i = 0; i < 5; i++) await rig.act(tab, 10_000, () => tab.page.click("#one"));
      const notes: string[] = [];
      await until(async () => {
        notes.push(...((await rig.act(tab, 5_000, () => rig.navigation.now(tab))).notes ?? []));
        return /was closed: there are as many as there may be/.test(notes.join());
      }, "the note about those beyond the limit");
      await until(() => rig.context.pages().length === 4, "they are closed");
      assert.equal(rig.tabs.countOf("default"), 4);
    }, "session:f");
  });

  it("answers dialogs at once and tells of them", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      const { title, notes } = await rig.open(tab, "/asks");
      assert.equal(title, "false");
      assert.deepEqual(notes, [
        'The page said in a dialog: "Hi there". It was closed.',
        'The page asked in a dialog: "Sure?". It was answered with Cancel.',
      ]);
    });
  });

  it("keeps what pages write to the console and request, bounded", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      await rig.open(tab, "/talks");
      const network = () => rig.tabs.network(tab, 10).entries;
      await until(
        () => network().some(({ ms, type }) => type === "fetch" && ms !== null),
        "the fetch has ended",
      );
      const [warning, ...rest] = rig.tabs.console(tab, 10).entries;
      assert.deepEqual([warning?.level, warning?.text.length], ["warning", 2_001]);
      assert.match(String(rest.map(({ text }) => text)), /Oh no/);
      const fetched = network().find(({ type }) => type === "fetch");
      assert.deepEqual(
        [fetched?.method, fetched?.url, fetched?.status],
        ["GET", `${rig.site.url}/data`, 404],
      );
      assert.equal(rig.tabs.console(tab, 1).entries.length, 1);
    });
  });

  it("takes a tab away from what is no page of the web", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      await tab.page.goto("chrome://version/").catch(() => undefined);
      await until(() => tab.page.url() === "about:blank", "the tab is empty");
      assert.match(String((await rig.navigation.now(tab)).notes), /may not be shown/);
    });
  });

  it("ends at once when the caller gives up, and what it leaves behind does not disturb the next action", async (t) => {
    if (skip(t)) return;
    rig.site.pages.set("/never", () => {});
    await withTab(async (tab) => {
      await rig.open(tab, "/");
      const caller = new AbortController();
      const waiting = rig.act(
        tab,
        10_000,
        (doing) => rig.navigation.open(tab, `${rig.site.url}/never`, {}, doing),
        caller.signal,
      );
      const given = new Error("given up");
      setTimeout(() => caller.abort(given), 100);
      await assert.rejects(waiting, (error) => error === given);
      assert.equal((await rig.open(tab, "/opens")).title, "Opens");
      assert.equal(tab.page.url(), `${rig.site.url}/opens`);
    });
  });

  it("does one action after another on a tab, and one that is given up while it waits is not done", async (t) => {
    if (skip(t)) return;
    await withTab(async (tab) => {
      const order: number[] = [];
      const first = Promise.withResolvers<void>();
      const { signal } = new AbortController();
      const one = tab.exclusive(() => first.promise.then(() => void order.push(1)), signal);
      const two = tab.exclusive(async () => void order.push(2), AbortSignal.abort(new Error("no")));
      const three = tab.exclusive(async () => void order.push(3), signal);
      await assert.rejects(two, /no/);
      first.resolve();
      await Promise.all([one, three]);
      assert.deepEqual(order, [1, 3]);
    });
  });
});
