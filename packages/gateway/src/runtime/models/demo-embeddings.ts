import { GatewayError } from "../../lib/errors.ts";
import { inSlices } from "../../lib/slices.ts";
import type { CallOptions, Embedded, EmbedRequest } from "./types.ts";

const usualDimensions = 256;
const mostDimensions = 1024;
const charsPerToken = 4;
const mostCharacters = 8192 * charsPerToken;
/** Two words in a row say more than each, but are rarer. */
const pairWeight = 0.5;

/**
 * Vectors of the demo model: words and pairs of words, hashed to places and signs, at unit length. The same text
 * always has the same vector, texts that share words are near each other, and what they mean plays no part.
 * Source of the hashing: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (2009).
 */
export async function demoEmbeddings(
  { texts, dimensions = usualDimensions }: EmbedRequest,
  options: CallOptions,
): Promise<Embedded> {
  if (dimensions > mostDimensions) throw refused("dimensions", `${mostDimensions} dimensions`);
  const long = texts.findIndex((it) => it.length > mostCharacters);
  if (long >= 0) throw refused(`input[${long}]`, `${mostCharacters} characters in a text`);
  options.signal.throwIfAborted();
  const vectors: number[][] = [];
  let promptTokens = 0;
  await inSlices(
    texts,
    (text) => {
      promptTokens += Math.ceil(text.length / charsPerToken);
      vectors.push(vectorOf(text, dimensions));
    },
    options,
  );
  return { vectors, promptTokens };
}

function vectorOf(text: string, dimensions: number): number[] {
  const sums = new Array<number>(dimensions).fill(0);
  const count = (feature: string, weight: number): void => {
    const hash = hashOf(feature);
    sums[hash % dimensions]! += hash & 0x8000_0000 ? -weight : weight; // a sign lets collisions cancel out
  };
  let before: string | undefined;
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    count(word, 1);
    if (before !== undefined) count(`${before} ${word}`, pairWeight);
    before = word;
  }
  if (sums.every((it) => it === 0)) count(`text ${text}`, 1); // nothing but signs, or all have cancelled out
  const length = Math.hypot(...sums);
  return sums.map((it) => Math.fround(it / length)); // as float32, so that base64 says the same
}

/** FNV-1a, then mixed: its high bits hardly differ for short texts. Source of the mixing: MurmurHash3's `fmix32`. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function refused(param: string, most: string): GatewayError {
  return new GatewayError("invalid_request", `The demo model takes at most ${most}. Send less.`, { param });
}
