import type { Run, RunAccepted, RunAnswer } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { onAbort } from "../../lib/signals.ts";
import type { Database } from "../../storage/database.ts";
import { findRun } from "../../storage/runs.ts";
import { findSessionById, type SessionRow } from "../../storage/sessions.ts";
import { type Caller, maySee } from "../access.ts";
import type { Agents } from "../agents/agents.ts";
import type { Instructions } from "../agents/instructions.ts";
import type { Models } from "../models/models.ts";
import type { Subscription } from "../subscription.ts";
import { createAdmission } from "./admit.ts";
import { type Compacted, createCompaction } from "./compact.ts";
import { type ConverseDeps, createConverse } from "./converse.ts";
import { createDoors } from "./doors.ts";
import { Interrupted, interrupted, leftAlone, postponed, stillQueued } from "./endings.ts";
import { createExecutor } from "./execute.ts";
import { createFollowing, type FollowTarget } from "./follow.ts";
import { createJoin, type QueueMode } from "./join.ts";
import { createLanes } from "./lanes.ts";
import { answerOf, outcomeOf, runView } from "./outcome.ts";
import { keepEvents } from "./record.ts";
import { repairRuns } from "./repair.ts";
import { createRepeats } from "./repeats.ts";
import { reviveRun } from "./revive.ts";
import type { LiveRun, RunOutcome, RunRequest } from "./types.ts";

/** How often a running run's new deltas are put on disk, ms: what a crash can take of an unfinished answer. */
const flushEveryMs = 1_000;

export interface Started extends RunAccepted {
  /** Follows the run from its first event. */
  follow(stream?: boolean): Promise<Subscription>;
}

export interface Runs {
  /** Takes a request in; its message is on disk when this resolves. */
  start(request: RunRequest): Promise<Started>;
  /** Starts and waits for the answer. Failures of the run are thrown, with its `runId`. */
  answer(request: RunRequest, signal: AbortSignal): Promise<RunAnswer>;
  get(runId: string, caller: Caller): Promise<Run>;
  /** Ends a run; false when it had ended before. Resolves once what it said is on disk. */
  abort(runId: string, caller: Caller): Promise<boolean>;
  /** Ends all runs of a session that is about to go. */
  abortSession(sessionId: number): Promise<void>;
  /** Sums up, in its turn, what a session's model is sent. */
  compact(session: SessionRow, caller: Caller, signal: AbortSignal): Promise<Compacted>;
  follow(target: FollowTarget): Promise<Subscription>;
  /** After a start: mends what a crash left, then starts what was queued. */
  recover(): Promise<{ interrupted: number; restarted: number }>;
  /** Starts nothing more; running runs get the grace, then are interrupted. */
  drain(graceMs: number): Promise<void>;
  stats(): { active: number; queued: number };
}

export interface RunsDeps extends ConverseDeps {
  db: Database;
  agents: Agents;
  models: Models;
  instructions: Instructions;
  /** What becomes of a message to a session that is busy. */
  mode: QueueMode;
  log: Log;
  /** Most time of a run and of a request's wait for a queued one, ms; 0 = off. */
  timeoutMs: number;
  onEnd(outcome: RunOutcome, run: LiveRun): void;
  onStart(run: LiveRun, sessionIsNew: boolean): void;
}

