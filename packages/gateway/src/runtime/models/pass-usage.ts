import type { Usage } from "openclaw-protocol";
import { readUsage } from "./openai-usage.ts";
import type { PassDialect } from "./types.ts";

type Json = Record<string, unknown>;

/** Finds what a provider counted in answers that are handed on: in a whole one, or in the events of a stream. */
export interface UsageReader {
  /** The usage so far, if this piece tells anything of it. */
  take(piece: Json): Usage | undefined;
}

/** A reader for one answer of a dialect. */
export function createUsageReader(dialect: PassDialect): UsageReader {
  switch (dialect) {
    case "responses":
    case "compact":
      return { take: (piece) => responsesUsage(object(piece.response ?? piece).usage) };
    case "messages":
      return messagesReader();
    default:
      return { take: ({ usage }) => (usage ? readUsage(usage) : undefined) };
  }
}

/** A Responses `usage` as ours. */
export function responsesUsage(raw: unknown): Usage | undefined {
  if (typeof raw !== "object" || raw === null) return undefined;
  const usage = object(raw);
  return usageOf({
    prompt: count(usage.input_tokens),
    completion: count(usage.output_tokens),
    reasoning: count(object(usage.output_tokens_details).reasoning_tokens),
    cached: count(object(usage.input_tokens_details).cached_tokens),
  });
}

/** Anthropic tells of the prompt at the beginning, of the answer at the end, and repeats itself. */
function messagesReader(): UsageReader {
  const known: Json = {};
  return {
    take(piece) {
      const usage = object(piece.message).usage ?? piece.usage;
      if (typeof usage !== "object" || usage === null) return undefined;
      for (const [name, value] of Object.entries(usage)) if (value !== null) known[name] = value;
      const cached = count(known.cache_read_input_tokens);
      return usageOf({
        prompt: count(known.input_tokens) + cached + count(known.cache_creation_input_tokens),
        completion: count(known.output_tokens),
        reasoning: count(object(known.output_tokens_details).thinking_tokens),
        cached,
      });
    },
  };
}

function usageOf(it: { prompt: number; completion: number; reasoning: number; cached: number }): Usage {
  return {
    promptTokens: it.prompt,
    completionTokens: it.completion,
    totalTokens: it.prompt + it.completion,
    ...(it.reasoning > 0 && { reasoningTokens: it.reasoning }),
    ...(it.cached > 0 && { cachedTokens: it.cached }),
  };
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {}; // just checked
}

function count(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.round(value) : 0;
}
