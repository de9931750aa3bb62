import type { Selectable } from "kysely";
import type { Reader, Tx } from "./database.ts";
import type { RunRow } from "./runs.ts";
import type { Schema } from "./schema.ts";

export type TaskRow = Selectable<Schema["tasks"]>;

/** How many a session keeps of those whose result it has. */
const keptPerSession = 200;

/** How many sub-agents of a session run, and how many it has started since a time. */
export function countTasks(
  tx: Tx,
  parentSessionId: number,
  since: number,
): Promise<{ running: number; recent: number }> {
  return tx
    .selectFrom("tasks")
    .select((it) => [
      it.fn.countAll<number>().filterWhere("status", "=", "running").as("running"),
      it.fn.countAll<number>().filterWhere("created_at", ">", since).as("recent"),
    ])
    .where("parent_session_id", "=", parentSessionId)
    .executeTakeFirstOrThrow();
}

/** Adds a task that begins; its run is not known yet. The oldest delivered ones of its session go. */
export async function insertTask(
  tx: Tx,
  it: Pick<
    TaskRow,
    "id" | "parent_session_id" | "parent_run_id" | "child_session_key" | "label" | "created_at"
  >,
): Promise<TaskRow> {
  const kept = tx
    .selectFrom("tasks")
    .select("id")
    .where("parent_session_id", "=", it.parent_session_id)
    .orderBy("created_at", "desc")
    .limit(keptPerSession - 1);
  await tx
    .deleteFrom("tasks")
    .where("parent_session_id", "=", it.parent_session_id)
    .where("delivered_at", "is not", null)
    .where("id", "not in", kept)
    .execute();
  const row: TaskRow = {
    ...it,
    child_run_id: "",
    status: "running",
    result: null,
    ended_at: null,
    delivered_at: null,
  };
  await tx.insertInto("tasks").values(row).execute();
  return row;
}

export async function setTaskRun(tx: Tx, id: string, runId: string): Promise<void> {
  await tx.updateTable("tasks").set({ child_run_id: runId }).where("id", "=", id).execute();
}

/** Keeps how a task ended. False: that is known already, or the parent session is gone. */
export async function endTask(
  tx: Tx,
  id: string,
  end: { status: Exclude<TaskRow["status"], "running">; result: string; at: number; delivered: boolean },
): Promise<boolean> {
  const ended = await tx
    .updateTable("tasks")
    .set({
      status: end.status,
      result: end.result,
      ended_at: end.at,
      delivered_at: end.delivered ? end.at : null,
    })
    .where("id", "=", id)
    .where("status", "=", "running")
    .executeTakeFirst();
  return ended.numUpdatedRows > 0n;
}

export async function markDelivered(tx: Tx, id: string, at: number): Promise<void> {
  await tx
    .updateTable("tasks")
    .set({ delivered_at: at })
    .where("id", "=", id)
    .where("delivered_at", "is", null)
    .execute();
}

export function findTask(db: Reader, id: string): Promise<TaskRow | undefined> {
  return db.selectFrom("tasks").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Tasks whose result its session has not got, oldest first. */
export function undeliveredTasks(db: Reader): Promise<TaskRow[]> {
  return db.selectFrom("tasks").selectAll().where("delivered_at", "is", null).orderBy("created_at").execute();
}

/** A session's tasks, the youngest first. */
export function tasksOf(db: Reader, parentSessionId: number, limit: number): Promise<TaskRow[]> {
  return db
    .selectFrom("tasks")
    .selectAll()
    .where("parent_session_id", "=", parentSessionId)
    .orderBy("created_at", "desc")
    .limit(limit)
    .execute();
}

/** The run that a task's session began with. */
export function runOfTask(db: Reader, childSessionKey: string): Promise<RunRow | undefined> {
  return db
    .selectFrom("runs")
    .innerJoin("sessions", "sessions.id", "runs.session_id")
    .selectAll("runs")
    .where("sessions.key", "=", childSessionKey)
    .orderBy("runs.created_at")
    .limit(1)
    .executeTakeFirst();
}
