import { type Selectable, sql } from "kysely";
import type { ErrorDetail, FinishReason, RunStatus, Usage } from "openclaw-protocol";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";

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

export async function insertRun(tx: Tx, it: NewRun): Promise<void> {
  await tx
    .insertInto("runs")
    .values({
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
    })
    .execute();
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

export async function endRun(tx: Tx, id: string, end: RunEnd): Promise<void> {
  await tx
    .updateTable("runs")
    .set({
      status: end.status,
      ended_at: end.now,
      finish_reason: end.finishReason ?? null,
      ...(end.model !== undefined && { model: end.model }),
      usage_json: JSON.stringify(end.usage),
      cost: end.cost,
      error_json: end.error ? JSON.stringify(end.error) : null,
      last_seq: end.lastSeq,
    })
    .where("id", "=", id)
    .execute();
}

/** Keeps a stretch of a run's events; `lastSeq` is that of its last one. Nothing is kept of a run that was deleted meanwhile. */
export async function insertEvents(
  tx: Tx,
  runId: string,
  lastSeq: number,
  eventsJson: string,
): Promise<void> {
  await tx
    .insertInto("run_events")
    .columns(["run_id", "seq", "events_json"])
    .expression((rows) =>
      rows
        .selectFrom("runs")
        .select((it) => ["id", it.val(lastSeq).as("seq"), it.val(eventsJson).as("events_json")])
        .where("id", "=", runId),
    )
    .execute();
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
