import type { Usage } from "openclaw-protocol";
import type { ModelEvent } from "../../../runtime/models/types.ts";
import type { AnswerHead, AnswerWriter, Json } from "../dialect.ts";

type FinishReason = Extract<ModelEvent, { type: "finish" }>["reason"];

interface Call {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

/** Writes a completion, whole or in chunks. The role comes with the first chunk, the usage with a last one of its own. */
export function createCompletionWriter(head: AnswerHead, withUsage: boolean): AnswerWriter {
  const { id, created, model } = head;
  /** Of each call that has begun, the characters of its arguments so far. */
  const begun = new Map<number, number>();
  const calls: Call[] = [];
  let isFirst = true;
  let text = "";
  let reasoning = "";
  let end: { reason: FinishReason; usage: Usage } | undefined;

  const chunk = (delta: Json, finish: FinishReason | null = null): Json => ({
    id,
    object: "chat.completion.chunk",
    created,
    model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(withUsage && { usage: null }),
  });

  function add(event: ModelEvent, chunks: Json[]): void {
    switch (event.type) {
      case "text":
        text += event.delta;
        chunks.push(chunk({ content: event.delta }));
        return;
      case "thinking":
        reasoning += event.delta;
        chunks.push(chunk({ reasoning_content: event.delta }));
        return;
      case "tool.delta": {
        const { index, id: callId, name, delta } = event;
        const written = begun.get(index);
        chunks.push(chunk(callDelta(index, written === undefined ? { id: callId, name } : undefined, delta)));
        begun.set(index, (written ?? 0) + delta.length);
        return;
      }
      case "tool.call": {
        const { index, call } = event;
        calls.push({
          id: call.id,
          type: "function",
          function: { name: call.name, arguments: call.arguments },
        });
        const written = begun.get(index);
        if (!written) {
          chunks.push(chunk(callDelta(index, written === undefined ? call : undefined, call.arguments)));
        }
        return;
      }
      case "finish": {
        const { reason, usage } = event;
        end = { reason, usage };
        chunks.push(chunk({}, reason));
        if (withUsage) {
          const shared = { id, object: "chat.completion.chunk", created, model };
          chunks.push({ ...shared, choices: [], usage: usageOf(usage) });
        }
        return;
      }
      case "reasoning":
        return;
    }
  }

  return {
    take(event) {
      const chunks = isFirst ? [chunk({ role: "assistant", content: "", refusal: null })] : [];
      isFirst = false;
      add(event, chunks);
      return chunks;
    },
    whole() {
      const message = {
        role: "assistant",
        content: text === "" && calls.length > 0 ? null : text,
        refusal: null,
        annotations: [],
        ...(reasoning !== "" && { reasoning_content: reasoning }),
        ...(calls.length > 0 && { tool_calls: calls }),
      };
      return {
        id,
        object: "chat.completion",
        created,
        model,
        choices: [{ index: 0, message, logprobs: null, finish_reason: end?.reason ?? "stop" }],
        ...(end && { usage: usageOf(end.usage) }),
      };
    },
  };
}

function callDelta(index: number, call: { id: string; name: string } | undefined, text: string): Json {
  const begin = call && { id: call.id, type: "function" };
  const named = call ? { name: call.name, arguments: text } : { arguments: text };
  return { tool_calls: [{ index, ...begin, function: named }] };
}

function usageOf(usage: Usage): Json {
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
