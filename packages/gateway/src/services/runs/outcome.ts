import type { ErrorDetail, FinishReason, Run, RunAnswer, Usage } from "openclaw-protocol";
import { isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import type { Database } from "../../storage/database.ts";
import { lastAnswer } from "../../storage/messages.ts";
import { findRun, type RunRow } from "../../storage/runs.ts";
import { noUsage, type RunOutcome } from "./types.ts";

/** The answer of a run that went well; any other end is thrown. */
export function answerOf(runId: string, sessionKey: string, outcome: RunOutcome): RunAnswer {
  const { status, error, response, usage, cost, model } = outcome;
  if (status === "done") {
    return { runId, sessionKey, response, usage, finishReason: outcome.finishReason ?? "stop", model, cost };
  }
  throw new GatewayError(error?.code ?? "internal_error", error?.message ?? "The run failed.", {
    runId,
    param: error?.param,
    retryAfterMs: error?.retryAfterMs,
  });
}

/** How a run of the past ended. */
export async function outcomeOf(db: Database, runId: string): Promise<RunOutcome> {
  const row = await findRun(db.read, runId);
  if (!row || row.status === "queued" || row.status === "running") {
    throw new GatewayError("not_found", `The run "${runId}" is gone: its session was deleted.`, {
      param: "runId",
    });
  }
  return {
    status: row.status,
    response: (await lastAnswer(db.read, runId))?.content ?? "",
    finishReason: (row.finish_reason ?? undefined) as FinishReason | undefined, // written from a FinishReason
    usage: usageOf(row) ?? noUsage,
    cost: row.cost ?? 0,
    model: row.model,
    error: errorOf(row),
  };
}

/** The run as clients look it up. */
export async function runView(db: Database, row: RunRow): Promise<Run> {
  const ended = row.ended_at !== null;
  const answer = ended ? await lastAnswer(db.read, row.id) : undefined;
  const usage = usageOf(row);
  const error = errorOf(row);
  return {
    runId: row.id,
    sessionKey: row.session_key,
    agentId: row.agent_id,
    status: row.status,
    model: row.model,
    createdAt: isoTime(row.created_at),
    ...(row.started_at !== null && { startedAt: isoTime(row.started_at) }),
    ...(row.ended_at !== null && { endedAt: isoTime(row.ended_at) }),
    ...(answer && { response: answer.content }),
    ...(row.finish_reason !== null && { finishReason: row.finish_reason as FinishReason }), // written from one
    ...(usage && { usage }),
    ...(row.cost !== null && { cost: row.cost }),
    ...(error && { error }),
  };
}

function usageOf(row: RunRow): Usage | undefined {
  return row.usage_json === null ? undefined : (JSON.parse(row.usage_json) as Usage); // written from a Usage
}

function errorOf(row: RunRow): ErrorDetail | undefined {
  return row.error_json === null ? undefined : (JSON.parse(row.error_json) as ErrorDetail); // written from one
}
