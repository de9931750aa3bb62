import { onAbort } from "../../lib/signals.ts";
import type { ModelToolCall, UserPart } from "../models/types.ts";
import type { PreparedCall, Tool, ToolContext } from "./types.ts";

/** Most characters of a result that go to the model and the transcript. */
const resultAtMost = 262_144;

export interface ToolOutcome {
  result: unknown;
  isError: boolean;
  /** What the model sees beside it. */
  media?: UserPart[];
}

/** A call that is ready to run, for whoever decides whether it may. */
export interface ReadyCall {
  readonly tool: string;
  readonly params: unknown;
  readonly prepared: PreparedCall;
  readonly context: ToolContext;
}

/** Decides whether a call runs; `reason` is for the model. */
export type Authorise = (call: ReadyCall) => Promise<{ allowed: true } | { allowed: false; reason: string }>;

/**
 * Runs a tool on what the model wrote: validated, worked out, allowed, run, in this order. Bad arguments, refusals and
 * failures are results that the model can read; only an abort throws.
 */
export async function callTool(
  tool: Tool | undefined,
  call: ModelToolCall,
  context: ToolContext,
  authorise: Authorise,
): Promise<ToolOutcome> {
  if (!tool) return failure(`There is no tool named ${call.name}.`);
  let written: unknown;
  try {
    written = call.arguments.trim() === "" ? {} : JSON.parse(call.arguments);
  } catch {
    return failure("The arguments are not valid JSON.");
  }
  const params = tool.params.safeParse(written);
  if (!params.success) {
    const issue = params.error.issues[0]!;
    return failure(`Invalid arguments: ${issue.path.join(".") || "the object"}: ${issue.message}.`);
  }
  // What does not hear the signal must not hold up an abort, or the gateway's end.
  const aborted = Promise.withResolvers<never>();
  const stopListening = onAbort(context.signal, () => aborted.reject(context.signal.reason));
  const heard = <T>(work: Promise<T> | T): Promise<T> => Promise.race([work, aborted.promise]);
  aborted.promise.catch(() => undefined); // it may come when nothing is raced any more
  try {
    const prepared = await heard(tool.prepare(params.data, context));
    const verdict = await heard(authorise({ tool: tool.name, params: params.data, prepared, context }));
    context.signal.throwIfAborted();
    if (!verdict.allowed) return failure(verdict.reason);
    const media: UserPart[] = [];
    const outcome = bounded(await heard(prepared.run((picture) => media.push(picture))));
    return media.length > 0 ? { ...outcome, media } : outcome;
  } catch (error) {
    context.signal.throwIfAborted();
    return failure(error instanceof Error ? error.message : String(error));
  } finally {
    stopListening();
  }
}

/** An error as the model reads it. */
export function failure(message: string): ToolOutcome {
  return { result: { error: message }, isError: true };
}

function bounded(result: unknown): ToolOutcome {
  const text = JSON.stringify(result) ?? "null";
  if (text.length <= resultAtMost) return { result: result ?? null, isError: false };
  return { result: { truncated: true, text: text.slice(0, resultAtMost) }, isError: false };
}
