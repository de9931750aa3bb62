import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import type { EngineEvent } from "../../src/services/browser/engine/base/types.ts";
import { createFrames } from "../../src/services/browser/engine/tabs/frames.ts";
import { until } from "../support/until.ts";
import { startTabRig, type TabRig } from "./tab-rig.ts";

describe("frames of what a tab shows", () => {
  let rig: TabRig;
  let reason: string | undefined;
  const events: EngineEvent[] = [];
  const frames = createFrames({ emit: (event) => void events.push(event), now: Date.now });

  before(async () => {
    const started = await startTabRig();
    if (typeof started === "string") {
      reason = started;
      return;
    }
    rig = started;
    rig.site.pages.set("/still", "<title>Still</title><h1>Still</h1>");
    rig.site.pages.set(
      "/moves",
      "<title>Moves</title><h1>0</h1><script>setInterval(() => document.querySelector('h1').textContent++, 10)</script>",
    );
  });
  after(async () => {
    await frames.close();
    await rig?.close();
  });

  function skip(t: TestContext): boolean {
    if (reason !== undefined) t.skip(reason);
    return reason !== undefined;
  }

  const of = (id: string) => events.flatMap((it) => (it.type === "frame" && it.watchId === id ? [it] : []));

  it("come as JPEGs no wider than wished, at most ten a second, until nobody watches any more", async (t) => {
    if (skip(t)) return;
    const tab = await rig.tab();
    await rig.open(tab, "/moves");
    await frames.watch(tab, { watchId: "narrow", maxWidth: 300, quality: 50 });
    await frames.watch(tab, { watchId: "wide", maxWidth: 900, quality: 50 });
    await until(() => of("narrow").length >= 5 && of("wide").length >= 5, "five frames of each watch");
    const narrow = of("narrow");
    assert.ok(narrow.every(({ width, tabId }) => width <= 300 && tabId === tab.id));
    assert.ok(of("wide").some(({ width }) => width > 300));
    assert.deepEqual([...narrow[0]!.data.subarray(0, 2)], [0xff, 0xd8]);
    const took = narrow.at(-1)!.at - narrow[0]!.at;
    assert.ok(took >= (narrow.length - 1) * 90, `${narrow.length} frames in ${took} ms`);
    await frames.unwatch("narrow");
    const seen = of("narrow").length;
    const more = of("wide").length + 3;
    await until(() => of("wide").length >= more, "the other watch goes on");
    assert.equal(of("narrow").length, seen);
    await frames.unwatch("wide");
    await rig.tabs.close(tab);
  });

  it("go on when a tab gets a new page, and end with the tab", async (t) => {
    if (skip(t)) return;
    const tab = await rig.tab();
    await rig.open(tab, "/still");
    await frames.watch(tab, { watchId: "w", maxWidth: 300, quality: 50 });
    await until(() => of("w").length > 0, "a first frame of a page that does not change");
    await rig.tabs.renew(tab);
    const before = of("w").length;
    await rig.open(tab, "/moves");
    await until(() => of("w").length >= before + 3, "frames of the new page");
    await rig.tabs.close(tab);
    await until(
      () => events.some((it) => it.type === "watch.end" && it.watchId === "w"),
      "the end of the watch",
    );
  });
});
