import type { ModelRequest } from "./types.ts";

/**
 * What Google's models want each in its own way. Sources: https://ai.google.dev/gemini-api/docs/thinking and
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */

/** Thinking of Gemini 2.5, in tokens. */
const budgets = { minimal: 1024, low: 4096, medium: 8192, high: 24_576, xhigh: 24_576 } as const;
const leastOfPro = 128;
const mostOfPro = 32_768;
const mostOfFlash = 24_576;

/** Where a model thinks by a budget, and has no penalties. */
export function isGemini25(model: string): boolean {
  return /gemini-2\.5/.test(model);
}

/**
 * Gemini from the third generation on: it wants the signatures of its calls back, and takes pictures in the result of
 * a call. A name of Google's that says no generation means the newest.
 */
export function isGemini3(model: string): boolean {
  return /(^|\/)gemini-(?![12]([.-]|$)|pro(-vision)?$|robotics-er-1)/i.test(model);
}

/** Gemma takes no system instruction. */
export function isGemma(model: string): boolean {
  return /(^|\/)gemma-/i.test(model);
}

/** Gemini 2.5 takes a budget, later ones a level; most of them cannot stop thinking, and `off` is the least they know. */
export function thinkingConfig({ model, thinking, thinkingBudget }: ModelRequest) {
  if (isGemini25(model)) {
    const isPro = isProModel(model);
    const budget = thinkingBudget ?? (thinking && thinking !== "off" ? budgets[thinking] : undefined);
    if (thinking === "off" || budget === 0) return { thinkingBudget: isPro ? leastOfPro : 0 };
    if (budget === undefined) return undefined;
    return { thinkingBudget: Math.min(budget, isPro ? mostOfPro : mostOfFlash), includeThoughts: true };
  }
  if (thinking === undefined) return undefined;
  // Of an unknown name the owner's config says that it thinks; nothing says how it would stop.
  if (thinking === "off" && !isNumbered(model)) return undefined;
  if (thinking === "off") return { thinkingLevel: leastLevel(model) };
  if (thinking === "minimal") return { thinkingLevel: leastLevel(model), includeThoughts: true };
  return { thinkingLevel: thinking === "xhigh" ? "high" : thinking, includeThoughts: true };
}

function isProModel(model: string): boolean {
  return /-pro\b/.test(model);
}

function isNumbered(model: string): boolean {
  return /gemini-([3-9]|\d\d)/.test(model);
}

/** Flash had `minimal` up to 3.6; Pro and those after it begin at `low` and refuse less. */
function leastLevel(model: string): "minimal" | "low" {
  return !isNumbered(model) || /gemini-3(\.[0-6])?-flash/.test(model) ? "minimal" : "low";
}
