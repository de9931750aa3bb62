/** A setting that a channel cannot do without, as somebody is asked for it. */
export interface Need {
  key: string;
  /** Other names of it. */
  aliases: readonly string[];
  /** Where it is found. */
  question: string;
  /** A variable that the gateway reads where the setting is not there. */
  variable: string;
}

const botToken = { key: "botToken", aliases: ["token"] };

const telegram: Need = {
  ...botToken,
  question: "Bot token, from @BotFather",
  variable: "TELEGRAM_BOT_TOKEN",
};
const discord: Need = {
  ...botToken,
  question: "Bot token, from the app's page Bot at discord.com/developers",
  variable: "DISCORD_BOT_TOKEN",
};
const slack: Need = {
  ...botToken,
  question: "Bot token (xoxb-…), from the app's page OAuth & Permissions",
  variable: "SLACK_BOT_TOKEN",
};
const slackApp: Need = {
  key: "appToken",
  aliases: [],
  question: "App-level token (xapp-…), from the app's page Basic Information",
  variable: "SLACK_APP_TOKEN",
};
const slackSecret: Need = {
  key: "signingSecret",
  aliases: [],
  question: "Signing secret, from the app's page Basic Information",
  variable: "SLACK_SIGNING_SECRET",
};
const webhook: Need = {
  key: "secret",
  aliases: [],
  question: "Secret that signs messages, at least 16 characters",
  variable: "WEBHOOK_SECRET",
};

/** What to ask for; addresses are not among it, since they are set in openclaw.json only. */
export function needsOf(channelId: string, settings: Readonly<Record<string, unknown>>): readonly Need[] {
  switch (channelId) {
    case "telegram":
      return [telegram];
    case "discord":
      return [discord];
    case "slack":
      return [slack, usesHttp(settings) ? slackSecret : slackApp];
    case "webhook":
      return [webhook];
    default:
      return [];
  }
}

function usesHttp({ mode, socketMode, signingSecret }: Readonly<Record<string, unknown>>): boolean {
  if (mode !== undefined) return mode === "http";
  return socketMode === undefined ? signingSecret !== undefined : socketMode === false;
}
