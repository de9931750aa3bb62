import type { FinishReason, ToolCall, Usage } from "openclaw-protocol";
import { type CallEvent, type CallsInput, type EndedCall, readable, runCalls } from "./calls.ts";
import { ContextOverflow } from "./models/context-overflow.ts";
import type { ModelEvent, ModelToolCall, PromptMessage, ReasoningBlock, UserPart } from "./models/types.ts";
import { createRepetition } from "./repetition.ts";
import type { ReadyCall } from "./tools/call.ts";
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
  /** A call ends with a result; to be stored before the next one begins. */
  | CallEvent
  /** All calls of a step have results. */
  | { type: "results"; messageId: string; calls: ToolCall[] }
  /** The user has said more meanwhile; from here on the model knows. */
  | { type: "steered"; messages: readonly Steering[] }
  | { type: "end"; finishReason: FinishReason };

/** What a user says to a run that is under way. */
export interface Steering {
  readonly messageId: string;
  readonly parts: UserPart[];
}

/** The conversation as the loop sees it: what was said, and what of it is sent. */
export interface LoopConversation {
  /** The loop appends to it what the model says and the tools return. */
  readonly messages: PromptMessage[];
  /** The names of the tools whose results are among them. */
  toolsUsed(): ReadonlySet<string>;
  /** What to send now: valid and fitting. */
  request(options: { signal: AbortSignal }): Promise<readonly PromptMessage[]>;
  /** What the last request really took, in tokens. */
  learned(promptTokens: number): void;
  /** The last request was too long. False: it cannot be made any shorter. */
  tooLong(): boolean;
}

export interface LoopInput {
  conversation: LoopConversation;
  tools: ReadonlyMap<string, Tool>;
  /** One call of the model. */
  ask(messages: readonly PromptMessage[]): AsyncIterable<ModelEvent>;
  /** What the user has said meanwhile, once. Where the run is about to end and nothing was said, it is too late for more. */
  steering(isEnding: boolean): Promise<readonly Steering[]>;
  /** Decides whether a call runs; `tainted`: the conversation holds what strangers wrote. */
  authorise(call: ReadyCall & { tainted: boolean }): ReturnType<CallsInput["authorise"]>;
  contextOf(call: ModelToolCall): ToolContext;
  newMessageId(): string;
  signal: AbortSignal;
  /** Most model calls of one run. */
  maxSteps: number;
}

/**
 * Asks the model, runs the tools that it calls, asks again, until it has nothing more to call.
 * Yields what happens and goes on only when asked to, so that the consumer can put each step on disk first.
 */
export async function* runLoop(input: LoopInput): AsyncGenerator<LoopEvent, void> {
  const { messages } = input.conversation;
  const used = [...input.conversation.toolsUsed()];
  const repetition = createRepetition();
  let tainted = used.some((name) => input.tools.get(name)?.outside);
  const calls: CallsInput = {
    ...input,
    repetition,
    authorise: (call) => input.authorise({ ...call, tainted }),
    onOutside() {
      tainted = true;
    },
  };
  for (let count = 1; ; count++) {
    const { step, reason } = yield* oneStep(input);
    yield { type: "step", step };
    messages.push(messageOf(step));
    if (step.calls.length > 0) {
      const results = yield* runCalls(step.calls, calls);
      messages.push(...results.map(resultOf));
      yield { type: "results", messageId: step.messageId, calls: results.map((it) => it.call) };
    }
    const isLast = count >= input.maxSteps || repetition.isStuck();
    if (isLast && step.calls.length > 0) return yield { type: "end", finishReason: "max_steps" };
    const said = await input.steering(step.calls.length === 0);
    if (said.length > 0) {
      messages.push(...said.map((it): PromptMessage => ({ role: "user", content: it.parts })));
      yield { type: "steered", messages: said };
    } else if (step.calls.length === 0) return yield { type: "end", finishReason: reason };
  }
}

function messageOf(step: Step): PromptMessage {
  return {
    role: "assistant",
    content: step.text,
    ...(step.reasoning.length > 0 && { reasoning: step.reasoning }),
    // As the transcript gives them back after a restart, so that what was sent before stays the same bytes.
    ...(step.calls.length > 0 && {
      toolCalls: step.calls.map((it) => ({ ...it, arguments: asText(readable(it.arguments)) })),
    }),
  };
}

function resultOf({ call, media }: EndedCall): PromptMessage {
  const { toolCallId, tool, result, isError = false } = call;
  return {
    role: "tool",
    toolCallId,
    name: tool,
    result: asText(result),
    isError,
    ...(media && { media }),
  };
}

type EndReason = Exclude<FinishReason, "max_steps" | "aborted">;

async function* oneStep(input: LoopInput): AsyncGenerator<LoopEvent, { step: Step; reason: EndReason }> {
  const { conversation, signal } = input;
  const messageId = input.newMessageId();
  const reasoning: ReasoningBlock[] = [];
  const calls: ModelToolCall[] = [];
  const pieces: string[] = [];
  for await (const event of askUntilItFits(input)) {
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
        conversation.learned(event.usage.promptTokens);
        return { step: { messageId, text: pieces.join(""), reasoning, calls, usage: event.usage }, reason };
      }
    }
  }
  signal.throwIfAborted();
  throw new Error("The model wire ended without a finish event."); // a wire's broken promise: ours to mend
}

/** A request that turns out too long is made again, shorter, as long as something can be left out. */
async function* askUntilItFits({ conversation, ask, signal }: LoopInput): AsyncGenerator<ModelEvent, void> {
  for (;;) {
    try {
      return yield* ask(await conversation.request({ signal }));
    } catch (error) {
      if (!(error instanceof ContextOverflow) || !conversation.tooLong()) throw error;
    }
  }
}

/** A result as the model gets it. */
export function asText(result: unknown): string {
  return typeof result === "string" ? result : (JSON.stringify(result) ?? "null");
}
