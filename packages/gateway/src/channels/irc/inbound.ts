import type { IrcMessage } from "irc-framework/src/client.js";
import type { InboundMessage } from "../types.ts";
import { type Casemapping, fold, lowerAscii } from "./names.ts";

/** What the meaning of a message depends on. */
export interface Circumstances {
  /** What the server calls us. */
  readonly nick: string;
  readonly casemapping: Casemapping;
  /** Signs that channels begin with. */
  readonly channelTypes: string;
  /** Unix ms. */
  readonly now: number;
  /** An id for a message that the server gave none. */
  makeId(): string;
}

/** A PRIVMSG as a message; undefined for whatever is not said to us: notices, CTCP, servers, operators' broadcasts. */
export function inboundOf(message: IrcMessage, here: Circumstances): InboundMessage | undefined {
  const { command, params, tags, nick } = message;
  const [target, raw] = params;
  if (command !== "PRIVMSG" || target === undefined || raw === undefined || nick === "") return undefined;
  const said = spoken(raw);
  if (said === undefined) return undefined;
  const own = fold(here.nick, here.casemapping);
  const isGroup = here.channelTypes.includes(target[0] ?? " ");
  if (!isGroup && fold(target, here.casemapping) !== own) return undefined;

  const { text, isMentioned } = withoutMention(said, here.nick);
  const replied = tags["+draft/reply"] ?? tags["+reply"];
  return {
    id: tags.msgid || here.makeId(),
    sentAt: timeOf(tags.time) ?? here.now,
    chat: isGroup
      ? { id: fold(target, here.casemapping), kind: "group", name: target }
      : { id: fold(nick, here.casemapping), kind: "dm" },
    sender: {
      id: senderIdOf(message),
      name: nick,
      ...((tags.bot !== undefined || tags["draft/bot"] !== undefined) && { isBot: true }),
      ...(fold(nick, here.casemapping) === own && { isSelf: true }),
    },
    text,
    ...(isGroup && { mentioned: isMentioned }),
    ...(replied && { replyTo: { id: replied } }),
  };
}

/**
 * The account of the network's services, where the server says it (https://ircv3.net/specs/extensions/account-tag):
 * it alone cannot be taken by another. Else the whole mask; never the nickname alone.
 */
function senderIdOf({ tags, nick, ident, hostname }: IrcMessage): string {
  const { account } = tags;
  if (account && account !== "*") return `account:${lowerAscii(account)}`;
  return lowerAscii(`${nick}!${ident}@${hostname}`);
}

/** What was said, without colours; an action as people type it. Undefined for other CTCP (https://modern.ircdocs.horse/ctcp). */
function spoken(raw: string): string | undefined {
  if (!raw.startsWith(ctcp)) return plain(raw);
  const [name = "", ...words] = raw.replaceAll(ctcp, "").split(" ");
  return name.toUpperCase() === "ACTION" ? `/me ${plain(words.join(" "))}` : undefined;
}

const ctcp = "\u0001";

/** Colours by number and by hex, after \x03 and \x04 (https://modern.ircdocs.horse/formatting). */
const colours = new RegExp(
  `${String.fromCharCode(3)}(?:\\d{1,2}(?:,\\d{1,2})?)?|${String.fromCharCode(4)}(?:[\\da-f]{6}(?:,[\\da-f]{6})?)?`,
  "gi",
);

/** Without formatting and other control characters. */
function plain(text: string): string {
  return text
    .replace(colours, "")
    .replace(/[^\P{Cc}\t]/gu, "")
    .trim();
}

/** Takes our name off the beginning, and says whether it is a word of the text. */
function withoutMention(text: string, nick: string): { text: string; isMentioned: boolean } {
  const name = nick.replace(/[\\^$.*+?()[\]{}|-]/g, "\\$&");
  const sign = "[\\w[\\]\\\\`^{|}-]"; // what nicknames are made of
  const start = new RegExp(`^@?${name}(?:[:,]\\s*|\\s+|$)`, "i");
  const anywhere = new RegExp(`(?<!${sign})${name}(?!${sign})`, "i");
  return { text: text.replace(start, ""), isMentioned: anywhere.test(text) };
}

/** https://ircv3.net/specs/extensions/server-time */
function timeOf(tag: string | undefined): number | undefined {
  const ms = tag === undefined ? Number.NaN : Date.parse(tag);
  return Number.isNaN(ms) ? undefined : ms;
}
