import type { Usage } from "openclaw-protocol";
import { isObject } from "./google-stream.ts";

type Json = Record<string, unknown>;

/** Counts one answer, which may have taken several requests. */
export interface GoogleUsage {
  /** A `usageMetadata`: the last one of a request counts. */
  take(metadata: unknown): void;
  /** Another request follows, with its own count. */
  next(): void;
  total(): Usage;
}

/** Source: https://ai.google.dev/api/generate-content#UsageMetadata. Tokens that are not reported are 0. */
export function createGoogleUsage(): GoogleUsage {
  let now: Json = {};
  const before: Json[] = [];

  const sum = (name: string): number =>
    before.reduce((total, it) => total + count(it[name]), count(now[name]));

  return {
    take(metadata) {
      if (isObject(metadata)) now = metadata;
    },
    next() {
      before.push(now);
      now = {};
    },
    total() {
      const promptTokens = sum("promptTokenCount");
      const reasoningTokens = sum("thoughtsTokenCount"); // which the candidates' are without
      const completionTokens = sum("candidatesTokenCount") + reasoningTokens;
      const cachedTokens = sum("cachedContentTokenCount");
      return {
        promptTokens,
        completionTokens,
        totalTokens: promptTokens + completionTokens,
        ...(reasoningTokens > 0 && { reasoningTokens }),
        ...(cachedTokens > 0 && { cachedTokens }),
      };
    },
  };
}

function count(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.round(value) : 0;
}
