import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserConfig, ResultOf } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Log } from "../../lib/log.ts";
import type { BrowserPort } from "../../runtime/tools/ports.ts";
import type { MediaPort } from "../media.ts";
import type { RunScope } from "../run-scope.ts";
import type { Watched } from "../subscription.ts";
import { createDemand } from "./demand.ts";
import type { CallOptions, DownloadedFile, EngineConfig } from "./engine/base/types.ts";
import { engineConfig } from "./engine-config.ts";
import { type BrowserMethods, createMethods } from "./methods.ts";
import { createBrowserPort } from "./port.ts";
import { createWatching } from "./watching.ts";

/** The browser, for clients and for agents. Nothing of it is loaded before somebody asks for a page. */
export interface Browser extends BrowserMethods {
  /** Never starts anything. */
  status(): Promise<ResultOf<"browser.status">>;
  profiles(): Promise<ResultOf<"browser.profiles">>;
  /** What a tab shows, as it changes. */
  watch(
    wish: { tabId: string; maxWidth?: number | undefined; quality?: number | undefined },
    options: CallOptions,
  ): Promise<Watched>;
  /** The browser as the tools of one run have it. */
  bind(scope: RunScope): BrowserPort;
  /** Closes what the agent of a session has open. */
  endSession(sessionId: number): void;
  /** Ends the Chromiums that a killed gateway has left running. */
  reap(): Promise<void>;
  close(): Promise<void>;
}

export interface BrowserDeps {
  config: BrowserConfig;
  stateDir: string;
  /** Where the Chromium of the npm package is unpacked may depend on it; its secrets are not handed on. */
  env: Readonly<Record<string, string | undefined>>;
  media: MediaPort;
  ids: MakeId;
  log: Log;
}

export function createBrowser({ config, stateDir, env, media, ids, log }: BrowserDeps): Browser {
  const folder = join(stateDir, "browser");
  const watching = createWatching({ ids });
  const forEngine = (): EngineConfig => engineConfig({ config, folder, env });
  const demand = createDemand({
    config: forEngine,
    log,
    onEvent(event) {
      if (event.type === "download") void keep(event.file, event.owner);
      else watching.take(event);
    },
    onEnd: watching.end,
  });
  const whileEnabled = {
    ...demand,
    async engine() {
      if (config.enabled) return demand.engine();
      throw new GatewayError(
        "service_unavailable",
        "The browser is switched off. Set browser.enabled to true in openclaw.json.",
      );
    },
  };
  const bind = createBrowserPort({ engine: whileEnabled.engine, config, media });

  /** A file that came down while nobody waited for it. */
  async function keep(file: DownloadedFile, owner: string): Promise<void> {
    const { path, name, mimeType, url, sessionKey } = file;
    const sessionId = /^session:(\d+)$/.exec(owner)?.[1];
    try {
      await media.keep(
        { path },
        {
          name,
          mimeType,
          origin: "download",
          source: url,
          sessionKey,
          ...(sessionId !== undefined && { sessionId: Number(sessionId) }),
        },
      );
    } catch (err) {
      log.error({ err }, "a download could not be kept");
    }
  }

  /** Those of a browser that is not running: from the config and the disk. */
  async function profilesAtRest(): Promise<ResultOf<"browser.profiles">["profiles"]> {
    const { createProfiles } = await import("./engine/chromium/profiles.ts");
    const list = await createProfiles({ config: forEngine() }).list();
    return list.map((it) => ({ ...it, running: false, tabs: 0 }));
  }

  const profilesNow = () => demand.running()?.profiles() ?? profilesAtRest();

  return {
    ...createMethods(whileEnabled, config),
    async status() {
      const [profiles, now] = await Promise.all([profilesNow(), demand.running()?.status()]);
      return {
        enabled: config.enabled,
        profiles: profiles.map((it) => it.name),
        ...(now ?? {
          ...{ running: false, version: null, profile: null, tabs: [] },
          ...{ executable: null, processes: [], waiting: 0 },
        }),
      };
    },
    profiles: async () => ({ profiles: await profilesNow() }),
    async watch(wish, options) {
      const engine = demand.running();
      if (engine) return watching.watch(engine, wish, options);
      throw new GatewayError("not_found", `There is no tab ${wish.tabId}. See browser.tabs.`, {
        param: "tabId",
      });
    },
    bind,
    endSession(sessionId) {
      const ending = demand.running()?.endOwner({ owner: `session:${sessionId}` });
      ending?.catch((err: unknown) => log.warn({ err }, "a session's tabs could not be closed"));
    },
    async reap() {
      const left = await readdir(join(folder, "running")).catch(() => []);
      if (left.length === 0) return;
      const { reapLeftovers } = await import("./leftovers.ts");
      const ended = await reapLeftovers(folder);
      if (ended > 0) log.info({ ended }, "browsers that a killed gateway had left were ended");
    },
    close: demand.close,
  };
}
