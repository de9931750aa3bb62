import type { Usage } from "openclaw-protocol";
import type { ModelEvent } from "../../../runtime/models/types.ts";
import type { AnswerHead, AnswerWriter, Json } from "../dialect.ts";
import { createBlocks } from "./blocks.ts";

type Finish = Extract<ModelEvent, { type: "finish" }>;

/** What the answer to one body depends on, besides what the model says. */
export interface AnswerWish {
  /** Tokens of the request, told at the beginning; the exact count comes at the end. */
  estimate(): number;
  /** Whether thoughts are shown. */
  showsThinking: boolean;
}

const reasons = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  content_filter: "refusal",
} as const satisfies Record<Finish["reason"], string>;

/** Writes a message, whole or in events. Source: Anthropic API reference, "Streaming messages". */
export function createMessageWriter(head: AnswerHead, wish: AnswerWish): AnswerWriter {
  const blocks = createBlocks(wish.showsThinking);
  let begun = false;
  let calls = 0;
  let end: Finish | undefined;

  const messageOf = (content: Json[], ending: Json, usage: Json): Json => ({
    id: head.id,
    type: "message",
    role: "assistant",
    model: head.model,
    content,
    container: null,
    ...ending,
    usage: { ...usage, cache_creation: null, server_tool_use: null, service_tier: "standard" },
  });

  const unended = { stop_reason: null, stop_sequence: null, stop_details: null };

  function add(event: ModelEvent): void {
    switch (event.type) {
      case "text":
        if (event.delta !== "") blocks.text(event.delta);
        return;
      case "thinking":
        if (event.delta !== "") blocks.thinking(event.delta);
        return;
      case "reasoning":
        blocks.thought(event.block.text, event.block.opaque);
        return;
      case "tool.delta":
        blocks.piece(event, event.delta);
        return;
      case "tool.call":
        calls += 1;
        blocks.call(event.index, event.call);
        return;
      case "finish":
        end = event;
        blocks.end();
        return;
    }
  }

  return {
    take(event) {
      const pieces: Json[] = [];
      if (!begun) {
        begun = true;
        const usage = usageOf({ promptTokens: wish.estimate(), completionTokens: 0, totalTokens: 0 });
        pieces.push({ type: "message_start", message: messageOf([], unended, usage) }, { type: "ping" });
      }
      add(event);
      pieces.push(...blocks.events());
      if (event.type === "finish") {
        const delta = { ...endingOf(event, calls), container: null };
        pieces.push({ type: "message_delta", delta, usage: usageOf(event.usage) }, { type: "message_stop" });
      }
      return pieces;
    },
    whole: () =>
      messageOf(blocks.whole(), end ? endingOf(end, calls) : unended, end ? usageOf(end.usage) : {}),
  };
}

function endingOf({ reason, stopSequence }: Finish, calls: number): Json {
  if (reason === "stop" && stopSequence !== undefined) {
    return { stop_reason: "stop_sequence", stop_sequence: stopSequence, stop_details: null };
  }
  const refused = reason === "content_filter";
  return {
    stop_reason: reason === "stop" && calls > 0 ? "tool_use" : reasons[reason],
    stop_sequence: null,
    stop_details: refused ? { type: "refusal", category: null, explanation: null } : null,
  };
}

/** Input tokens are those that no cache had. */
function usageOf({ promptTokens, completionTokens, cachedTokens = 0, reasoningTokens }: Usage): Json {
  return {
    input_tokens: Math.max(0, promptTokens - cachedTokens),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedTokens,
    output_tokens: completionTokens,
    ...(reasoningTokens !== undefined && { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  };
}