/** Admission, order, execution and watching of runs. */
export function createRuns(deps: RunsDeps): Runs {
  const { db, log } = deps;
  const live = new Map<string, LiveRun>();
  const admitting = new Set<Promise<unknown>>();
  const lanes = createLanes();
  const repeats = createRepeats(deps);
  const admit = createAdmission({ ...deps, lanes, repeats });
  const join = createJoin({ ...deps, repeats });
  const doors = createDoors();
  const execute = createExecutor({ ...deps, converse: createConverse(deps) });
  const following = createFollowing(db, live);
  let draining = false;
  let flushing: NodeJS.Timeout | undefined;

  type Begun = { run: LiveRun; merged: boolean } | { repeatOf: string };

  async function begin(request: RunRequest): Promise<Begun> {
    if (draining)
      throw new GatewayError("service_unavailable", "The gateway is shutting down. Try again in a moment.", {
        retryAfterMs: 2_000,
      });
    const key = request.sessionKey;
    const together = key !== undefined && (deps.mode === "collect" || deps.mode === "steer");
    const admission = together ? doors.pass(key, () => joinOrAdmit(request, key)) : admitAlone(request);
    admitting.add(admission);
    try {
      return await admission;
    } finally {
      admitting.delete(admission);
    }
  }

  async function joinOrAdmit(request: RunRequest, key: string): Promise<Begun> {
    const joined = await join(request, lineOf(key));
    if (!joined) return admitAlone(request);
    return "merged" in joined ? { run: joined.merged, merged: true } : joined;
  }

  async function admitAlone(request: RunRequest): Promise<Begun> {
    const admitted = await admit(request);
    if ("repeatOf" in admitted) return admitted;
    const { run } = admitted;
    launch(run, admitted.created);
    if (deps.mode === "interrupt") {
      const running = lineOf(run.sessionKey).find((it) => it !== run && it.status === "running");
      running?.controller.abort(interrupted(running.id));
    }
    return { run, merged: false };
  }

  /** The runs of a session that have not ended, in their order. */
  function lineOf(sessionKey: string): LiveRun[] {
    return [...live.values()].filter((run) => run.sessionKey === sessionKey);
  }

  function launch(run: LiveRun, sessionIsNew: boolean): void {
    live.set(run.id, run);
    following.announce(run);
    flushing ??= setInterval(flush, flushEveryMs).unref();
    deps.onStart(run, sessionIsNew);
    void conduct(run);
  }

  /** Waits for the run's turn, executes it, and clears up behind it. */
  async function conduct(run: LiveRun): Promise<void> {
    const { signal } = run.controller;
    const stopped = Promise.withResolvers<void>();
    const stopListening = onAbort(signal, stopped.resolve);
    await Promise.race([run.turn.ready, stopped.promise]);
    stopListening();
    if (draining && run.status === "queued" && !signal.aborted) return; // the next start takes it up
    const outcome = await execute(run);
    live.delete(run.id);
    run.turn.leave();
    run.settle(outcome);
    if (live.size === 0) {
      clearInterval(flushing);
      flushing = undefined;
    }
    deps.onEnd(outcome, run);
  }

  function flush(): void {
    for (const run of live.values()) {
      const keep = run.status === "running" ? keepEvents(run) : undefined;
      if (keep)
        db.write(keep).catch((error: unknown) =>
          log.error({ err: error, runId: run.id }, "deltas not stored"),
        );
    }
  }

  /** The outcome of a run, whether it is still going on or ended long ago. */
  async function wait(runId: string, signal: AbortSignal): Promise<RunOutcome> {
    const run = live.get(runId);
    if (!run) return outcomeOf(db, runId);
    const giveUp = Promise.withResolvers<never>();
    const late = deps.timeoutMs
      ? setTimeout(() => {
          if (run.status === "queued") giveUp.reject(stillQueued(runId));
        }, deps.timeoutMs)
      : undefined;
    const stopListening = onAbort(signal, () => giveUp.reject(signal.reason));
    try {
      return await Promise.race([run.ended, giveUp.promise]);
    } finally {
      clearTimeout(late);
      stopListening();
    }
  }

  async function visible(runId: string, caller: Caller) {
    const row = await findRun(db.read, runId);
    const session = row && (await findSessionById(db.read, row.session_id));
    if (row && session && maySee(caller, session)) return row;
    throw new GatewayError("not_found", `There is no run "${runId}".`, { param: "runId" });
  }

  async function stop(run: LiveRun, why: GatewayError): Promise<void> {
    run.controller.abort(why);
    await run.ended;
  }

  return {
    async start(request) {
      const begun = await begin(request);
      if ("repeatOf" in begun) {
        const row = await visible(begun.repeatOf, request.caller);
        return {
          runId: row.id,
          sessionKey: row.session_key,
          status: row.status === "queued" ? "queued" : "started",
          follow: (stream) => following.follow({ caller: request.caller, runId: row.id, stream }),
        };
      }
      const { run, merged } = begun;
      return {
        runId: run.id,
        sessionKey: run.sessionKey,
        status: merged ? "merged" : run.turn.queued ? "queued" : "started",
        follow: async (stream) => following.followLive(run, stream),
      };
    },

    async answer(request, signal) {
      const begun = await begin(request);
      const runId = "repeatOf" in begun ? begun.repeatOf : begun.run.id;
      const sessionKey =
        "repeatOf" in begun ? (await visible(runId, request.caller)).session_key : begun.run.sessionKey;
      try {
        return answerOf(runId, sessionKey, await wait(runId, signal));
      } finally {
        const leaves = signal.aborted && request.options?.onDisconnect === "abort";
        if (leaves && "run" in begun && !begun.merged) begun.run.controller.abort(leftAlone(runId));
      }
    },

    get: async (runId, caller) => runView(db, await visible(runId, caller)),

    async abort(runId, caller) {
      const row = await visible(runId, caller);
      const run = live.get(runId);
      if (!run) return row.status === "aborted";
      await stop(
        run,
        new GatewayError("aborted", "The run was aborted. Its partial answer is kept.", { runId }),
      );
      return run.status === "aborted";
    },

    async abortSession(sessionId) {
      const all = [...live.values()].filter((run) => run.sessionId === sessionId).reverse();
      const why = new GatewayError(
        "aborted",
        "The run was aborted because its session was deleted or reset.",
      );
      await Promise.all(all.map((run) => stop(run, why)));
    },

    compact: createCompaction({ ...deps, lanes }),

    follow: (target) => following.follow(target),

    async recover() {
      const { interrupted, queued } = await repairRuns(db, deps.clock);
      for (const row of queued) {
        const run = await reviveRun(row, { ...deps, lanes, repeats });
        if (run) launch(run, false);
      }
      return { interrupted, restarted: queued.length };
    },

    async drain(graceMs) {
      draining = true;
      await Promise.allSettled(admitting);
      for (const run of live.values()) {
        if (run.status !== "queued") continue;
        run.settle(postponed(run));
        run.log.release();
      }
      const running = () => [...live.values()].filter((run) => run.status === "running");
      const all = Promise.all(running().map((run) => run.ended));
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([all, grace]);
      clearTimeout(timer);
      await Promise.all(running().map((run) => stop(run, new Interrupted())));
      clearInterval(flushing);
    },

    stats() {
      let queued = 0;
      for (const run of live.values()) if (run.status === "queued") queued += 1;
      return { active: live.size - queued, queued };
    },
  };
}
