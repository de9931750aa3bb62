import { type Selectable, sql } from "kysely";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";

export type CronJobRow = Selectable<Schema["cron_jobs"]>;
export type CronFireRow = Selectable<Schema["cron_fires"]>;

/** Fires that are kept of a job. */
const firesKept = 100;

/** The jobs of one maker, or all, oldest first. */
export function listCronJobs(db: Reader | Tx, owner?: string): Promise<CronJobRow[]> {
  const rows = db.selectFrom("cron_jobs").selectAll().orderBy("created_at").orderBy(sql`rowid`);
  return (owner === undefined ? rows : rows.where("owner", "=", owner)).execute();
}

export function findCronJob(db: Reader | Tx, id: string): Promise<CronJobRow | undefined> {
  return db.selectFrom("cron_jobs").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function countCronJobs(tx: Tx, owner: string): Promise<{ all: number; own: number }> {
  const row = await tx
    .selectFrom("cron_jobs")
    .select((it) => [
      it.fn.countAll<number>().as("all"),
      it.fn.countAll<number>().filterWhere("owner", "=", owner).as("own"),
    ])
    .executeTakeFirstOrThrow();
  return row;
}

export async function insertCronJob(tx: Tx, row: CronJobRow): Promise<void> {
  await tx.insertInto("cron_jobs").values(row).execute();
}

export async function updateCronJob(tx: Tx, id: string, change: Partial<CronJobRow>): Promise<void> {
  if (Object.keys(change).length === 0) return;
  await tx.updateTable("cron_jobs").set(change).where("id", "=", id).execute();
}

/** Whether there was such a job; what it did is forgotten with it. */
export async function deleteCronJob(tx: Tx, id: string): Promise<boolean> {
  const gone = await tx.deleteFrom("cron_jobs").where("id", "=", id).executeTakeFirst();
  return gone.numDeletedRows > 0n;
}

/** Jobs whose time has come, the longest waiting first. */
export function dueCronJobs(db: Reader, now: number): Promise<CronJobRow[]> {
  return db
    .selectFrom("cron_jobs")
    .selectAll()
    .where("enabled", "=", 1)
    .where("next_at", "<=", now)
    .orderBy("next_at")
    .orderBy(sql`rowid`)
    .execute();
}

/** When the next job is due; undefined where none waits. */
export async function soonestCronJob(db: Reader): Promise<number | undefined> {
  const row = await db
    .selectFrom("cron_jobs")
    .select((it) => it.fn.min("next_at").as("at"))
    .where("enabled", "=", 1)
    .executeTakeFirst();
  return row?.at ?? undefined;
}

/** Takes a slot of a job, once and for all. False: it is taken. */
export async function takeCronSlot(tx: Tx, fire: CronFireRow): Promise<boolean> {
  const taken = await tx
    .insertInto("cron_fires")
    .values(fire)
    .onConflict((it) => it.doNothing())
    .executeTakeFirst();
  return (taken.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function setCronFire(
  tx: Tx,
  { job_id, fire_at }: Pick<CronFireRow, "job_id" | "fire_at">,
  end: Pick<CronFireRow, "outcome" | "run_id" | "detail">,
): Promise<void> {
  await tx
    .updateTable("cron_fires")
    .set(end)
    .where("job_id", "=", job_id)
    .where("fire_at", "=", fire_at)
    .execute();
}

export async function pruneCronFires(tx: Tx, jobId: string): Promise<void> {
  const kept = tx
    .selectFrom("cron_fires")
    .select("fire_at")
    .where("job_id", "=", jobId)
    .orderBy("fire_at", "desc")
    .limit(firesKept);
  await tx.deleteFrom("cron_fires").where("job_id", "=", jobId).where("fire_at", "not in", kept).execute();
}

/** Takes back that slots after a time were missed: it has yet to come. */
export async function forgetMissedSlots(tx: Tx, after: number): Promise<void> {
  await tx.deleteFrom("cron_fires").where("fire_at", ">", after).where("outcome", "=", "missed").execute();
}

/** What a job did, the latest first. */
export function cronFires(db: Reader, jobId: string, limit: number): Promise<CronFireRow[]> {
  return db
    .selectFrom("cron_fires")
    .selectAll()
    .where("job_id", "=", jobId)
    .orderBy("fire_at", "desc")
    .limit(limit)
    .execute();
}

export async function isCronSlotTaken(db: Reader, jobId: string, fireAt: number): Promise<boolean> {
  const row = await db
    .selectFrom("cron_fires")
    .select("fire_at")
    .where("job_id", "=", jobId)
    .where("fire_at", "=", fireAt)
    .executeTakeFirst();
  return row !== undefined;
}

/** Slots that were taken with a detail and got no further: what a killed process left. */
export function cronFiresLeft(db: Reader, detail: string): Promise<CronFireRow[]> {
  return db.selectFrom("cron_fires").selectAll().where("detail", "=", detail).execute();
}

/** Whether a run that the job started is still to end. */
export async function isCronJobBusy(db: Reader, jobId: string): Promise<boolean> {
  const row = await db
    .selectFrom("cron_fires")
    .innerJoin("runs", "runs.id", "cron_fires.run_id")
    .select("runs.id")
    .where("cron_fires.job_id", "=", jobId)
    .where("runs.status", "in", ["queued", "running"])
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
