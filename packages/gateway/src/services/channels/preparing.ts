import type { Attachment } from "openclaw-protocol";
import type { Log } from "../../lib/log.ts";
import type { Transcription } from "../models/transcription.ts";
import type { Account } from "./account.ts";
import type { Kept } from "./kept.ts";
import { createMediaIntake } from "./media.ts";

/** Gets ready what a message brings along, before the model hears of it. */
export interface Preparing {
  take(
    account: Account,
    kept: Kept,
    signal: AbortSignal,
  ): Promise<{ attachments: Attachment[]; notes: readonly string[] }>;
}

export function createPreparing(deps: { transcription: Transcription; log: Log }): Preparing {
  const intake = createMediaIntake({ log: deps.log });

  /** The words of a voice message; undefined: it is none, or nobody can put it into words. */
  async function wordsOf(file: Attachment, signal: AbortSignal): Promise<string | undefined> {
    if (file.type !== "audio" || file.data === undefined) return undefined;
    const bytes = Buffer.from(file.data, "base64");
    const mimeType = file.mimeType ?? "audio/ogg";
    return deps.transcription.transcribe({ bytes, mimeType, name: file.name ?? "voice" }, { signal });
  }

  return {
    async take(account, kept, signal) {
      const { media = [] } = kept.message;
      if (media.length === 0) return { attachments: [], notes: [] };
      const { adapter, policy } = account.loaded()!;
      const taken = await intake.take(adapter, media, { maxBytes: policy.mediaMaxBytes, signal });
      const attachments: Attachment[] = [];
      const said: string[] = [];
      for (const file of taken.attachments) {
        const words = await wordsOf(file, signal);
        // The words are what was meant; the sound itself only helps where nobody can put it into words.
        if (words === undefined) attachments.push(file);
        else said.push(`[voice message] ${words}`);
      }
      return { attachments, notes: [...said, ...taken.notes] };
    },
  };
}
