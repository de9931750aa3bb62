import { type Selectable, sql } from "kysely";
import type { ErrorDetail, FinishReason, RunStatus, Usage } from "openclaw-protocol";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";
import { statement } from "./statement.ts";

export type RunRow = Selectable<Schema["runs"]>;

export interface NewRun {
  id: string;
  sessionId: number;
  sessionKey: string;
  agentId: string;
  owner: string;
  status: "queued" | "running";
  options: unknown;
  model: string;
  thinking: string;
  now: number;
}

const insertRow = statement((db, row: RunRow) => db.insertInto("runs").values(row));

export async function insertRun(tx: Tx, it: NewRun): Promise<void> {
  await insertRow(tx, {
    id: it.id,
    session_id: it.sessionId,
    session_key: it.sessionKey,
    agent_id: it.agentId,
    owner: it.owner,
    status: it.status,
    options_json: JSON.stringify(it.options),
    model: it.model,
    thinking: it.thinking,
    created_at: it.now,
    started_at: it.status === "running" ? it.now : null,
    ended_at: null,
    finish_reason: null,
    usage_json: null,
    cost: null,
    error_json: null,
    last_seq: 0,
  });
}

export function findRun(db: Reader | Tx, id: string): Promise<RunRow | undefined> {
  return db.selectFrom("runs").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The run that a session made last. */
export function latestRun(db: Reader, sessionId: number): Promise<RunRow | undefined> {
  return db
    .selectFrom("runs")
    .selectAll()
    .where("session_id", "=", sessionId)
    .orderBy("created_at", "desc")
    .orderBy(sql`rowid`, "desc") // runs of one millisecond in the order of their coming
    .limit(1)
    .executeTakeFirst();
}

/** Runs that a process left queued or running, in the order of their coming. */
export function unfinishedRuns(db: Reader | Tx, limit: number): Promise<RunRow[]> {
  return (
    db
      .selectFrom("runs")
      .selectAll()
      // Written out: SQLite cannot tell from parameters that the index of unfinished runs will do.
      .where(sql<boolean>`status in ('queued', 'running')`)
      .orderBy(sql`rowid`)
      .limit(limit)
      .execute()
  );
}

export async function markRunning(tx: Tx, id: string, now: number): Promise<void> {
  await tx.updateTable("runs").set({ status: "running", started_at: now }).where("id", "=", id).execute();
}

export interface RunEnd {
  status: Exclude<RunStatus, "queued" | "running">;
  finishReason?: FinishReason | undefined;
  /** The model that really answered, where that is not the one that was chosen. */
  model?: string | undefined;
  usage: Usage;
  cost: number;
  error?: ErrorDetail | undefined;
  lastSeq: number;
  now: number;
}

type Ended = Pick<
  RunRow,
  "id" | "status" | "ended_at" | "finish_reason" | "usage_json" | "cost" | "error_json" | "last_seq"
> & { model: string | null };

const end = statement((db, { id, model, ...row }: Ended) =>
  db
    .updateTable("runs")
    .set({ ...row, model: sql<string>`coalesce(${model}, model)` })
    .where("id", "=", id),
);

export async function endRun(tx: Tx, id: string, it: RunEnd): Promise<void> {
  await end(tx, {
    id,
    status: it.status,
    ended_at: it.now,
    finish_reason: it.finishReason ?? null,
    model: it.model ?? null,
    usage_json: JSON.stringify(it.usage),
    cost: it.cost,
    error_json: it.error ? JSON.stringify(it.error) : null,
    last_seq: it.lastSeq,
  });
}

const insertStretch = statement((db, it: { runId: string; lastSeq: number; json: string }) =>
  db
    .insertInto("run_events")
    .columns(["run_id", "seq", "events_json"])
    .expression((rows) =>
      rows
        .selectFrom("runs")
        .select((run) => ["id", run.val(it.lastSeq).as("seq"), run.val(it.json).as("events_json")])
        .where("id", "=", it.runId),
    ),
);

/** Keeps a stretch of a run's events; `lastSeq` is that of its last one. Nothing is kept of a run that was deleted meanwhile. */
export async function insertEvents(tx: Tx, runId: string, lastSeq: number, json: string): Promise<void> {
  await insertStretch(tx, { runId, lastSeq, json });
}

/** Stretches that hold anything after a seq, in order, at most `limit`. */
export function eventsAfter(db: Reader | Tx, runId: string, afterSeq: number, limit: number) {
  return db
    .selectFrom("run_events")
    .select(["seq", "events_json"])
    .where("run_id", "=", runId)
    .where("seq", ">", afterSeq)
    .orderBy("seq")
    .limit(limit)
    .execute();
}

/**
 * Deletes events of runs that ended before a time, at most `limit` stretches. Looks at the oldest only: a long run
 * among them makes the younger ones wait, which is cheaper than to look at all. Returns how many are gone.
 */
export async function deleteOldEvents(tx: Tx, endedBefore: number, limit: number): Promise<number> {
  const oldest = tx
    .selectFrom("run_events")
    .select(["run_id", sql<number>`rowid`.as("place")])
    .orderBy(sql`rowid`)
    .limit(limit)
    .as("oldest");
  const gone = await tx
    .deleteFrom("run_events")
    .where((it) =>
      it(
        sql<number>`rowid`,
        "in",
        it
          .selectFrom(oldest)
          .innerJoin("runs", "runs.id", "oldest.run_id")
          .select("oldest.place")
          .where("runs.ended_at", "<", endedBefore),
      ),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
