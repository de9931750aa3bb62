import type { InboundMedia, MediaKind } from "../types.ts";
import type { TelegramFile, TelegramMessage } from "./update.ts";

/** The file that came with a message; Telegram sends several as several messages. */
export function attachmentOf(message: TelegramMessage): InboundMedia | undefined {
  const { photo, animation, document, audio, voice, video, video_note, sticker } = message;
  if (photo !== undefined) {
    const largest = photo.toSorted((a, b) => b.width * b.height - a.width * a.height)[0];
    return largest && attachment("image", largest, "image/jpeg");
  }
  // An animation comes as a document as well, for old clients.
  if (animation) return attachment("video", animation, "video/mp4");
  if (document) return attachment(kindOf(document.mime_type), document);
  if (audio) return attachment("audio", audio);
  if (voice) return attachment("audio", voice, "audio/ogg");
  if (video) return attachment("video", video);
  if (video_note) return attachment("video", video_note, "video/mp4");
  // Moving stickers are vector graphics or videos of their own kind: their emoji says what they mean.
  if (sticker && !sticker.is_animated && !sticker.is_video) return attachment("image", sticker, "image/webp");
  return undefined;
}

function attachment(kind: MediaKind, file: TelegramFile, usualType?: string): InboundMedia {
  return {
    kind,
    ref: { fileId: file.file_id },
    mimeType: file.mime_type ?? usualType,
    name: file.file_name,
    size: file.file_size,
  };
}

function kindOf(mimeType: string | undefined): MediaKind {
  const family = mimeType?.split("/")[0];
  return family === "image" || family === "audio" || family === "video" ? family : "file";
}
