import type { WAMessage } from "baileys";
import type { InboundMedia, InboundMessage } from "../../types.ts";
import { contextOf, innermost, mediaOf, textOf } from "./content.ts";
import { isGroup, isPhoneJid, messageId, plainJid } from "./jids.ts";

/** The account's two ids: by its number, and the hidden one that groups use. */
export interface Me {
  readonly id: string;
  readonly lid?: string | undefined;
}

/**
 * A message of WhatsApp's as ours; undefined for what says nothing to the bot: our own, status updates, newsletters,
 * reactions, polls, edits, deletions, keys.
 */
export function inboundOf(
  { key, message, messageTimestamp, pushName }: WAMessage,
  me: Me,
): InboundMessage | undefined {
  const { remoteJid, id } = key;
  if (!remoteJid || !id || !message || key.fromMe) return undefined;
  if (!/@(s\.whatsapp\.net|c\.us|lid|g\.us|bot|hosted|hosted\.lid)$/.test(remoteJid)) return undefined;
  const content = innermost(message);
  const media = inboundMedia(content);
  const group = isGroup(remoteJid);
  const sender = group
    ? numberFirst(key.participant, key.participantAlt)
    : numberFirst(remoteJid, key.remoteJidAlt);
  if (sender === undefined) return undefined;
  const context = contextOf(content);
  const isMe = (jid: string) => [me.id, me.lid].some((own) => own && plainJid(own) === plainJid(jid));
  const answered = context?.stanzaId ?? undefined;
  const toBot = answered !== undefined && isMe(context?.participant ?? "");
  const quoted = context?.quotedMessage ? textOf(innermost(context.quotedMessage)) : "";
  const text = withoutMention(textOf(content), me);
  if (text === "" && media === undefined) return undefined;
  const name = pushName ? { name: pushName } : {};
  return {
    id: messageId(remoteJid, id),
    sentAt: Number(messageTimestamp ?? 0) * 1_000,
    chat: group ? { id: plainJid(remoteJid), kind: "group" } : { id: sender, kind: "dm", ...name },
    sender: { id: sender, ...name, ...(sender.endsWith("@bot") && { isBot: true }) },
    text,
    ...(group && { mentioned: toBot || (context?.mentionedJid ?? []).some(isMe) }),
    ...(answered !== undefined && {
      replyTo: { id: messageId(remoteJid, answered), toBot, ...(quoted !== "" && { text: quoted }) },
    }),
    ...(media !== undefined && { media: [media] }),
  };
}

/** The id by number where it is known: the hidden one would be another id for the same person. */
function numberFirst(jid: string | null | undefined, other: string | null | undefined): string | undefined {
  const known = [jid, other].find(isPhoneJid) ?? jid ?? other;
  return known ? plainJid(known) : undefined;
}

/** In the text a mention is `@` and the digits of either id. */
function withoutMention(text: string, me: Me): string {
  const own = [me.id, me.lid].flatMap((jid) => (jid ? plainJid(jid).split("@")[0]! : []));
  const found = /^\s*@(\d+)[\s,:]*/.exec(text);
  return found && own.includes(found[1]!) ? text.slice(found[0].length) : text;
}

function inboundMedia(content: Parameters<typeof mediaOf>[0]): InboundMedia | undefined {
  const found = mediaOf(content);
  if (found === undefined) return undefined;
  const { kind, type, part } = found;
  if (!part.mediaKey?.length) return undefined;
  const size = Number(part.fileLength ?? 0);
  const mimeType = part.mimetype?.split(";")[0]?.trim();
  const name = "fileName" in part ? part.fileName : undefined;
  return {
    kind,
    ref: {
      type,
      mediaKey: Buffer.from(part.mediaKey).toString("base64"),
      ...(part.directPath && { directPath: part.directPath }),
      ...(part.url && { url: part.url }),
    },
    ...(mimeType && { mimeType }),
    ...(name && { name }),
    ...(size > 0 && { size }),
  };
}
