import type { proto } from "baileys";
import type { MediaKind } from "../../types.ts";

type Content = proto.IMessage;

/** Layers around what was said: vanishing, seen once, a file with words, an album's part, sent from our own phone. */
const layers = [
  "ephemeralMessage",
  "viewOnceMessage",
  "viewOnceMessageV2",
  "viewOnceMessageV2Extension",
  "documentWithCaptionMessage",
  "groupMentionedMessage",
  "associatedChildMessage",
  "deviceSentMessage",
] as const;

/** What is inside of all layers. */
export function innermost(message: Content): Content {
  let content = message;
  for (let depth = 0; depth < 8; depth++) {
    const wrapped = layers.map((layer) => content[layer]?.message).find((inner) => inner);
    if (!wrapped) break;
    content = wrapped;
  }
  return content;
}

export function textOf(it: Content): string {
  const text =
    it.conversation ??
    it.extendedTextMessage?.text ??
    it.imageMessage?.caption ??
    it.videoMessage?.caption ??
    it.documentMessage?.caption ??
    it.buttonsResponseMessage?.selectedDisplayText ??
    it.templateButtonReplyMessage?.selectedDisplayText ??
    it.listResponseMessage?.title ??
    it.interactiveResponseMessage?.body?.text;
  if (text) return text;
  const place = it.locationMessage ?? it.liveLocationMessage;
  if (place) {
    const names = it.locationMessage ? [it.locationMessage.name, it.locationMessage.address] : [];
    const name = names.filter((part) => part).join(", ");
    return `Location: ${place.degreesLatitude}, ${place.degreesLongitude}${name && ` (${name})`}`;
  }
  const contacts = it.contactMessage ? [it.contactMessage] : (it.contactsArrayMessage?.contacts ?? []);
  return contacts
    .map(({ displayName, vcard }) => `Contact: ${[displayName, ...phonesOf(vcard)].join(", ")}`)
    .join("\n");
}

function phonesOf(vcard: string | null | undefined): string[] {
  return [...(vcard ?? "").matchAll(/^(?:item\d+\.)?TEL[^:\n]*:(.+)$/gim)].map((line) => line[1]!.trim());
}

export interface MediaPart {
  kind: MediaKind;
  /** As the key of the file is derived with. */
  type: "Image" | "Audio" | "Video" | "Document";
  part:
    | proto.Message.IImageMessage
    | proto.Message.IAudioMessage
    | proto.Message.IVideoMessage
    | proto.Message.IDocumentMessage
    | proto.Message.IStickerMessage;
}

export function mediaOf(it: Content): MediaPart | undefined {
  if (it.imageMessage) return { kind: "image", type: "Image", part: it.imageMessage };
  if (it.stickerMessage) return { kind: "image", type: "Image", part: it.stickerMessage };
  if (it.audioMessage) return { kind: "audio", type: "Audio", part: it.audioMessage };
  const video = it.videoMessage ?? it.ptvMessage;
  if (video) return { kind: "video", type: "Video", part: video };
  if (it.documentMessage) return { kind: "file", type: "Document", part: it.documentMessage };
  return undefined;
}

/** What a message refers to: whom it mentions, what it answers. */
export function contextOf(it: Content): proto.IContextInfo | undefined {
  const holders = [
    it.extendedTextMessage,
    it.imageMessage,
    it.videoMessage,
    it.ptvMessage,
    it.documentMessage,
    it.audioMessage,
    it.stickerMessage,
    it.locationMessage,
    it.liveLocationMessage,
    it.contactMessage,
    it.contactsArrayMessage,
    it.buttonsResponseMessage,
    it.templateButtonReplyMessage,
    it.listResponseMessage,
    it.interactiveResponseMessage,
  ];
  return holders.find((holder) => holder?.contextInfo)?.contextInfo ?? undefined;
}
