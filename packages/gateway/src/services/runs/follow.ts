import type { ErrorDetail, RunEvent, Usage } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import type { EventQueue } from "../../lib/queues.ts";
import type { Database } from "../../storage/database.ts";
import { lastAnswer } from "../../storage/messages.ts";
import { eventsAfter, findRun, latestRun, type RunRow } from "../../storage/runs.ts";
import { findSession, findSessionById } from "../../storage/sessions.ts";
import { type Caller, may, maySee } from "../access.ts";
import type { Subscription } from "../subscription.ts";
import { createRunQueue, isForAll } from "./run-log.ts";
import { replay, type Segment } from "./segments.ts";
import { type LiveRun, noUsage } from "./types.ts";

/** Stretches of events that are read from the disk at once. */
const rowsAtOnce = 10;

export interface FollowTarget {
  caller: Caller;
  runId?: string | undefined;
  sessionKey?: string | undefined;
  afterSeq?: number | undefined;
  /** false: nothing but the end, and approvals. */
  stream?: boolean | undefined;
}

export interface Following {
  follow(target: FollowTarget): Promise<Subscription>;
  /** A run has been admitted: those who follow its session follow it, too. */
  announce(run: LiveRun): void;
  /** Follows a run of this process from its first event. */
  followLive(run: LiveRun, stream?: boolean): Subscription;
}

interface Feed {
  caller: Caller;
  queue: EventQueue<RunEvent>;
  stream: boolean;
}

/** Lets callers watch runs: those of this process as they go on, ended ones from the disk. */
export function createFollowing(db: Database, live: ReadonlyMap<string, LiveRun>): Following {
  const feeds = new Map<string, Set<Feed>>();

  async function followRun(target: FollowTarget, runId: string): Promise<Subscription> {
    const row = await findRun(db.read, runId);
    const session = row && (await findSessionById(db.read, row.session_id));
    if (!row || !session || !maySee(target.caller, session)) {
      throw new GatewayError("not_found", `There is no run "${runId}".`, { param: "runId" });
    }
    const run = live.get(runId);
    return run
      ? attach(run, target.afterSeq ?? 0, target.stream)
      : replayEnded(db, await latestOf(row), target);
  }

  /** The row of a run that is not live: it may have ended since it was read. */
  async function latestOf(row: RunRow): Promise<RunRow> {
    return row.ended_at === null ? ((await findRun(db.read, row.id)) ?? row) : row;
  }

  async function followSession(target: FollowTarget, key: string): Promise<Subscription> {
    const session = await findSession(db.read, key);
    // One that is yet to come can be waited for, unless the answer would tell which foreign keys are taken.
    if (session ? !maySee(target.caller, session) : !may(target.caller, "read")) {
      throw new GatewayError("not_found", `There is no session "${key}".`, { param: "sessionKey" });
    }
    let latest = session && (await latestRun(db.read, session.id));
    if (latest && !live.has(latest.id)) latest = await latestOf(latest);
    const current = [...live.values()].find((run) => run.sessionId === session?.id);
    const { caller, stream = true } = target;
    const feed: Feed = { caller, queue: createRunQueue(() => leave(key, feed)), stream };
    for (const run of live.values()) {
      if (run.sessionId !== session?.id) continue;
      const afterSeq = run === current ? (target.afterSeq ?? 0) : 0;
      run.log.attach(feed.queue, { afterSeq, stream: feed.stream, endWithRun: false });
    }
    const set = feeds.get(key) ?? new Set();
    feeds.set(key, set.add(feed));
    return {
      runId: current?.id ?? latest?.id ?? null,
      sessionKey: key,
      status: current?.status ?? latest?.status ?? null,
      lastSeq: current?.log.lastSeq ?? latest?.last_seq ?? 0,
      events: feed.queue,
      onOverflow: feed.queue.onOverflow,
      close: () => feed.queue.close(),
    };
  }

  function leave(key: string, feed: Feed): void {
    const set = feeds.get(key);
    set?.delete(feed);
    if (set?.size === 0) feeds.delete(key);
  }

  function attach(run: LiveRun, afterSeq: number, stream = true): Subscription {
    let detach = () => {};
    const queue = createRunQueue(() => detach());
    const { lastSeq } = run.log;
    detach = run.log.attach(queue, { afterSeq, stream });
    return {
      runId: run.id,
      sessionKey: run.sessionKey,
      status: run.status,
      lastSeq,
      events: queue,
      onOverflow: queue.onOverflow,
      close: () => queue.close(),
    };
  }

  return {
    async follow(target) {
      if ((target.runId === undefined) === (target.sessionKey === undefined)) {
        throw new GatewayError("invalid_request", "Give exactly one of runId and sessionKey.", {
          param: "runId",
        });
      }
      return target.runId !== undefined
        ? followRun(target, target.runId)
        : followSession(target, target.sessionKey!);
    },
    announce(run) {
      for (const feed of feeds.get(run.sessionKey) ?? []) {
        // The session that had the key may be deleted, and this one be somebody else's.
        if (!maySee(feed.caller, run)) continue;
        run.log.attach(feed.queue, { afterSeq: 0, stream: feed.stream, endWithRun: false });
      }
    },
    followLive: (run, stream) => attach(run, 0, stream),
  };
}

