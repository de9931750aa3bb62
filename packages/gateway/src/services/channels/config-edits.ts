import { type ChannelSection, channelSection } from "openclaw-protocol";
import { ConfigError } from "../../config/config-error.ts";
import { protectVariables } from "../../config/substitute.ts";
import type { ConfigFile } from "../../config/write.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";

/** Keys that lead the gateway or its secrets elsewhere, or load code: only whoever can write the file may set them. */
const onlyInTheFile = /root$|url$|^homeserver$|^server$|^host$|^port$|path$/i;

/** Keeps channels' settings in the config file. */
export interface ChannelConfig {
  /** Lays settings over what the file says of a channel or one of its accounts. Returns the whole section as it is now. */
  set(
    channelId: string,
    accountId: string | undefined,
    settings: Readonly<Record<string, unknown>>,
  ): Promise<ChannelSection | undefined>;
  /** Takes a channel, or one of its accounts, out of the file. */
  remove(channelId: string, accountId: string | undefined): Promise<ChannelSection | undefined>;
}

export function createChannelConfig(file: ConfigFile, log: Log): ChannelConfig {
  async function edit(channelId: string, plan: Parameters<ConfigFile["edit"]>[0]) {
    try {
      return (await file.edit(plan)).channels[channelId];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      log.warn({ err: error }, "a channel could not be written into the config file");
      throw new GatewayError(
        "conflict",
        `The config file could not be changed; nothing was. ${error.message}`,
        {
          cause: error,
        },
      );
    }
  }

  return {
    set(channelId, accountId, settings) {
      for (const key of Object.keys(settings)) {
        if (!onlyInTheFile.test(key)) continue;
        throw new GatewayError(
          "invalid_request",
          `"${key}" can only be set in openclaw.json itself: it says where the gateway connects to.`,
          { param: `settings.${key}` },
        );
      }
      const parsed = channelSection.safeParse(settings);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const param = ["settings", ...(issue?.path ?? [])].join(".");
        throw new GatewayError("invalid_request", `${param}: ${issue?.message}`, { param });
      }
      return edit(channelId, (config) => {
        const section = config.channels[channelId];
        const base = accountId === undefined ? [] : ["accounts", accountId];
        const edits = Object.entries({ enabled: true, ...settings }).map(([key, value]) => ({
          path: ["channels", channelId, ...base, key],
          value: protectVariables(value),
        }));
        return section === undefined
          ? [
              {
                path: ["channels", channelId],
                value: protectVariables(nested(base, { enabled: true, ...settings })),
              },
            ]
          : edits;
      });
    },
    remove: (channelId, accountId) =>
      edit(channelId, () => [
        {
          path: ["channels", channelId, ...(accountId === undefined ? [] : ["accounts", accountId])],
          value: undefined,
        },
      ]),
  };
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}
