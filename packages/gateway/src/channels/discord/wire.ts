import { z } from "zod";

/** What we read of Discord's objects, version 10 (https://discord.com/developers/docs/reference). All else is dropped. */

/** An id: a 64-bit number in decimal digits. */
export const snowflake = z.string().regex(/^\d{1,20}$/);

const user = z.object({
  id: snowflake,
  username: z.string(),
  global_name: z.string().nullish(),
  bot: z.boolean().optional(),
});
export type WireUser = z.output<typeof user>;

const attachment = z.object({
  id: snowflake,
  filename: z.string(),
  url: z.string(),
  size: z.number().optional(),
  content_type: z.string().nullish(),
});
export type WireAttachment = z.output<typeof attachment>;

const member = z.object({ nick: z.string().nullish(), roles: z.array(snowflake).optional() });

const quotedMessage = z.object({ id: snowflake.optional(), content: z.string(), author: user.optional() });

/** https://discord.com/developers/docs/resources/message#message-object */
export const message = z.object({
  id: snowflake,
  channel_id: snowflake,
  guild_id: snowflake.optional(),
  type: z.int(),
  author: user,
  member: member.optional(),
  content: z.string(),
  timestamp: z.string(),
  webhook_id: snowflake.optional(),
  mentions: z.array(z.object({ id: snowflake })).optional(),
  mention_roles: z.array(snowflake).optional(),
  message_reference: z.object({ message_id: snowflake.optional(), type: z.int().optional() }).optional(),
  referenced_message: quotedMessage.nullish(),
  attachments: z.array(attachment).optional(),
  sticker_items: z.array(z.object({ name: z.string() })).optional(),
  message_snapshots: z
    .array(
      z.object({ message: z.object({ content: z.string(), attachments: z.array(attachment).optional() }) }),
    )
    .optional(),
});
export type WireMessage = z.output<typeof message>;

/** https://discord.com/developers/docs/resources/channel#channel-object */
export const channel = z.object({
  id: snowflake,
  type: z.int(),
  guild_id: snowflake.optional(),
  parent_id: snowflake.nullish(),
  name: z.string().nullish(),
  last_message_id: snowflake.nullish(),
});
export type WireChannel = z.output<typeof channel>;

const role = z.object({
  id: snowflake,
  permissions: z.string(),
  tags: z.object({ bot_id: snowflake.optional() }).optional(),
});

/** https://discord.com/developers/docs/resources/guild#guild-object */
export const guild = z.object({
  id: snowflake,
  name: z.string().optional(),
  owner_id: snowflake.optional(),
  roles: z.array(role).optional(),
  channels: z.array(channel).optional(),
  threads: z.array(channel).optional(),
});
export type WireGuild = z.output<typeof guild>;

export const guildMember = z.object({ roles: z.array(snowflake) });

/** https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object */
export const interaction = z.object({
  id: snowflake,
  token: z.string(),
  type: z.int(),
  application_id: snowflake.optional(),
  guild_id: snowflake.optional(),
  channel_id: snowflake.optional(),
  channel: channel.partial().optional(),
  member: member.extend({ user: user.optional() }).optional(),
  user: user.optional(),
  data: z
    .object({
      name: z.string(),
      type: z.int().optional(),
      options: z
        .array(
          z.object({ name: z.string(), value: z.union([z.string(), z.number(), z.boolean()]).optional() }),
        )
        .optional(),
    })
    .optional(),
});
export type WireInteraction = z.output<typeof interaction>;

export const ready = z.object({
  user,
  session_id: z.string(),
  resume_gateway_url: z.string(),
  application: z.object({ id: snowflake }).optional(),
});

export const me = user;
export const gatewayInfo = z.object({
  url: z.string(),
  session_start_limit: z.object({ remaining: z.number(), reset_after: z.number() }).optional(),
});

/** Types of a channel that are threads (https://discord.com/developers/docs/resources/channel#channel-object-channel-types). */
export function isThread(type: number): boolean {
  return type === 10 || type === 11 || type === 12;
}

/** When an id was made, Unix ms (https://discord.com/developers/docs/reference#snowflakes). */
export function timeOf(id: string): number {
  return Number(BigInt(id) >> 22n) + 1_420_070_400_000;
}

/** Ids by age, the older first. */
export function byAge(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
