import { rm } from "node:fs/promises";
import type { BrowserAction, BrowserConfig } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import type { BrowserPort } from "../../runtime/tools/ports.ts";
import type { MediaPort } from "../media.ts";
import type { RunScope } from "../run-scope.ts";
import type { CallOptions, Engine, Placed } from "./engine/base/types.ts";
import { shotForModels } from "./model-shots.ts";
import { createPlaces } from "./places.ts";
import { secretFor } from "./secrets.ts";

/** How long an agent's calls may take, ms. */
const actionMs = 15_000;
const navigationMs = 30_000;
const downloadMs = 120_000;

export interface BrowserPortDeps {
  /** Starts it if need be; throws `service_unavailable` where there is none. */
  engine(): Promise<Engine>;
  config: Pick<BrowserConfig, "defaultProfile" | "secrets">;
  media: MediaPort;
}

/** What stands for the page as a whole: an element that is in no form. */
const wholePage: BrowserAction = { kind: "click", selector: "html" };

/** The browser as the tools of one run have it: tabs of the run's session, and no profile or secret that is not the run's. */
export function createBrowserPort(deps: BrowserPortDeps): (scope: RunScope) => BrowserPort {
  const { config, media } = deps;
  const places = createPlaces({ defaultProfile: config.defaultProfile });

  return (scope) => {
    const place = places.of(scope);
    const { sessionId, sessionKey } = scope;

    const at = (timeoutMs: number, tabId?: string): Placed => ({ ...place.here(tabId), timeoutMs });

    /** The engine, after a look whether the tab is the run's. */
    async function engineFor(tabId: string | undefined, { signal }: CallOptions): Promise<Engine> {
      signal.throwIfAborted();
      const engine = await deps.engine();
      if (tabId !== undefined) await place.demandOwn(engine, tabId, { signal });
      return engine;
    }

    async function ownTabs(options: CallOptions) {
      return place.own(await engineFor(undefined, options), options);
    }

    async function active(options: CallOptions) {
      const { profile } = place.here();
      const tabs = (await ownTabs(options)).filter((it) => it.active);
      const tab = tabs.find((it) => it.profile === profile) ?? tabs[0];
      if (tab) return tab;
      throw new GatewayError("conflict", "No page is open. Open one with browser_navigate first.");
    }

    return {
      async navigate({ url, profile }, options) {
        const engine = await engineFor(undefined, options);
        const chosen = await place.choose(engine, profile);
        return engine.navigate({ ...at(navigationMs), profile: chosen, url }, options);
      },
      async open({ url, profile }, options) {
        const engine = await engineFor(undefined, options);
        const chosen = await place.choose(engine, profile);
        return engine.open({ ...at(navigationMs), profile: chosen, url }, options);
      },
      async history(step, { tabId }, options) {
        const engine = await engineFor(tabId, options);
        return engine.history({ ...at(navigationMs, tabId), step }, options);
      },
      tabs: ownTabs,
      active,
      async activate(tabId, options) {
        const engine = await engineFor(tabId, options);
        const tab = await engine.activate(at(actionMs, tabId), options);
        place.went(tab.profile);
        return tab;
      },
      async close({ tabId }, options) {
        const engine = await engineFor(tabId, options);
        return engine.close(at(actionMs, tabId), options);
      },
      async snapshot(wish, options) {
        const engine = await engineFor(undefined, options);
        return engine.snapshot({ ...at(actionMs), ...wish }, options);
      },
      async screenshot(wish, options) {
        const engine = await engineFor(undefined, options);
        const { data, tabId, ...picture } = await shotForModels(
          (quality) => engine.screenshot({ ...at(actionMs), ...wish, format: "jpeg", quality }, options),
          options,
        );
        const { mediaId } = await media.keep(
          { bytes: data.bytes },
          {
            name: "screenshot.jpg",
            mimeType: picture.mimeType,
            origin: "screenshot",
            source: picture.url,
            sessionKey,
            sessionId,
          },
        );
        return { ...picture, mediaId, data: data.fits ? data.bytes : undefined };
      },
      async inspect(action = wholePage, options) {
        const engine = await engineFor(undefined, options);
        return engine.inspect({ ...at(actionMs), action }, options);
      },
      async act(action, { only, signal }) {
        const secret = secretFor(action, scope.trust, config.secrets);
        const ms = actionMs + (action.kind === "wait" ? (action.ms ?? 0) : 0);
        const engine = await engineFor(undefined, { signal });
        return engine.act({ ...at(ms, only?.tabId), action, secret, only }, { signal });
      },
      async upload({ ref, selector }, files, { only, signal }) {
        const engine = await engineFor(undefined, { signal });
        const now = (await place.own(engine, { signal })).find((it) => it.id === only.id);
        if (originOf(now?.url) !== originOf(only.url)) {
          throw new GatewayError(
            "conflict",
            "The page has gone to another site meanwhile. Look at it again.",
          );
        }
        return engine.upload(
          { ...at(navigationMs, only.id), ref, selector, files: files.map((it) => ({ ...it })) },
          { signal },
        );
      },
      async download({ ref, selector, url }, { save, signal }) {
        const engine = await engineFor(undefined, { signal });
        const file = await engine.download({ ...at(downloadMs), ref, selector, url }, { signal });
        try {
          const path = await save(file);
          const { mediaId } = await media.keep(
            { path: file.path },
            {
              name: file.name,
              mimeType: file.mimeType,
              origin: "download",
              source: file.url,
              sessionKey,
              sessionId,
            },
          );
          return { path, mediaId, name: file.name, size: file.size, url: file.url };
        } finally {
          await rm(file.path, { force: true }); // what is kept lies elsewhere
        }
      },
      async evaluate(expression, options) {
        const engine = await engineFor(undefined, options);
        return engine.evaluate({ ...at(actionMs), expression }, options);
      },
    };
  };
}

function originOf(url: string | undefined): string | undefined {
  return URL.parse(url ?? "")?.origin;
}
