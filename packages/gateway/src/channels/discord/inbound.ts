import type { Chat, InboundMedia, InboundMessage, MediaKind, Sender } from "../types.ts";
import type { Place } from "./channels.ts";
import { commandNames } from "./commands.ts";
import { timeOf, type WireAttachment, type WireMessage, type WireUser } from "./wire.ts";

/** What a message is read with. */
export interface Reader {
  botId: string;
  /** The role that Discord made for the bot on the message's server: people pick it by mistake for the bot. */
  botRoleId?: string | undefined;
  prefix?: string | undefined;
  /** The channel that the message stands in; undefined for direct messages. */
  place?: Place | undefined;
}

/** What `download` needs: the address is signed and expires, so the way to a new one comes along. */
export interface AttachmentRef {
  url: string;
  channelId: string;
  messageId: string;
  attachmentId: string;
}

/**
 * A message of Discord's as ours. Undefined: no message but a notice (a pin, a join, the beginning of a thread),
 * or nothing that could be read.
 * https://discord.com/developers/docs/resources/message#message-object-message-types
 */
export function readMessage(message: WireMessage, reader: Reader): InboundMessage | undefined {
  if (message.type !== 0 && message.type !== 19) return undefined;
  const { text, isPrefixed } = speechOf(message, reader);
  const media = mediaOf(message);
  if (text === "" && media.length === 0) return undefined;
  const replyTo = replyOf(message, reader.botId);
  const chat = chatOf(message, reader.place);
  return {
    id: message.id,
    sentAt: Date.parse(message.timestamp) || timeOf(message.id),
    chat,
    sender: senderOf(message.author, reader.botId, {
      nick: message.member?.nick,
      isWebhook: message.webhook_id !== undefined,
    }),
    text,
    ...(chat.kind === "group" && {
      mentioned: isPrefixed || isMentioned(message, reader) || replyTo?.toBot === true,
    }),
    ...(replyTo && { replyTo }),
    ...(media.length > 0 && { media }),
  };
}

export function senderOf(
  user: WireUser,
  botId: string,
  { nick, isWebhook = false }: { nick?: string | null | undefined; isWebhook?: boolean } = {},
): Sender {
  return {
    id: user.id,
    name: nick ?? user.global_name ?? user.username,
    isBot: user.bot === true || isWebhook,
    isSelf: user.id === botId,
  };
}

function chatOf(message: WireMessage, place: Place | undefined): Chat {
  const spaceId = message.guild_id ?? place?.guildId;
  if (spaceId === undefined && place?.type !== 3) return { id: message.channel_id, kind: "dm" };
  return groupChat(message.channel_id, spaceId, place);
}

/** A channel or thread of a server, or a direct message of several people. */
export function groupChat(channelId: string, spaceId: string | undefined, place: Place | undefined): Chat {
  const parentId = place?.parentId;
  return {
    id: parentId ?? channelId,
    kind: "group",
    ...(parentId !== undefined && { threadId: channelId }),
    ...(spaceId !== undefined && { spaceId }),
    ...(place?.name !== undefined && { name: place.name }),
  };
}

function isMentioned(message: WireMessage, { botId, botRoleId }: Reader): boolean {
  return (
    message.mentions?.some((it) => it.id === botId) === true ||
    (botRoleId !== undefined && message.mention_roles?.includes(botRoleId) === true) ||
    new RegExp(`<@!?${botId}>`).test(message.content)
  );
}

/** What was said, without the mention or the prefix in front; a prefixed command becomes one with a slash. */
function speechOf(message: WireMessage, reader: Reader): { text: string; isPrefixed: boolean } {
  const { botId, botRoleId, prefix } = reader;
  const said = [
    message.content,
    ...(message.message_snapshots ?? []).map(({ message: it }) => it.content.replaceAll(/^/gm, "> ")),
    ...(message.sticker_items ?? []).map((it) => `[sticker: ${it.name}]`),
  ];
  const whole = said.filter((it) => it.trim() !== "" && it !== "> ").join("\n\n");
  const mention = new RegExp(`^\\s*<@(?:!?${botId}${botRoleId ? `|&${botRoleId}` : ""})>[\\s,:]*`);
  const text = whole.replace(mention, "").trim();
  if (prefix === undefined || !text.startsWith(prefix) || text === prefix) return { text, isPrefixed: false };
  const rest = text.slice(prefix.length).trimStart();
  const isCommand = commandNames.includes(rest.split(/\s/, 1)[0] ?? "");
  return { text: isCommand ? `/${rest}` : rest, isPrefixed: true };
}

function replyOf(message: WireMessage, botId: string): InboundMessage["replyTo"] {
  const id = message.message_reference?.message_id;
  if (message.type !== 19 || id === undefined) return undefined;
  const quoted = message.referenced_message;
  return {
    id,
    ...(quoted?.content && { text: quoted.content }),
    toBot: quoted?.author?.id === botId,
  };
}

function mediaOf(message: WireMessage): InboundMedia[] {
  const forwarded = message.message_snapshots?.flatMap((it) => it.message.attachments ?? []) ?? [];
  return [...(message.attachments ?? []), ...forwarded].map((it) => {
    const ref: AttachmentRef = {
      url: it.url,
      channelId: message.channel_id,
      messageId: message.id,
      attachmentId: it.id,
    };
    const mimeType = it.content_type?.split(";")[0]?.trim();
    return {
      kind: kindOf(it),
      ref,
      name: it.filename,
      ...(mimeType && { mimeType }),
      ...(it.size !== undefined && { size: it.size }),
    };
  });
}

function kindOf({ content_type }: WireAttachment): MediaKind {
  const family = content_type?.split("/")[0];
  return family === "image" || family === "audio" || family === "video" ? family : "file";
}
