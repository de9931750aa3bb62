import type { ToolCall } from "openclaw-protocol";
import type { ModelToolCall, UserPart } from "./models/types.ts";
import type { Repetition } from "./repetition.ts";
import { type Authorise, callTool, failure, type ToolOutcome } from "./tools/call.ts";
import type { Tool, ToolContext } from "./tools/types.ts";

/** Most calls that run beside each other. */
const togetherAtMost = 8;

export type CallEvent = { type: "tool.call"; call: ToolCall } | { type: "tool.result"; call: ToolCall };

/** A call with its result, and what the model sees beside that. */
export interface EndedCall {
  call: ToolCall;
  media?: UserPart[] | undefined;
}

export interface CallsInput {
  readonly tools: ReadonlyMap<string, Tool>;
  readonly repetition: Repetition;
  readonly signal: AbortSignal;
  contextOf(call: ModelToolCall): ToolContext;
  authorise: Authorise;
  /** A tool has returned what strangers wrote. */
  onOutside(): void;
}

/**
 * Runs the calls of one answer in their order; neighbours that change nothing run beside each other. Yields each call
 * as it begins and as it ends, and goes on only when asked to; returns them all with their results, in their order.
 */
export async function* runCalls(
  calls: readonly ModelToolCall[],
  input: CallsInput,
): AsyncGenerator<CallEvent, EndedCall[]> {
  const ended: EndedCall[] = [];
  for (let from = 0; from < calls.length; ) {
    const batch = batchFrom(calls, from, input.tools);
    from += batch.length;
    input.signal.throwIfAborted();
    const running = new Map<number, Promise<{ index: number; end: EndedCall }>>();
    for (const call of batch) {
      const started: ToolCall = { toolCallId: call.id, tool: call.name, params: readable(call.arguments) };
      yield { type: "tool.call", call: started };
      const index = ended.push({ call: started }) - 1;
      const work = runOne(call, input).then(({ media, ...outcome }) => ({
        index,
        end: { call: { ...started, ...outcome }, media },
      }));
      work.catch(() => undefined); // the first failure, an abort, is the one that is thrown below
      running.set(index, work);
    }
    while (running.size > 0) {
      const { index, end } = await Promise.race(running.values());
      running.delete(index);
      ended[index] = end;
      yield { type: "tool.result", call: end.call };
    }
  }
  return ended;
}

async function runOne(call: ModelToolCall, input: CallsInput): Promise<ToolOutcome> {
  const refusal = input.repetition.refuse(call);
  if (refusal !== undefined) return failure(refusal);
  const tool = input.tools.get(call.name);
  const outcome = await callTool(tool, call, input.contextOf(call), input.authorise);
  if (!tool?.repeatable || outcome.isError) input.repetition.note(call, outcome);
  if (tool?.outside) input.onOutside();
  return outcome;
}

function batchFrom(calls: readonly ModelToolCall[], from: number, tools: ReadonlyMap<string, Tool>) {
  const isParallel = (call: ModelToolCall) => tools.get(call.name)?.parallel === true;
  let end = from + 1;
  if (isParallel(calls[from]!)) {
    while (end < calls.length && end - from < togetherAtMost && isParallel(calls[end]!)) end += 1;
  }
  return calls.slice(from, end);
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
