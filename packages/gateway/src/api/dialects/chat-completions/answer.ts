import type { Usage } from "openclaw-protocol";

/** What all chunks of one answer share. */
export interface AnswerHead {
  id: string;
  /** Unix seconds. */
  created: number;
  model: string;
}

export type FinishReason = "stop" | "length" | "content_filter" | "tool_calls";

export interface DialectCall {
  id: string;
  name: string;
  arguments: string;
}

/** One piece of a streamed answer. */
export function chunkOf(
  head: AnswerHead,
  delta: Record<string, unknown>,
  finish: FinishReason | null = null,
) {
  const { id, created, model } = head;
  return {
    id,
    object: "chat.completion.chunk",
    created,
    model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  };
}

/** The last piece, for callers that asked for usage. */
export function usageChunkOf(head: AnswerHead, usage: Usage) {
  const { id, created, model } = head;
  return { id, object: "chat.completion.chunk", created, model, choices: [], usage: usageOf(usage) };
}

/** A whole answer. */
export function completionOf(
  head: AnswerHead,
  answer: {
    text: string;
    reasoning?: string;
    calls?: readonly DialectCall[];
    finish: FinishReason;
    usage: Usage;
  },
) {
  const calls = answer.calls ?? [];
  return {
    id: head.id,
    object: "chat.completion",
    created: head.created,
    model: head.model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: answer.text === "" && calls.length > 0 ? null : answer.text,
          refusal: null,
          ...(answer.reasoning && { reasoning_content: answer.reasoning }),
          ...(calls.length > 0 && {
            tool_calls: calls.map((call) => ({
              id: call.id,
              type: "function",
              function: { name: call.name, arguments: call.arguments },
            })),
          }),
        },
        logprobs: null,
        finish_reason: answer.finish,
      },
    ],
    usage: usageOf(answer.usage),
  };
}

function usageOf(usage: Usage) {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.totalTokens,
    ...(usage.cachedTokens !== undefined && { prompt_tokens_details: { cached_tokens: usage.cachedTokens } }),
    ...(usage.reasoningTokens !== undefined && {
      completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    }),
  };
}
