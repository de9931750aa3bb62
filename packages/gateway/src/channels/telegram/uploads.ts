import type { OutboundMedia } from "../types.ts";
import type { Calls } from "./bot-api.ts";
import { says } from "./failures.ts";

/** Photos may be smaller than other files (https://core.telegram.org/bots/api#sendphoto). */
const mostPhotoBytes = 10 * 1024 * 1024;

/** Where the file goes, what is said with it. */
export interface Envelope {
  readonly chat_id: number | string;
  readonly message_thread_id?: number;
  readonly reply_parameters?: { message_id: number; allow_sending_without_reply: true };
  readonly caption?: string;
  readonly parse_mode?: "HTML";
}

type Way = "photo" | "animation" | "audio" | "voice" | "video" | "document";

/** Sends a file the way that suits it; what Telegram will not take as a picture or a voice goes as a document. */
export async function upload(
  calls: Calls,
  envelope: Envelope,
  media: OutboundMedia,
  signal: AbortSignal,
): Promise<number> {
  const way = wayOf(media);
  try {
    return await uploadAs(way, calls, envelope, media, signal);
  } catch (thrown) {
    const isOnlyForm = says(
      thrown,
      "PHOTO_",
      "IMAGE_PROCESS_FAILED",
      "VOICE_MESSAGES_FORBIDDEN",
      "wrong type of the",
    );
    if (way === "document" || !isOnlyForm) throw thrown;
    return uploadAs("document", calls, envelope, media, signal); // it was refused, so this is the first
  }
}

async function uploadAs(
  way: Way,
  { raw, file }: Calls,
  envelope: Envelope,
  media: OutboundMedia,
  signal: AbortSignal,
): Promise<number> {
  const input = file(media.bytes, fileNameOf(media.name));
  switch (way) {
    case "photo":
      return (await raw.sendPhoto({ ...envelope, photo: input }, signal)).message_id;
    case "animation":
      return (await raw.sendAnimation({ ...envelope, animation: input }, signal)).message_id;
    case "audio":
      return (await raw.sendAudio({ ...envelope, audio: input }, signal)).message_id;
    case "voice":
      return (await raw.sendVoice({ ...envelope, voice: input }, signal)).message_id;
    case "video":
      return (await raw.sendVideo({ ...envelope, video: input }, signal)).message_id;
    case "document":
      return (await raw.sendDocument({ ...envelope, document: input }, signal)).message_id;
  }
}

const ways: Readonly<Record<string, Way>> = {
  "image/jpeg": "photo",
  "image/png": "photo",
  "image/webp": "photo",
  "image/gif": "animation",
  "audio/mpeg": "audio",
  "audio/mp3": "audio",
  "audio/mp4": "audio",
  "audio/x-m4a": "audio",
  "audio/ogg": "voice",
  "audio/opus": "voice",
  "video/mp4": "video",
};

/** Only these forms are shown or played by Telegram; and a caller who says "file" means one. */
function wayOf({ kind, mimeType, bytes }: OutboundMedia): Way {
  if (kind === "file") return "document";
  const way = ways[mimeType.split(";")[0]!.trim().toLowerCase()] ?? "document";
  return way === "photo" && bytes.byteLength > mostPhotoBytes ? "document" : way;
}

/** grammY writes the name into a header as it is. */
function fileNameOf(name: string): string {
  const harmless = name.replace(/[\p{Cc}"\\/;=]/gu, "_").trim();
  return harmless.slice(-200) || "file";
}
