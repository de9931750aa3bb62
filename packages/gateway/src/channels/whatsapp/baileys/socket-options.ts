import type { SocketConfig, UserFacingSocketConfig } from "baileys";
import type { Settings } from "../both/settings.ts";
import type { KeptState } from "./kept-state.ts";
import type { Baileys } from "./library.ts";
import type { Memory } from "./link.ts";
import type { Login } from "./login.ts";

interface Wanted {
  library: Baileys;
  settings: Settings;
  url: string;
  login: Login | undefined;
  kept: KeptState;
  sent: Memory;
  makeRepository: SocketConfig["makeSignalRepository"];
}

export function socketOptions(wanted: Wanted): UserFacingSocketConfig {
  const { library, settings, url, login, kept, sent, makeRepository } = wanted;
  return {
    waWebSocketUrl: url,
    auth: kept.auth,
    logger: silent,
    // The phone lists the device by the first; WhatsApp gives pairing codes to systems that it knows only.
    browser: login?.method === "code" ? library.Browsers.ubuntu("Chrome") : ["OpenClaw", "Chrome", "1.0"],
    markOnlineOnConnect: settings.markOnline,
    syncFullHistory: false,
    shouldSyncHistoryMessage: () => settings.syncHistory,
    shouldIgnoreJid: (jid) => jid === "status@broadcast" || jid.endsWith("@newsletter"),
    generateHighQualityLinkPreview: false,
    emitOwnEvents: false,
    keepAliveIntervalMs: 30_000,
    connectTimeoutMs: 20_000,
    defaultQueryTimeoutMs: 20_000,
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 }, // a disk that is full ends the connection
    getMessage: async ({ id }) => (id ? (sent.find(id)?.message ?? undefined) : undefined),
    makeSignalRepository: makeRepository,
  };
}

/** baileys' own log has messages and keys in it. */
const silent: SocketConfig["logger"] = {
  level: "silent",
  child: () => silent,
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
};
