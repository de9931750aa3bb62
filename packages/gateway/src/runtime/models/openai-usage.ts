import type { Usage } from "openclaw-protocol";

type Json = Record<string, unknown>;

/** Chat Completions `usage` as ours. Tokens that a provider does not report are 0. */
export function readUsage(raw: unknown): Usage {
  const usage = object(raw);
  const promptTokens = count(usage.prompt_tokens);
  const reported = count(usage.completion_tokens);
  const reasoning = object(usage.completion_tokens_details).reasoning_tokens;
  const cached = object(usage.prompt_tokens_details).cached_tokens ?? usage.prompt_cache_hit_tokens;
  const total = count(usage.total_tokens);
  // Some providers (xAI) leave the thinking out of completion_tokens, and only the total tells.
  const apart = count(reasoning) > 0 && total === promptTokens + reported + count(reasoning);
  const completionTokens = apart ? reported + count(reasoning) : reported;
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    ...(count(reasoning) > 0 && { reasoningTokens: count(reasoning) }),
    ...(count(cached) > 0 && { cachedTokens: count(cached) }),
  };
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {}; // just checked
}

function count(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.round(value) : 0;
}
