import type { ErrorDetail, FinishReason } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import { toGatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Database } from "../../storage/database.ts";
import { placeQueued } from "../../storage/messages.ts";
import { endRun, markRunning } from "../../storage/runs.ts";
import { addUsage, deleteSession } from "../../storage/sessions.ts";
import type { Contexts } from "./context.ts";
import type { Converse } from "./converse.ts";
import { Interrupted, over, timedOut } from "./endings.ts";
import { createRecord, keepEvents, type Record } from "./record.ts";
import { startTimeLimit } from "./time-limit.ts";
import type { LiveRun, RunOutcome } from "./types.ts";

export interface ExecutorDeps {
  db: Database;
  converse: Converse;
  contexts: Pick<Contexts, "forget">;
  clock: Clock;
  log: Log;
  /** Most time of a run, ms; 0 = off. */
  timeoutMs: number;
}

/** How a run ended, before it is on disk. */
interface Ending {
  status: RunOutcome["status"];
  finishReason: FinishReason | undefined;
  error: ErrorDetail | undefined;
}

/** Runs an admitted run whose turn has come, to its end. Never throws: every failure is an end, too. */
export function createExecutor(deps: ExecutorDeps): (run: LiveRun) => Promise<RunOutcome> {
  const { db, clock } = deps;

  return async (run) => {
    const { signal } = run.controller;
    const record = createRecord(run, deps);
    const limitMs = Math.min(run.options.timeoutMs ?? Infinity, deps.timeoutMs || Infinity);
    const limit = startTimeLimit(limitMs, () => run.controller.abort(timedOut(run, limitMs)));
    let ending: Ending;
    let isPlaced = run.status !== "queued";
    run.status = "running"; // before anything is waited for: from here on a drain waits for its end
    try {
      signal.throwIfAborted();
      if (!isPlaced) {
        await run.inbox.take(false); // all that has joined it is on disk
        await db.write(async (tx) => {
          await markRunning(tx, run.id, clock.now());
          await placeQueued(tx, run.sessionId, run.id);
        });
        isPlaced = true;
      }
      const finishReason = await deps.converse(run, record, limit);
      ending = { status: "done", finishReason, error: undefined };
    } catch (thrown) {
      ending = brokenBy(run, signal.aborted ? signal.reason : thrown);
    } finally {
      limit.clear();
    }
    run.inbox.close();
    const late = await run.inbox.take(true); // what came too late to be heard keeps its place in the transcript
    const hasUnplaced = !isPlaced || late.length > 0 || ending.status !== "done";
    const outcome = await finish(run, record, ending, hasUnplaced);
    run.controller.abort(over(run.id)); // whatever still acts for it has to end, too
    return outcome;
  };

  function brokenBy(run: LiveRun, thrown: unknown): Ending {
    deps.contexts.forget(run.sessionId);
    const error = toGatewayError(thrown);
    if (error.code === "internal_error")
      deps.log.error({ err: error.cause ?? error, runId: run.id }, "run failed");
    const detail: ErrorDetail = { ...error.toDetail(), runId: run.id };
    const status =
      error.code === "aborted" ? "aborted" : error instanceof Interrupted ? "interrupted" : "failed";
    return { status, finishReason: status === "aborted" ? "aborted" : undefined, error: detail };
  }

  async function finish(
    run: LiveRun,
    record: Record,
    ending: Ending,
    hasUnplaced: boolean,
  ): Promise<RunOutcome> {
    const { status, finishReason, error } = ending;
    const { usage, cost } = record;
    const response = record.response();
    const lastSeq = run.log.lastSeq + 1;
    const now = clock.now();
    const events = keepEvents(run);
    const model = run.answering.id;
    const store = db.write(async (tx) => {
      if (!run.listed) {
        await deleteSession(tx, run.sessionId);
        return;
      }
      await record.storeRest(tx, status === "done" ? null : status);
      if (hasUnplaced) await placeQueued(tx, run.sessionId, run.id);
      await events?.(tx);
      await endRun(tx, run.id, { status, finishReason, model, usage, cost, error, lastSeq, now });
      await addUsage(tx, run.sessionId, usage, cost);
    });
    const outcome = { status, response, finishReason, usage, cost, model, error };
    try {
      await store;
      return publishEnd(run, outcome);
    } catch (failure) {
      // What is not on disk has not happened: to say "done" would be a promise that the next start breaks.
      deps.log.error({ err: failure, runId: run.id }, "a run's end could not be stored");
      deps.contexts.forget(run.sessionId);
      const unstored = { ...toGatewayError(failure).toDetail(), runId: run.id };
      return publishEnd(run, { ...outcome, status: "failed", finishReason: undefined, error: unstored });
    }
  }

  function publishEnd(run: LiveRun, outcome: RunOutcome): RunOutcome {
    const { status, finishReason, usage, model, cost, response, error } = outcome;
    const ending = { usage, model, cost, response };
    if (status === "done") run.log.append("chat.done", { finishReason: finishReason ?? "stop", ...ending });
    else if (status === "aborted") run.log.append("chat.aborted", { finishReason: "aborted", ...ending });
    else run.log.append("chat.error", { error: error! }); // failed and interrupted runs have one
    run.status = status;
    return outcome;
  }
}
