import type { Dispatch } from "../api/dispatch.ts";
import type { Caller } from "../services/access.ts";
import type { TransportLog } from "./ports.ts";

/** Whether the client asked that its leaving ends the run that it starts (`options.onDisconnect`). */
export function abortsOnDisconnect(params: Record<string, unknown>): boolean {
  const { options } = params;
  return options !== null && typeof options === "object" && "onDisconnect" in options
    ? options.onDisconnect === "abort"
    : false;
}

/** The run that a `chat.run` made; undefined for one that it merely joined, which belongs to others too. */
export function startedRun(result: unknown): string | undefined {
  const { runId, status } = result as { runId?: unknown; status?: unknown }; // methods return objects
  return typeof runId === "string" && status !== "merged" ? runId : undefined;
}

/** Aborts a run for a client that has gone: its own signal is aborted and would stop this, too. Never fails. */
export function abandonRun(
  runId: string,
  who: { caller: Caller; requestId: string },
  deps: { dispatch: Dispatch; log: TransportLog },
): void {
  const { caller, requestId } = who;
  const call = { caller, requestId, signal: new AbortController().signal };
  deps.dispatch("chat.abort", { runId }, call).catch((thrown: unknown) => {
    deps.log.warn({ requestId, err: thrown }, "a run could not be aborted for a client that left");
  });
}
