import { z } from "zod";

/** Where Telegram itself answers. */
export const telegramRoot = "https://api.telegram.org";

const token = z
  .string()
  .regex(/^\d+:[\w-]+$/, "must be the token that @BotFather shows, as in 123456789:AAE…")
  .optional();

/** The keys below `channels.telegram` (or one of its accounts). */
export const settings = z.object({
  botToken: token.describe("The bot's token, from @BotFather"),
  token: token.describe("Another name of botToken"),
  apiRoot: z
    .url({ protocol: /^https?$/, error: "must be an address that begins with https:// or http://" })
    .refine(isPlain, "must have no user, password, query or fragment")
    .default(telegramRoot)
    .describe("A Bot API server of your own. It is given the token"),
  webhookUrl: z
    .url({ protocol: /^https?$/, error: "must be an address that begins with https://" })
    .refine(isPlain, "must have no user, password, query or fragment")
    .optional()
    .describe(
      "The public address at which Telegram reaches the account's webhook. Without it Telegram is polled",
    ),
  webhookSecret: z
    .string()
    .regex(/^[\w-]{16,256}$/, "must be 16 to 256 characters of A-Z, a-z, 0-9, _ and -")
    .optional()
    .describe("What Telegram sends with every webhook. Derived from the token unless set"),
  usePolling: z
    .boolean()
    .optional()
    .describe("true: poll although webhookUrl is set. false: webhookUrl has to be set"),
  triggerOnMention: z
    .boolean()
    .default(true)
    .describe("Whether @bot, or a command written as /command@bot, speaks to the bot in a group"),
  triggerOnReply: z
    .boolean()
    .default(true)
    .describe("Whether a reply to the bot's message speaks to it in a group"),
  parseMode: z
    .enum(["MarkdownV2", "HTML", "Markdown"])
    .optional()
    .describe("Accepted and not used: whatever agents write in Markdown is sent as Telegram's HTML"),
  disableWebPagePreview: z
    .boolean()
    .default(true)
    .describe("No previews of links: fetching one can tell others what was said"),
  inlineQueries: z
    .object({ enabled: z.boolean().default(false) })
    .optional()
    .describe("Not supported; true is warned about"),
});

export type Settings = z.output<typeof settings>;

/** An address that another path can be appended to. */
function isPlain(text: string): boolean {
  const url = URL.parse(text);
  return url === null || (url.username === "" && url.password === "" && url.search === "" && url.hash === "");
}
