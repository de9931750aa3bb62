import type { FinishReason, ToolCall, Usage } from "openclaw-protocol";
import type { ModelEvent, ModelToolCall, PromptMessage, ReasoningBlock } from "./models/types.ts";
import { callTool } from "./tools/call.ts";
import type { Tool, ToolContext } from "./tools/types.ts";

/** One answer of the model, whole. */
export interface Step {
  messageId: string;
  text: string;
  reasoning: ReasoningBlock[];
  calls: ModelToolCall[];
  usage: Usage;
}

export type LoopEvent =
  | { type: "thinking"; delta: string }
  | { type: "text"; messageId: string; delta: string }
  /** The model has finished a step. Whoever consumes the loop stores it before asking for more. */
  | { type: "step"; step: Step }
  | { type: "tool.call"; call: ToolCall }
  | { type: "tool.result"; call: ToolCall }
  /** All calls of a step have results. To be stored before the next model call. */
  | { type: "results"; messageId: string; calls: ToolCall[] }
  | { type: "end"; finishReason: FinishReason };

export interface LoopInput {
  /** The conversation so far. The loop appends to it what the model says and the tools return. */
  messages: PromptMessage[];
  tools: ReadonlyMap<string, Tool>;
  /** One call of the model. */
  ask(messages: readonly PromptMessage[]): AsyncIterable<ModelEvent>;
  newMessageId(): string;
  context: ToolContext;
  /** Most model calls of one run. */
  maxSteps: number;
}

/**
 * Asks the model, runs the tools that it calls, asks again, until it has nothing more to call.
 * Yields what happens and goes on only when asked to, so that the consumer can put each step on disk first.
 */
export async function* runLoop(input: LoopInput): AsyncGenerator<LoopEvent, void> {
  const { messages, context } = input;
  for (let count = 1; ; count++) {
    const { step, reason } = yield* oneStep(input);
    yield { type: "step", step };
    messages.push({
      role: "assistant",
      content: step.text,
      ...(step.reasoning.length > 0 && { reasoning: step.reasoning }),
      ...(step.calls.length > 0 && { toolCalls: step.calls }),
    });
    if (step.calls.length === 0) {
      yield { type: "end", finishReason: reason };
      return;
    }
    const results: ToolCall[] = [];
    for (const call of step.calls) {
      context.signal.throwIfAborted();
      const started: ToolCall = { toolCallId: call.id, tool: call.name, params: readable(call.arguments) };
      yield { type: "tool.call", call: started };
      const outcome = await callTool(input.tools.get(call.name), call, context);
      const ended = { ...started, ...outcome };
      results.push(ended);
      messages.push({
        role: "tool",
        toolCallId: call.id,
        name: call.name,
        result: asText(outcome.result),
        isError: outcome.isError,
      });
      yield { type: "tool.result", call: ended };
    }
    yield { type: "results", messageId: step.messageId, calls: results };
    if (count >= input.maxSteps) {
      yield { type: "end", finishReason: "max_steps" };
      return;
    }
  }
}

type EndReason = Exclude<FinishReason, "max_steps" | "aborted">;

async function* oneStep(input: LoopInput): AsyncGenerator<LoopEvent, { step: Step; reason: EndReason }> {
  const messageId = input.newMessageId();
  const reasoning: ReasoningBlock[] = [];
  const calls: ModelToolCall[] = [];
  const pieces: string[] = [];
  for await (const event of input.ask(input.messages)) {
    switch (event.type) {
      case "text":
        pieces.push(event.delta);
        yield { type: "text", messageId, delta: event.delta };
        break;
      case "thinking":
        yield { type: "thinking", delta: event.delta };
        break;
      case "reasoning":
        reasoning.push(event.block);
        break;
      case "tool.call":
        calls.push(event.call);
        break;
      case "finish": {
        const reason = event.reason === "tool_calls" ? "stop" : event.reason;
        return { step: { messageId, text: pieces.join(""), reasoning, calls, usage: event.usage }, reason };
      }
    }
  }
  throw new Error("The model wire ended without a finish event."); // a wire's broken promise: ours to mend
}

/** Arguments as the user sees them: the JSON that the model wrote, or its text where that is not JSON. */
export function readable(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A result as the model gets it. */
export function asText(result: unknown): string {
  return typeof result === "string" ? result : (JSON.stringify(result) ?? "null");
}
