import { systemClock } from "../../../lib/clock.ts";
import type { Engine, EngineConfig, EngineEvent } from "./base/types.ts";
import { createChromes } from "./chromium/chromes.ts";
import { createProfiles } from "./chromium/profiles.ts";
import { createGuard } from "./guard/guard.ts";
import { createOnTab } from "./on-tab.ts";
import { createPageWork } from "./page/page.ts";
import { createTabCalls } from "./tab-calls.ts";
import { createFiles } from "./tabs/files.ts";
import { createFrames } from "./tabs/frames.ts";
import { createNavigation } from "./tabs/navigation.ts";
import { createPictures } from "./tabs/pictures.ts";
import { createTabs } from "./tabs/tabs.ts";

/** Longest time for a browser to start, ms. */
const startMs = 30_000;

/** Puts the engine's parts together. `emit` gets what happens by itself. */
export async function createEngine(
  config: EngineConfig,
  emit: (event: EngineEvent) => void,
): Promise<Engine> {
  const now = systemClock.now;
  const log = (level: "info" | "warn" | "error", facts: Record<string, unknown>, text: string) =>
    emit({ type: "log", level, facts, text });
  const guard = await createGuard(config);
  const profiles = createProfiles({ config });
  const tabs = createTabs({
    config,
    now,
    onDownload: (tab, file) => emit({ type: "download", owner: tab.owner, file }),
  });
  const chromes = createChromes({
    config,
    guard,
    profiles,
    onContext: (lease, owner) => tabs.adopt(lease, owner),
    onGone(profile, why) {
      tabs.drop(profile);
      log("info", { profile, why }, "a browser has ended");
    },
    onIdle: () => emit({ type: "idle" }),
    log,
    now,
  });
  const navigation = createNavigation({ guard, tabs });
  const pictures = createPictures({ config });
  const files = createFiles({ config, tabs, navigation });
  const frames = createFrames({
    emit,
    now,
  });
  const page = createPageWork({ now });
  const on = createOnTab({ chromes, tabs, defaultProfile: config.defaultProfile, now });

  return {
    async status() {
      const running = await chromes.running();
      return {
        ...running,
        running: running.processes.length > 0,
        profile: on.lastProfile(),
        tabs: await tabs.list(),
      };
    },

    async start({ profile }, { signal }) {
      await on.lease(profile, "api", on.doingOf({}, startMs, signal));
      return { version: (await chromes.running()).version };
    },

    stop: ({ profile }) => chromes.stop(profile),
    tabs: ({ profile }) => tabs.list(profile),

    ...createTabCalls({ config, guard, on, tabs, navigation, pictures, files, page }),

    async watch({ tabId, ...wish }) {
      const tab = on.existing({ owner: "api", tabId });
      await frames.watch(tab, wish);
      return { tabId: tab.id };
    },

    unwatch: ({ watchId }) => frames.unwatch(watchId),

    async profiles() {
      const all = await profiles.list();
      return all.map((it) => ({
        ...it,
        running: chromes.isRunning(it.name),
        tabs: tabs.countOf(it.name),
      }));
    },

    async createProfile({ profile, color }) {
      return { ...(await profiles.create(profile, color)), running: false, tabs: 0 };
    },

    async resetProfile({ profile }) {
      await profiles.require(profile);
      const reset = await chromes.whileStopped(profile, () => profiles.reset(profile));
      return { ...reset, running: false, tabs: 0 };
    },

    async deleteProfile({ profile }) {
      await profiles.requireDeletable(profile);
      await chromes.whileStopped(profile, () => profiles.delete(profile));
      return true;
    },

    async endOwner({ owner }) {
      on.forget(owner);
      await tabs.endOwner(owner);
      await chromes.endOwner(owner);
    },

    async shutdown() {
      await frames.close();
      await chromes.close();
      await guard.close();
    },
  };
}