/** A run that has ended: its kept events, then its end. Read from the disk as its reader asks for more. */
function replayEnded(db: Database, row: RunRow, target: FollowTarget): Subscription {
  let closed = false;
  async function* events(): AsyncGenerator<RunEvent, void> {
    for await (const event of keptEvents(db, row, target)) {
      if (closed) return;
      yield event;
    }
  }
  return {
    runId: row.id,
    sessionKey: row.session_key,
    status: row.status,
    lastSeq: row.last_seq,
    events: events(),
    onOverflow: () => {}, // nothing piles up
    close() {
      closed = true;
    },
  };
}

async function* keptEvents(
  db: Database,
  row: RunRow,
  { afterSeq = 0, stream = true }: FollowTarget,
): AsyncGenerator<RunEvent, void> {
  const run = { runId: row.id, sessionKey: row.session_key };
  for (let from = afterSeq; ; ) {
    const rows = await eventsAfter(db.read, row.id, from, rowsAtOnce);
    for (const { events_json } of rows) {
      const segments = JSON.parse(events_json) as Segment[]; // written by RunLog.takeUnsaved
      for (const event of replay(segments, run, afterSeq)) {
        if (stream || isForAll(event)) yield event;
      }
    }
    if (rows.length < rowsAtOnce) break;
    from = rows.at(-1)!.seq;
    await new Promise((resolve) => setImmediate(resolve)); // a long run is read a page a tick
  }
  const end = await endEventOf(db, row, afterSeq);
  if (end) yield end;
}

/**
 * The end event, made from the run's row. A crash may have lost deltas that a reader saw: the end of an
 * interrupted run therefore always comes, with a seq behind whatever the reader has.
 */
async function endEventOf(db: Database, row: RunRow, afterSeq: number): Promise<RunEvent | undefined> {
  const interrupted = row.status === "interrupted";
  if (row.ended_at === null || (row.last_seq <= afterSeq && !interrupted)) return undefined;
  const base = {
    runId: row.id,
    sessionKey: row.session_key,
    seq: Math.max(row.last_seq, interrupted ? afterSeq + 1 : 0),
  };
  if (row.status === "failed" || interrupted) {
    const error = JSON.parse(row.error_json ?? "{}") as ErrorDetail; // both ends are stored with an error
    return { type: "chat.error", data: { ...base, error } };
  }
  const usage = row.usage_json ? (JSON.parse(row.usage_json) as Usage) : noUsage; // written from a Usage
  const response = (await lastAnswer(db.read, row.id))?.content ?? "";
  const ending = { ...base, usage, model: row.model, cost: row.cost ?? 0, response };
  if (row.status === "aborted") return { type: "chat.aborted", data: { ...ending, finishReason: "aborted" } };
  const finishReason = (row.finish_reason ?? "stop") as "stop"; // written from a FinishReason
  return { type: "chat.done", data: { ...ending, finishReason } };
}
