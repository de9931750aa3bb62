import type { ThinkingLevel } from "openclaw-protocol";
import type { ModelFacts } from "./types.ts";

/** What we know of a model, and how it is told not to think. */
export interface CatalogEntry extends ModelFacts {
  /** What `off` is sent as, where saying nothing would let it think. */
  readonly lowestEffort?: string;
}

interface Sizes {
  /** Tokens. */
  context: number;
  /** Most tokens of an answer. */
  answer: number;
}

/** Prices in USD per million tokens: input, output, cache read, cache write. */
type Prices = readonly [input: number, output: number, cacheRead?: number, cacheWrite?: number];

interface More {
  thinking?: readonly ThinkingLevel[];
  input?: ModelFacts["input"];
  lowestEffort?: string;
}

/** One row of a catalog. */
export function entry(id: string, name: string, sizes: Sizes, prices: Prices, more: More = {}): CatalogEntry {
  const [input, output, cacheRead, cacheWrite] = prices;
  return {
    id,
    name,
    contextWindow: sizes.context,
    maxTokens: sizes.answer,
    input: more.input ?? ["text", "image"],
    thinking: more.thinking ?? ["off"],
    cost: { input, output, cacheRead, cacheWrite },
    ...(more.lowestEffort !== undefined && { lowestEffort: more.lowestEffort }),
  };
}
