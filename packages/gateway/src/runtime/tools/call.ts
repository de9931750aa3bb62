import { onAbort } from "../../lib/signals.ts";
import type { ModelToolCall } from "../models/types.ts";
import type { Tool, ToolContext } from "./types.ts";

/** Most characters of a result that go to the model and the transcript. */
const resultAtMost = 262_144;

export interface ToolOutcome {
  result: unknown;
  isError: boolean;
}

/** Runs a tool on what the model wrote. Bad arguments and failures are results that the model can read; only an abort throws. */
export async function callTool(
  tool: Tool | undefined,
  call: ModelToolCall,
  context: ToolContext,
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
  // A tool that does not hear the signal must not hold up an abort, or the gateway's end.
  const aborted = Promise.withResolvers<never>();
  const stopListening = onAbort(context.signal, () => aborted.reject(context.signal.reason));
  try {
    return bounded(await Promise.race([tool.run(params.data, context), aborted.promise]));
  } catch (error) {
    context.signal.throwIfAborted();
    return failure(error instanceof Error ? error.message : String(error));
  } finally {
    stopListening();
  }
}

function failure(message: string): ToolOutcome {
  return { result: { error: message }, isError: true };
}

function bounded(result: unknown): ToolOutcome {
  const text = JSON.stringify(result) ?? "null";
  if (text.length <= resultAtMost) return { result, isError: false };
  return { result: { truncated: true, text: text.slice(0, resultAtMost) }, isError: false };
}
