import { GatewayError } from "../../lib/errors.ts";

/** Gateway intents and their bits (https://discord.com/developers/docs/events/gateway#list-of-intents). */
const bits = {
  Guilds: 0,
  GuildMembers: 1,
  GuildModeration: 2,
  GuildExpressions: 3,
  GuildIntegrations: 4,
  GuildWebhooks: 5,
  GuildInvites: 6,
  GuildVoiceStates: 7,
  GuildPresences: 8,
  GuildMessages: 9,
  GuildMessageReactions: 10,
  GuildMessageTyping: 11,
  DirectMessages: 12,
  DirectMessageReactions: 13,
  DirectMessageTyping: 14,
  MessageContent: 15,
  GuildScheduledEvents: 16,
  AutoModerationConfiguration: 20,
  AutoModerationExecution: 21,
  GuildMessagePolls: 24,
  DirectMessagePolls: 25,
} as const;

export const defaultIntents = sum([
  bits.Guilds,
  bits.GuildMessages,
  bits.DirectMessages,
  bits.MessageContent,
]);
const allIntents = sum(Object.values(bits));

/** Those that a bot gets only once its owner switched them on, and the names of the switches in the developer portal. */
const privileged: readonly [bit: number, name: string][] = [
  [bits.MessageContent, "Message Content Intent"],
  [bits.GuildMembers, "Server Members Intent"],
  [bits.GuildPresences, "Presence Intent"],
];

/**
 * The intents that the settings ask for, with Guilds, which tells threads from channels. Undefined for a number that
 * cannot be intents (a bot invitation's permissions are easily taken for them). Throws invalid_request for an unknown name.
 */
export function intentsOf(
  wanted: number | string | readonly (string | number)[] | undefined,
): number | undefined {
  if (wanted === undefined) return defaultIntents;
  const list =
    typeof wanted === "object" ? wanted : typeof wanted === "string" ? wanted.split(/[\s,|]+/) : [wanted];
  let intents = 1 << bits.Guilds;
  for (const it of list) {
    if (it === "") continue;
    const value = typeof it === "number" || /^\d+$/.test(it) ? Number(it) : 1 << bitOf(it);
    if (value > allIntents || (value & ~allIntents) !== 0) return undefined;
    intents |= value;
  }
  return intents;
}

/** The switches that the intents need. */
export function privilegedNames(intents: number): string[] {
  return privileged.flatMap(([bit, name]) => ((intents & (1 << bit)) === 0 ? [] : [name]));
}

function bitOf(name: string): number {
  const plain = name.toLowerCase().replaceAll(/[^a-z]/g, "");
  for (const [known, bit] of Object.entries(bits)) if (known.toLowerCase() === plain) return bit;
  throw new GatewayError(
    "invalid_request",
    `"${name.slice(0, 40)}" is no intent of Discord's. Leave channels.discord.intents out, or use names such as ${Object.keys(bits).slice(0, 2).join(", ")} or MessageContent.`,
    { param: "channels.discord.intents" },
  );
}

function sum(list: readonly number[]): number {
  return list.reduce((all, bit) => all | (1 << bit), 0);
}
