import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { browserRig, page, tab } from "./browser-rig.ts";

const guest = { trust: "guest" } as const;

describe("profiles", () => {
  it("are chosen by name, and stay in use until another one is", async (t) => {
    const rig = await browserRig(t);
    await rig.call("browser_navigate", { url: page.url, profile: "work" });
    assert.equal(rig.last("navigate")?.profile, "work");
    await rig.call("browser_snapshot", {});
    assert.equal(rig.last("snapshot")?.profile, "work");
    await rig.call("browser_navigate", { url: page.url, profile: "default" });
    await rig.call("browser_screenshot", {});
    assert.equal(rig.last("screenshot")?.profile, "default");
  });

  it("that are not there are refused with the names of those that are", async (t) => {
    const rig = await browserRig(t);
    const { result } = await rig.call("browser_navigate", { url: page.url, profile: "private" });
    assert.match(String(result.error), /no profile "private"\. There are: default, incognito, work\./);
    assert.equal(rig.last("navigate"), undefined);
  });

  it("follow the tab that is made the active one", async (t) => {
    const rig = await browserRig(t, { activate: async () => tab({ id: "t_5", profile: "work" }) });
    await rig.call("browser_tabs", { action: "activate", tabId: "t_5" });
    await rig.call("browser_snapshot", {});
    assert.equal(rig.last("snapshot")?.profile, "work");
  });
});

describe("a guest's run", () => {
  it("has incognito and nothing else", async (t) => {
    const rig = await browserRig(t);
    await rig.call("browser_navigate", { url: page.url }, guest);
    assert.equal(rig.last("navigate")?.profile, "incognito");
    for (const profile of ["default", "work"]) {
      const { result } = await rig.call("browser_navigate", { url: page.url, profile }, guest);
      assert.match(String(result.error), /not the owner's: it has the profile incognito only/);
    }
    assert.equal(rig.asked.filter((it) => it.method === "navigate").length, 1);
  });

  it("leaves the owner's profile in use what it was, and is not moved by the owner's", async (t) => {
    const rig = await browserRig(t);
    await rig.call("browser_navigate", { url: page.url, profile: "work" });
    await rig.call("browser_navigate", { url: page.url }, guest);
    await rig.call("browser_snapshot", {}, guest);
    assert.equal(rig.last("snapshot")?.profile, "incognito");
    await rig.call("browser_snapshot", {});
    assert.equal(rig.last("snapshot")?.profile, "work");
  });

  it("neither sees nor reaches the owner's tabs of the same session", async (t) => {
    const own = tab({ id: "t_2", profile: "incognito" });
    const rig = await browserRig(t, { tabs: async () => [tab(), own] });
    const { result } = await rig.call("browser_tabs", { action: "list" }, guest);
    assert.deepEqual(
      (result.tabs as { tabId: string }[]).map((it) => it.tabId),
      ["t_2"],
    );
    for (const action of ["activate", "close", "back", "reload"]) {
      const refused = await rig.call("browser_tabs", { action, tabId: "t_1" }, guest);
      assert.match(String(refused.result.error), /There is no tab "t_1"/, action);
    }
    assert.equal(
      rig.asked.some((it) => it.method !== "tabs"),
      false,
    );
    await rig.call("browser_tabs", { action: "close", tabId: "t_2" }, guest);
    assert.partialDeepStrictEqual(rig.last("close"), { tabId: "t_2", profile: "incognito" });
  });
});

describe("a call", () => {
  it("has its own deadline", async (t) => {
    const rig = await browserRig(t);
    await rig.call("browser_navigate", { url: page.url });
    await rig.call("browser_click", { ref: "e1" });
    await rig.call("browser_download", { ref: "e1" });
    const ms = (method: string) => rig.last(method)?.timeoutMs;
    assert.deepEqual(
      [ms("navigate"), ms("inspect"), ms("act"), ms("download")],
      [30_000, 15_000, 15_000, 120_000],
    );
  });

  it("ends with its run: the engine hears the run's signal", async (t) => {
    const run = new AbortController();
    const heard = Promise.withResolvers<AbortSignal>();
    const rig = await browserRig(t, {
      navigate: (_, { signal }) => {
        heard.resolve(signal);
        return new Promise(() => {});
      },
    });
    const call = rig.call("browser_navigate", { url: page.url }, { signal: run.signal });
    const signal = await heard.promise;
    run.abort(new Error("the run is over"));
    await assert.rejects(call, /the run is over/);
    assert.equal(signal.aborted, true);
  });
});
