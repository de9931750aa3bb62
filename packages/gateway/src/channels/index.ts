import type { ChannelEntry } from "./types.ts";

const chats = ["text", "media", "groups"];

/** Every channel that this build can run. A line is all that is known of one until it is configured. */
export const channels: readonly ChannelEntry[] = [
  {
    id: "whatsapp",
    name: "WhatsApp",
    capabilities: [...chats, "typing"],
    needs: [
      { key: "accessToken", variable: "WHATSAPP_ACCESS_TOKEN", when: isCloud },
      { key: "appSecret", variable: "WHATSAPP_APP_SECRET", when: isCloud },
      { key: "verifyToken", when: isCloud },
    ],
    load: async () => (await import("./whatsapp/index.ts")).channel,
  },
  {
    id: "telegram",
    name: "Telegram",
    capabilities: [...chats, "threads", "edits", "typing"],
    needs: [{ key: "botToken", aliases: ["token"], variable: "TELEGRAM_BOT_TOKEN" }],
    load: async () => (await import("./telegram/index.ts")).channel,
  },
  {
    id: "discord",
    name: "Discord",
    capabilities: [...chats, "threads", "edits", "typing"],
    needs: [{ key: "botToken", aliases: ["token"], variable: "DISCORD_BOT_TOKEN" }],
    load: async () => (await import("./discord/index.ts")).channel,
  },
  {
    id: "slack",
    name: "Slack",
    capabilities: [...chats, "threads", "edits"],
    needs: [
      { key: "botToken", aliases: ["token"], variable: "SLACK_BOT_TOKEN" },
      { key: "appToken", variable: "SLACK_APP_TOKEN", when: isSocketMode },
      { key: "signingSecret", variable: "SLACK_SIGNING_SECRET", when: (it) => !isSocketMode(it) },
    ],
    load: async () => (await import("./slack/index.ts")).channel,
  },
  {
    id: "irc",
    name: "IRC",
    capabilities: ["text", "groups"],
    needs: [
      { key: "server", aliases: ["host"] },
      { key: "nickname", aliases: ["nick"] },
    ],
    load: async () => (await import("./irc/index.ts")).channel,
  },
  {
    id: "webhook",
    name: "Webhook",
    capabilities: [...chats, "threads"],
    needs: [{ key: "secret", variable: "WEBHOOK_SECRET" }],
    load: async () => (await import("./webhook/index.ts")).channel,
  },
];

type Section = Readonly<Record<string, unknown>>;

function isCloud(section: Section): boolean {
  return section.mode === "cloud" || (section.mode === undefined && section.phoneNumberId !== undefined);
}

function isSocketMode(section: Section): boolean {
  if (section.mode !== undefined) return section.mode !== "http";
  return section.socketMode === undefined ? section.appToken !== undefined : section.socketMode === true;
}
