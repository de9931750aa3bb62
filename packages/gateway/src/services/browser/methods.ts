import type { BrowserConfig, ParsedParamsOf, ResultOf } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import { createUrlJudge, type UrlJudge } from "../../lib/outbound-judge.ts";
import type { Demand } from "./demand.ts";
import type { CallOptions, Engine } from "./engine/base/types.ts";
import { secretFor } from "./secrets.ts";

type Name =
  | "start"
  | "stop"
  | "navigate"
  | "back"
  | "forward"
  | "reload"
  | "screenshot"
  | "pdf"
  | "snapshot"
  | "act"
  | "evaluate"
  | "upload"
  | "tabs"
  | "open"
  | "activate"
  | "closeTab"
  | "console"
  | "network"
  | "profile.create"
  | "profile.reset"
  | "profile.delete";

/** The methods of the contract's `browser` domain that are one call of the engine. */
export type BrowserMethods = {
  [N in Name]: (params: ParsedParamsOf<MethodOf<N>>, options: CallOptions) => Promise<ResultOf<MethodOf<N>>>;
};

/** `close` is what every service has. */
type MethodOf<N extends Name> = N extends "closeTab" ? "browser.close" : `browser.${Exclude<N, "closeTab">}`;

/** Clients share one owner: whoever may operate the browser may see what other clients have opened. */
const clients = "api";

/** Entries of a log unless told. */
const usualEntries = 100;

export function createMethods(demand: Demand, config: BrowserConfig): BrowserMethods {
  const owner = clients;
  let urls: UrlJudge | undefined;

  /** The engine's guard judges it, too; here so that nothing is started for what is refused anyway. */
  function judge(url: string): void {
    urls ??= createUrlJudge(config.allowPrivate); // made when it is needed: it is costly at a start
    urls.judge(url);
  }

  /** A profile that a client names is made if it is not there yet, where that is sensible. */
  async function withProfile(profile: string | undefined): Promise<Engine> {
    const engine = await demand.engine();
    if (profile === undefined) return engine;
    const known = await engine.profiles();
    if (!known.some((it) => it.name === profile)) await engine.createProfile({ profile });
    return engine;
  }

  /** What runs only if something is open: no thread is started in order to say that there is none. */
  function running(): Engine {
    const engine = demand.running();
    if (engine) return engine;
    throw new GatewayError("conflict", "No page is open. Open one with browser.navigate first.");
  }

  const history =
    (step: -1 | 0 | 1): BrowserMethods["back"] =>
    (params, options) =>
      running().history({ ...params, owner, step }, options);

  return {
    async start({ profile = config.defaultProfile }, options) {
      const { version } = await (await withProfile(profile)).start({ profile }, options);
      return { running: true, profile, version };
    },
    async stop(params, options) {
      return { stopped: (await demand.running()?.stop(params, options)) ?? 0 };
    },
    async navigate(params, options) {
      judge(params.url);
      return (await withProfile(params.profile)).navigate({ ...params, owner }, options);
    },
    async open(params, options) {
      if (params.url !== undefined) judge(params.url);
      return (await withProfile(params.profile)).open({ ...params, owner }, options);
    },
    back: history(-1),
    forward: history(1),
    reload: history(0),
    async screenshot(params, options) {
      const { mimeType, width, height, data } = await (await withProfile(params.profile)).screenshot(
        { ...params, owner },
        options,
      );
      return { mimeType, data: base64(data), width, height };
    },
    async pdf(params, options) {
      const bytes = await running().pdf({ ...params, owner }, options);
      return { mimeType: "application/pdf", data: base64(bytes) };
    },
    snapshot: async (params, options) => running().snapshot({ ...params, owner }, options),
    async act(params, options) {
      const secret = secretFor(params.action, "owner", config.secrets); // an operator is no guest
      return running().act({ ...params, owner, secret }, options);
    },
    evaluate: async (params, options) => running().evaluate({ ...params, owner }, options),
    async upload({ files, ...params }, options) {
      const list = files.map((it) => ({ ...it, data: new Uint8Array(Buffer.from(it.data, "base64")) }));
      return running().upload({ ...params, owner, files: list }, options);
    },
    async tabs(params, options) {
      return { tabs: (await demand.running()?.tabs(params, options)) ?? [] };
    },
    activate: async (params, options) => known(params.tabId).activate({ ...params, owner }, options),
    async closeTab({ tabId }, options) {
      return { closed: await known(tabId).close({ tabId, owner }, options), tabId };
    },
    console: async ({ limit = usualEntries, ...params }, options) =>
      running().console({ ...params, owner, limit }, options),
    network: async ({ limit = usualEntries, ...params }, options) =>
      running().network({ ...params, owner, limit }, options),
    "profile.create": async (params) => (await demand.engine()).createProfile(params),
    "profile.reset": async (params, options) => (await demand.engine()).resetProfile(params, options),
    async "profile.delete"(params, options) {
      return {
        deleted: await (await demand.engine()).deleteProfile(params, options),
        profile: params.profile,
      };
    },
  };

  function known(tabId: string): Engine {
    const engine = demand.running();
    if (engine) return engine;
    throw new GatewayError("not_found", `There is no tab ${tabId}. See browser.tabs.`, { param: "tabId" });
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
