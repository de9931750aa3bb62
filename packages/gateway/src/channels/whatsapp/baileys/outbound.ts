import { createHash } from "node:crypto";
import type { AnyMessageContent } from "baileys";
import {
  type Destination,
  type OutboundMedia,
  type OutboundMessage,
  SendError,
  type Sent,
} from "../../types.ts";
import { whatsappText } from "../both/format.ts";
import { messageId } from "./jids.ts";
import type { Link, Memory } from "./link.ts";

const mostCaption = 1024;

/** A message's id, the same for the same key: a copy that arrives twice has one id for WhatsApp. In the form of its web client. */
export function keyIdFor(idempotencyKey: string): string {
  return `3EB0${createHash("sha256").update(idempotencyKey).digest("hex").toUpperCase().slice(0, 18)}`;
}

export async function sendMessage(
  link: Link,
  received: Memory,
  { chatId, replyTo }: Destination,
  { text: markdown, media }: OutboundMessage,
  { signal, idempotencyKey }: { signal: AbortSignal; idempotencyKey: string },
): Promise<Sent> {
  const text = whatsappText(markdown);
  const quoted = replyTo === undefined ? undefined : received.find(replyTo);
  const keyId = keyIdFor(idempotencyKey);
  const asCaption = media !== undefined && media.kind !== "audio" && text.length <= mostCaption;
  if (media === undefined) {
    await link.send(chatId, textContent(text), { keyId, quoted, signal });
  } else if (asCaption || text === "") {
    await link.send(chatId, fileContent(media, text), { keyId, quoted, signal });
  } else {
    await link.send(chatId, textContent(text), { keyId: keyIdFor(`${idempotencyKey} text`), quoted, signal });
    await link.send(chatId, fileContent(media, ""), { keyId, signal }).catch(afterText);
  }
  return { messageId: messageId(chatId, keyId) };
}

function afterText(thrown: unknown): never {
  if (!(thrown instanceof SendError) || thrown.outcome !== "later") throw thrown;
  throw new SendError("unknown", `The text arrived, the file did not. ${thrown.message}`);
}

/** `null` keeps baileys from fetching what the text links to. Nobody is mentioned: that takes a list of ids. */
function textContent(text: string): { text: string; linkPreview: null } {
  return { text, linkPreview: null };
}

/** With an empty thumbnail: baileys would start a program to make one. */
function fileContent({ kind, mimeType, name, bytes }: OutboundMedia, text: string): AnyMessageContent {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const caption = text === "" ? {} : { caption: text };
  if (kind === "image") return { image: buffer, mimetype: mimeType, jpegThumbnail: "", ...caption };
  if (kind === "video") return { video: buffer, mimetype: mimeType, jpegThumbnail: "", ...caption };
  if (kind === "audio") return { audio: buffer, mimetype: mimeType, ptt: false };
  return { document: buffer, mimetype: mimeType, fileName: name, ...caption };
}

/** The name of what an edit replaces. */
export function editContent(chatId: string, keyId: string, text: string): AnyMessageContent {
  return { ...textContent(text), edit: { remoteJid: chatId, id: keyId, fromMe: true } };
}
