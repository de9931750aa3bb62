import type { Attachment } from "openclaw-protocol";
import type { ChannelAdapter, Downloaded, InboundMedia } from "../../channels/types.ts";
import { toBase64 } from "../../lib/base64.ts";
import { toGatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { safeName } from "../../lib/safe-name.ts";
import { type Sniffed, typeOfFile } from "../../lib/sniff.ts";

/** Of one message. */
const filesAtMost = 10;
const bytesAtMost = 32 * 1024 * 1024;
/** Longest time to fetch one file, ms. */
const longestMs = 60_000;
/** The largest picture that all vendors take: 5 MB of base64 (https://platform.claude.com/docs/en/build-with-claude/vision). */
const pictureBytesAtMost = Math.floor((5 * 1024 * 1024 * 3) / 4);
/** Pictures that models take. */
const shown = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export interface TakenMedia {
  attachments: Attachment[];
  /** What the model is told of what could not be taken, a sentence each. */
  notes: string[];
}

/** Fetches what came with a message of a channel. */
export interface MediaIntake {
  /** Rejects only when the signal aborts: what cannot be had is a note. `maxBytes` is that of one file. */
  take(
    adapter: ChannelAdapter,
    list: readonly InboundMedia[],
    options: { maxBytes: number; signal: AbortSignal },
  ): Promise<TakenMedia>;
}

export function createMediaIntake({ log, fetchMs = longestMs }: { log: Log; fetchMs?: number }): MediaIntake {
  return {
    async take(adapter, list, { maxBytes, signal }) {
      const taken: TakenMedia = { attachments: [], notes: [] };
      let left = bytesAtMost;
      for (const media of list.slice(0, filesAtMost)) {
        signal.throwIfAborted();
        const limit = Math.min(maxBytes, left);
        const loaded = await load(adapter, media, { limit, signal });
        if (typeof loaded === "string") {
          taken.notes.push(noteOn(media, { mimeType: media.mimeType, size: media.size }, loaded));
          continue;
        }
        left -= loaded.bytes.length;
        const type = typeOfFile(loaded.bytes, loaded.mimeType ?? media.mimeType, media.kind === "audio");
        const isPicture = type.kind === "image";
        if (isPicture && (!shown.has(type.mimeType) || loaded.bytes.length > pictureBytesAtMost)) {
          taken.notes.push(noteOn(media, { ...type, size: loaded.bytes.length }, "it cannot be shown"));
        } else taken.attachments.push(await attachmentOf(media, type, loaded.bytes, signal));
      }
      if (list.length > filesAtMost) {
        taken.notes.push(
          `[${list.length - filesAtMost} more files came along; only ${filesAtMost} are taken]`,
        );
      }
      return taken;
    },
  };

  /** The bytes, or why they are not here. */
  async function load(
    adapter: ChannelAdapter,
    media: InboundMedia,
    { limit, signal }: { limit: number; signal: AbortSignal },
  ): Promise<Downloaded | string> {
    if (!adapter.download) return "it cannot be fetched";
    if (limit <= 0 || (media.size ?? 0) > limit) return "it is too large";
    try {
      const loaded = await adapter.download(media, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(fetchMs)]),
        maxBytes: limit,
      });
      if (loaded.bytes.length === 0) return "it is empty";
      return loaded.bytes.length > limit ? "it is too large" : loaded;
    } catch (thrown) {
      signal.throwIfAborted();
      const { code } = toGatewayError(thrown);
      if (code === "payload_too_large") return "it is too large";
      log.warn({ code, kind: media.kind }, "a file that came with a message could not be fetched");
      return "it could not be fetched";
    }
  }
}

async function attachmentOf(
  media: InboundMedia,
  type: Sniffed,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<Attachment> {
  const name = safeName(media.name);
  return {
    type: type.kind,
    mimeType: type.mimeType,
    ...(name !== undefined && { name }),
    data: await toBase64(bytes, signal),
  };
}

function noteOn(
  media: InboundMedia,
  facts: { mimeType?: string | undefined; size?: number | undefined },
  why: string,
): string {
  const name = safeName(media.name)?.replace(/[[\]]/g, "");
  const type =
    facts.mimeType !== undefined && /^[\w.+/-]{1,100}$/.test(facts.mimeType) ? facts.mimeType : undefined;
  const about = [type ?? media.kind, facts.size !== undefined && sizeText(facts.size)]
    .filter((it) => it)
    .join(", ");
  return `[a file${name ? ` ${name}` : ""} (${about}) came along; ${why}]`;
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
