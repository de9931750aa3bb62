import type { InboundMedia, InboundMessage, MediaKind } from "../../types.ts";
import { type CloudMedia, type CloudMessage, type MessagesValue, message } from "./payload.ts";

/** Kinds that say nothing to the bot. */
const silent = new Set(["reaction", "unsupported", "system", "ephemeral", "request_welcome", "unknown"]);

const mediaKinds: readonly (readonly [keyof CloudMessage, MediaKind])[] = [
  ["image", "image"],
  ["sticker", "image"],
  ["audio", "audio"],
  ["voice", "audio"],
  ["video", "video"],
  ["document", "file"],
];

/** One of a webhook's messages. `malformed` is what is not as Meta documents it. */
export function inboundOf(raw: unknown, value: MessagesValue): InboundMessage | "silent" | "malformed" {
  const parsed = message.safeParse(raw);
  if (!parsed.success) return "malformed";
  const it = parsed.data;
  if (silent.has(it.type)) return "silent";
  const media = mediaOf(it);
  const text = textOf(it);
  if (text === "" && media.length === 0) return "silent";
  const name = value.contacts?.find((contact) => contact.wa_id === it.from)?.profile?.name;
  const own = value.metadata.display_phone_number?.replace(/\D/g, "");
  const quoted = it.context?.id;
  return {
    id: it.id,
    sentAt: Number(it.timestamp) * 1_000,
    chat:
      it.group_id === undefined
        ? { id: it.from, kind: "dm", ...(name !== undefined && { name }) }
        : { id: it.group_id, kind: "group" },
    sender: { id: it.from, ...(name !== undefined && { name }), ...(it.from === own && { isSelf: true }) },
    text,
    ...(media.length > 0 && { media }),
    ...(quoted !== undefined && {
      replyTo: { id: quoted, toBot: own !== undefined && it.context?.from === own },
    }),
  };
}

function textOf(it: CloudMessage): string {
  if (it.text) return it.text.body;
  if (it.button) return it.button.text;
  if (it.interactive) return (it.interactive.button_reply ?? it.interactive.list_reply)?.title ?? "";
  if (it.location) {
    const { latitude, longitude, name, address } = it.location;
    const place = [name, address].filter((part) => part !== undefined && part !== "").join(", ");
    return `Location: ${latitude}, ${longitude}${place && ` (${place})`}`;
  }
  if (it.contacts) {
    const lines = it.contacts.map(({ name, phones }) =>
      [name.formatted_name, ...(phones ?? []).flatMap(({ phone }) => phone ?? [])].join(", "),
    );
    return lines.map((line) => `Contact: ${line}`).join("\n");
  }
  return (it.image ?? it.video ?? it.document)?.caption ?? "";
}

function mediaOf(it: CloudMessage): InboundMedia[] {
  return mediaKinds.flatMap(([key, kind]) => {
    // The keys of the table above are those of media, or absent.
    const media = it[key] as CloudMedia | undefined;
    if (media === undefined) return [];
    const mimeType = media.mime_type?.split(";")[0]?.trim();
    return [
      {
        kind,
        ref: { id: media.id },
        ...(mimeType !== undefined && { mimeType }),
        ...(media.filename !== undefined && { name: media.filename }),
      },
    ];
  });
}
