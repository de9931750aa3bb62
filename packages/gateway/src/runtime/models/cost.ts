import type { Usage } from "openclaw-protocol";
import type { ModelFacts } from "./types.ts";

/**
 * USD for a usage. `cachedTokens` are a part of `promptTokens` and billed at `cacheRead` (at `input` where no such
 * price is known); thinking is a part of `completionTokens`.
 */
export function costOf(usage: Usage, prices: ModelFacts["cost"]): number {
  const cached = Math.min(usage.cachedTokens ?? 0, usage.promptTokens);
  const fresh = usage.promptTokens - cached;
  const dollars =
    fresh * prices.input +
    cached * (prices.cacheRead ?? prices.input) +
    usage.completionTokens * prices.output;
  return dollars / 1_000_000;
}
