import { z } from "zod";

const token = z.string().trim().regex(/^\S+$/, "must be the bot's token alone, without spaces");

/** The keys below `channels.discord` (or one of its accounts). */
export const settings = z.object({
  botToken: token
    .optional()
    .describe("The bot's token: Discord developer portal > your application > Bot > Reset Token"),
  token: token.optional().describe("The same as botToken"),
  applicationId: z
    .string()
    .regex(/^\d{15,21}$/, "must be digits: General Information > Application ID")
    .optional()
    .describe("The application's id; asked of Discord unless given"),
  apiRoot: z
    .url({ protocol: /^https?$/, error: "must be an address that begins with https:// or http://" })
    .transform((it) => it.replace(/\/+$/, "").replace(/\/v\d+$/, ""))
    .default("https://discord.com/api")
    .describe("Another server that speaks Discord's API; with or without /v10"),
  intents: z
    .union([z.int().min(0), z.array(z.union([z.string(), z.int().min(0)])), z.string()])
    .optional()
    .describe(
      'Gateway intents by name (["Guilds", "GuildMessages", "DirectMessages", "MessageContent"], the default) or as a number',
    ),
  prefix: z
    .string()
    .min(1)
    .max(16)
    .optional()
    .describe('Text in front of a server message that speaks to the bot without a mention, e.g. "!"'),
  slashCommands: z
    .boolean()
    .default(true)
    .describe("Register /help, /status, /reset, /new, /stop, /model and /think with the application"),
});

export type Settings = z.output<typeof settings>;
