import type { Account } from "./account.ts";
import { chunkMarkdown } from "./chunks.ts";

/** A text as the messages that its channel can take. */
export function piecesOf(account: Account, text: string): string[] {
  const { traits } = account.loaded()!.adapter;
  return chunkMarkdown(text, traits.textLimit, (piece) => traits.textLength?.(piece) ?? piece.length);
}
