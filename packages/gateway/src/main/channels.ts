import { dirname } from "node:path";
import { channelWebhookRoutes } from "../api/channel-webhooks.ts";
import type { RawRoute } from "../api/http-call.ts";
import { channels as entries } from "../channels/index.ts";
import { type Environment, environmentKey, variable } from "../config/environment.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { ConfigFile } from "../config/write.ts";
import { Secret } from "../lib/secrets.ts";
import { type Channels, type ChannelsDeps, createChannels } from "../services/channels/channels.ts";
import type { SupervisionDeps } from "../services/channels/supervision.ts";

export interface ChannelParts
  extends Pick<ChannelsDeps, "db" | "outbound" | "events" | "ids" | "clock" | "log">,
    Pick<SupervisionDeps, "runs" | "sessions" | "models" | "agents" | "count" | "version"> {
  loaded: LoadedConfig;
  env: Environment;
  file: ConfigFile;
}

/** Builds the channels. Their machinery is loaded once one of them is configured. */
export function buildChannels(parts: ChannelParts): { channels: Channels; routes: RawRoute[] } {
  const { loaded, env, log } = parts;
  const { config } = loaded;
  const { paths } = config.plugins.load;
  const channels = createChannels({
    ...parts,
    config,
    entries,
    variable: (name) => variable(env, name),
    async supervise(onChange) {
      const [{ createSupervision }, { createTranscription }] = await Promise.all([
        import("../services/channels/supervision.ts"),
        import("../services/models/transcription.ts"),
      ]);
      const transcription = createTranscription({
        sources: {
          config: config.models,
          keyOf: (names) => environmentKey(env, names),
          overrides: loaded.providerOverrides,
          secretOf: (text) => new Secret(text),
        },
        config: config.tools.media.audio,
        log,
      });
      return createSupervision({ ...parts, config, transcription, onChange });
    },
    async plugins() {
      if (paths.length === 0) return [];
      const { loadPlugins } = await import("../channels/plugin-loader.ts");
      const taken = new Set(["webchat", "defaults", ...entries.map((it) => it.id)]);
      return loadPlugins(paths, { base: dirname(loaded.path), taken, log });
    },
  });
  const webhook: Channels["webhook"] = (channelId, accountId, request) =>
    channels.webhook(channelId, accountId, request);
  return { channels, routes: channelWebhookRoutes({ webhook, paths: ownPaths(config.channels) }) };
}

/** The paths that accounts give their webhooks, each once; Slack's usual one is there without being asked for. */
function ownPaths(sections: LoadedConfig["config"]["channels"]) {
  const found = new Map([
    ["/slack/events", { path: "/slack/events", channelId: "slack", accountId: "default" }],
  ]);
  for (const [channelId, section] of Object.entries(sections)) {
    const accounts = Object.entries(section.accounts ?? {});
    const all = accounts.length === 0 ? [["default", section] as const] : accounts;
    for (const [accountId, { webhookPath }] of all) {
      const path = webhookPath ?? section.webhookPath;
      if (path === undefined || path.startsWith("/v1/") || path.startsWith("/webhooks/") || path === "/")
        continue;
      found.set(path, { path, channelId, accountId });
    }
  }
  return [...found.values()];
}
