import type { ToolCall } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import { type LiveRun, noUsage, type RunOutcome } from "./types.ts";

/** The gateway stops before the run is through. */
export class Interrupted extends GatewayError {
  constructor() {
    super(
      "service_unavailable",
      "The gateway stopped before this run was through. Its session is intact: send the message again.",
    );
  }
}

/** The run has used up its own time. */
export function timedOut(run: LiveRun, limit: number): GatewayError {
  return new GatewayError("timeout", `The run took longer than ${limit} ms. Its partial answer is kept.`, {
    runId: run.id,
  });
}

/** Nothing that a run has begun outlives it, unless it was handed on. */
export function over(runId: string): GatewayError {
  return new GatewayError("aborted", "The run has ended.", { runId });
}

/** Whoever started the run has gone, and asked that the run go with him. */
export function leftAlone(runId: string): GatewayError {
  return new GatewayError("aborted", "The run was aborted because its client left.", { runId });
}

/** The user has said something newer, and the session is set to drop what it is at then. */
export function interrupted(runId: string): GatewayError {
  return new GatewayError(
    "aborted",
    "The run was interrupted by a newer message. Its partial answer is kept.",
    {
      runId,
    },
  );
}

/** A request has waited for a queued run long enough. */
export function stillQueued(runId: string): GatewayError {
  const text = "The run still waits for earlier runs of its session. It goes on: look it up by its runId.";
  return new GatewayError("timeout", text, { runId });
}

/** What those who wait for a queued run are told when the gateway stops; on disk the run stays queued. */
export function postponed(run: LiveRun): RunOutcome {
  const text = "The gateway is shutting down. The run is kept and starts when the gateway is back.";
  const error = new GatewayError("service_unavailable", text, {
    runId: run.id,
    retryAfterMs: 2_000,
  }).toDetail();
  const { id: model } = run.model;
  return {
    status: "interrupted",
    response: "",
    finishReason: undefined,
    usage: noUsage,
    cost: 0,
    model,
    error,
  };
}

/** A call with a result, made up where the tool never gave one. */
export function answered(call: ToolCall): ToolCall {
  if (call.result !== undefined) return call;
  const error =
    "The run ended before this call did. Whether it took effect is not known: check before you do it again.";
  return { ...call, result: { error }, isError: true };
}
