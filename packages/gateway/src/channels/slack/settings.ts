import { z } from "zod";
import { GatewayError } from "../../lib/errors.ts";
import type { AccountSetup } from "../types.ts";

/** The keys below `channels.slack`. */
export const settings = z.object({
  botToken: z
    .string()
    .min(1)
    .describe("The bot user's OAuth token, `xoxb-…`: OAuth & Permissions, after the app was installed"),
  appToken: z
    .string()
    .min(1)
    .optional()
    .describe("The app-level token, `xapp-…`, with the scope connections:write. Needed for Socket Mode"),
  socketMode: z
    .boolean()
    .optional()
    .describe("Whether events come by Socket Mode. Unless told: yes if `appToken` is there"),
  mode: z.enum(["socket", "http"]).optional().describe("The same as `socketMode`, by name"),
  signingSecret: z
    .string()
    .min(1)
    .optional()
    .describe("The app's signing secret (Basic Information). Needed where events come by HTTP"),
  webhookPath: z.string().optional().describe("Where Slack posts its events, if not at the usual path"),
  replyInThread: z
    .boolean()
    .default(false)
    .describe("Whether a message in a channel is answered in a thread of its own"),
  apiRoot: z
    .url({ protocol: /^https?$/, error: "must be an address that begins with https:// or http://" })
    .default("https://slack.com/api/")
    .describe("Where Slack's Web API is, e.g. https://slack-gov.com/api/"),
});

export type Settings = z.output<typeof settings>;

/** How one account talks to Slack: its settings once they are known to fit together. */
export interface SlackOptions {
  readonly botToken: string;
  /** Ends with a slash. */
  readonly apiRoot: URL;
  readonly intake:
    | { readonly mode: "socket"; readonly appToken: string }
    | { readonly mode: "http"; readonly signingSecret: string };
  readonly replyInThread: boolean;
}

/** Throws `invalid_request` for settings that cannot work. */
export function optionsOf({ settings, channelId, accountId }: AccountSetup<Settings>): SlackOptions {
  const { botToken, appToken, signingSecret, replyInThread } = settings;
  const section =
    accountId === "default" ? `channels.${channelId}` : `channels.${channelId}.accounts.${accountId}`;
  const wrong = (key: keyof Settings, message: string) =>
    new GatewayError("invalid_request", message, { param: `${section}.${key}` });

  if (settings.mode !== undefined && settings.socketMode !== undefined) {
    if ((settings.mode === "socket") !== settings.socketMode) {
      throw wrong("mode", "`mode` and `socketMode` contradict each other. Remove one of them.");
    }
  }
  if (!/^xox[be]/.test(botToken)) {
    throw wrong("botToken", "This is no bot token. Copy the Bot User OAuth Token, which begins with xoxb-.");
  }
  const apiRoot = new URL(settings.apiRoot.endsWith("/") ? settings.apiRoot : `${settings.apiRoot}/`);
  const common = { botToken, apiRoot, replyInThread };

  const socket =
    settings.mode === undefined
      ? (settings.socketMode ?? appToken !== undefined)
      : settings.mode === "socket";
  if (socket) {
    if (appToken === undefined || !appToken.startsWith("xapp-")) {
      throw wrong("appToken", "Socket Mode needs an app-level token, which begins with xapp-.");
    }
    return { ...common, intake: { mode: "socket", appToken } };
  }
  if (signingSecret === undefined) {
    const message = "Events by HTTP need the app's signing secret; for Socket Mode set `appToken` instead.";
    throw wrong("signingSecret", message);
  }
  return { ...common, intake: { mode: "http", signingSecret } };
}
