import type { Chat, InboundMessage, Sender } from "../types.ts";
import { attachmentOf } from "./attachments.ts";
import type { Bot } from "./bot-api.ts";
import { readSpoken } from "./spoken.ts";
import { type TelegramMessage, update } from "./update.ts";

/** What decides whether a group's message speaks to the bot. */
export interface Triggers {
  readonly triggerOnMention: boolean;
  readonly triggerOnReply: boolean;
}

/** The thread that a forum's messages have which are in no topic of their own. */
export const generalTopic = "1";

/**
 * An update (https://core.telegram.org/bots/api#update) as a message; undefined for what is none: edits, people who
 * come and go, a group that moved. Throws `ZodError` where it is not an update at all.
 */
export function inboundOf(raw: unknown, bot: Bot, triggers: Triggers): InboundMessage | undefined {
  const { message } = update.parse(raw);
  if (message === undefined) return undefined;
  const chat = chatOf(message);
  const sender = senderOf(message, bot);
  if (chat === undefined || sender === undefined) return undefined;

  const written = message.text ?? message.caption ?? "";
  const entities = (message.text === undefined ? message.caption_entities : message.entities) ?? [];
  const { text, isMention } = readSpoken(written, entities, bot);
  const attachment = attachmentOf(message);
  const whole = [text, factsOf(message)].filter((it) => it !== "").join("\n");
  if (whole === "" && attachment === undefined && !isMention) return undefined;

  const replyTo = replyOf(message, bot);
  const mentioned =
    (isMention && triggers.triggerOnMention) || (replyTo?.toBot === true && triggers.triggerOnReply);
  return {
    id: messageKey(message.chat.id, message.message_id),
    sentAt: message.date * 1000,
    chat,
    sender,
    text: whole,
    ...(chat.kind === "group" && { mentioned }),
    ...(replyTo && { replyTo }),
    ...(attachment && { media: [attachment] }),
  };
}

/** A message's id is unique in its chat alone. */
export function messageKey(chatId: number | string, messageId: number): string {
  return `${chatId}:${messageId}`;
}

function chatOf({ chat, message_thread_id, is_topic_message }: TelegramMessage): Chat | undefined {
  const id = String(chat.id);
  const topic = message_thread_id === undefined ? undefined : String(message_thread_id);
  if (chat.type === "private") {
    return { id, kind: "dm", ...(is_topic_message && topic && { threadId: topic }), ...named(nameOf(chat)) };
  }
  if (chat.type !== "group" && chat.type !== "supergroup") return undefined;
  // Elsewhere than in a forum the number only tells which message all the others answer.
  const threadId = is_topic_message || chat.is_forum ? (topic ?? generalTopic) : undefined;
  return { id, kind: "group", ...(threadId && { threadId }), ...named(chat.title) };
}

/** Who speaks for a group or a channel is that chat: `from` then holds a stand-in of Telegram's. */
function senderOf({ from, sender_chat }: TelegramMessage, bot: Bot): Sender | undefined {
  if (sender_chat) return { id: String(sender_chat.id), ...named(nameOf(sender_chat)) };
  if (!from) return undefined;
  const flags = { isBot: from.is_bot === true, isSelf: from.id === bot.id };
  return { id: String(from.id), ...named(nameOf(from)), ...flags };
}

function replyOf(message: TelegramMessage, bot: Bot): InboundMessage["replyTo"] {
  const { reply_to_message: replied, message_thread_id, quote, chat } = message;
  // In a topic whatever answers nothing answers the topic's beginning, which may be the bot's.
  if (replied === undefined || replied.message_id === message_thread_id) return undefined;
  const text = quote?.text ?? replied.text ?? replied.caption;
  return {
    id: messageKey(chat.id, replied.message_id),
    ...(text !== undefined && { text }),
    toBot: replied.sender_chat === undefined && replied.from?.id === bot.id,
  };
}

/** What is told by neither text nor a file. */
function factsOf({ sticker, location, venue, contact }: TelegramMessage): string {
  const facts = [
    sticker?.emoji,
    venue && `${venue.title}, ${venue.address}`,
    location && `Location: ${location.latitude}, ${location.longitude}`,
    contact && `Contact: ${nameOf(contact)}, ${contact.phone_number}`,
  ];
  return facts.filter((it) => it !== undefined).join("\n");
}

interface Named {
  readonly title?: string | undefined;
  readonly first_name?: string | undefined;
  readonly last_name?: string | undefined;
  readonly username?: string | undefined;
}

function nameOf({ title, first_name, last_name, username }: Named): string | undefined {
  const name = title ?? [first_name, last_name].filter((it) => it !== undefined).join(" ");
  return name || username;
}

function named(name: string | undefined): { name?: string } {
  return name === undefined ? {} : { name };
}
