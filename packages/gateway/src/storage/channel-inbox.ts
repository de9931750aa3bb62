import { type Selectable, sql } from "kysely";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";

export type InboxRow = Selectable<Schema["channel_inbox"]>;

export interface NewInboxRow {
  channel: string;
  account: string;
  externalId: string;
  chatId: string;
  threadId: string | undefined;
  senderId: string;
  state: "waiting" | "heard" | "refused";
  reason?: string | undefined;
  lane?: string | undefined;
  message?: unknown;
  now: number;
}

/** Takes a message in, once. Undefined: it is there already. */
export async function insertInbox(tx: Tx, it: NewInboxRow): Promise<InboxRow | undefined> {
  return tx
    .insertInto("channel_inbox")
    .values({
      channel: it.channel,
      account: it.account,
      external_id: it.externalId,
      chat_id: it.chatId,
      thread_id: it.threadId ?? null,
      sender_id: it.senderId,
      state: it.state,
      reason: it.reason ?? null,
      lane: it.lane ?? null,
      message_json: it.message === undefined ? null : JSON.stringify(it.message),
      run_id: null,
      received_at: it.now,
      settled_at: it.state === "waiting" ? null : it.now,
    })
    .onConflict((conflict) => conflict.columns(["channel", "account", "external_id"]).doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** Whether a message has come in before. */
export async function isInboxKnown(
  db: Reader | Tx,
  channel: string,
  account: string,
  externalId: string,
): Promise<boolean> {
  const row = await db
    .selectFrom("channel_inbox")
    .select("id")
    .where("channel", "=", channel)
    .where("account", "=", account)
    .where("external_id", "=", externalId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Lanes that have something to do. */
export async function openLanes(db: Reader): Promise<string[]> {
  const rows = await db
    .selectFrom("channel_inbox")
    .select("lane")
    .distinct()
    .where(sql<boolean>`state in ('waiting', 'running')`)
    .execute();
  return rows.flatMap((row) => (row.lane === null ? [] : [row.lane]));
}

/** A lane's rows that wait for their turn, in the order of their coming. */
export function waitingInLane(db: Reader | Tx, lane: string, limit: number): Promise<InboxRow[]> {
  return db
    .selectFrom("channel_inbox")
    .selectAll()
    .where(sql<boolean>`state in ('waiting', 'running')`)
    .where("lane", "=", lane)
    .where("state", "=", "waiting")
    .orderBy("id")
    .limit(limit)
    .execute();
}

/** A lane's rows that a run answers, in the order of their coming. */
export function runningInLane(db: Reader | Tx, lane: string): Promise<InboxRow[]> {
  return db
    .selectFrom("channel_inbox")
    .selectAll()
    .where(sql<boolean>`state in ('waiting', 'running')`)
    .where("lane", "=", lane)
    .where("state", "=", "running")
    .orderBy("id")
    .execute();
}

export async function setInboxRunning(
  tx: Tx,
  ids: readonly number[],
  runId: string,
  attempt: number,
): Promise<void> {
  await tx
    .updateTable("channel_inbox")
    .set({ state: "running", run_id: runId, attempt })
    .where("id", "in", ids)
    .execute();
}

/** Settles a row: what it says is no longer needed. */
export async function settleInbox(tx: Tx, id: number, now: number, reason?: string): Promise<void> {
  await tx
    .updateTable("channel_inbox")
    .set({ state: "done", settled_at: now, message_json: null, ...(reason !== undefined && { reason }) })
    .where("id", "=", id)
    .execute();
}

/** Settles all rows that a run answers. */
export async function settleInboxOfRun(tx: Tx, lane: string, runId: string, now: number): Promise<void> {
  await tx
    .updateTable("channel_inbox")
    .set({ state: "done", settled_at: now, message_json: null })
    .where(sql<boolean>`state in ('waiting', 'running')`)
    .where("lane", "=", lane)
    .where("run_id", "=", runId)
    .execute();
}

/** What was said in a chat before a row, and not to us, oldest first: the last ones, since we were last spoken to. */
export async function heardBefore(
  db: Reader,
  row: Pick<InboxRow, "id" | "channel" | "account" | "chat_id" | "thread_id">,
  limit: number,
): Promise<InboxRow[]> {
  const rows = await db
    .selectFrom("channel_inbox")
    .selectAll()
    .where(sql<boolean>`state = 'heard'`)
    .where("channel", "=", row.channel)
    .where("account", "=", row.account)
    .where("chat_id", "=", row.chat_id)
    .where("thread_id", row.thread_id === null ? "is" : "=", row.thread_id)
    .where("id", "<", row.id)
    .where("message_json", "is not", null)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.reverse();
}

/** What was heard in a chat up to a row has been told: it is not told again. */
export async function forgetHeard(
  tx: Tx,
  row: Pick<InboxRow, "id" | "channel" | "account" | "chat_id" | "thread_id">,
): Promise<void> {
  await tx
    .updateTable("channel_inbox")
    .set({ state: "done", message_json: null })
    .where(sql<boolean>`state = 'heard'`)
    .where("channel", "=", row.channel)
    .where("account", "=", row.account)
    .where("chat_id", "=", row.chat_id)
    .where("thread_id", row.thread_id === null ? "is" : "=", row.thread_id)
    .where("id", "<", row.id)
    .execute();
}

/** Messages of an account that are not answered yet. */
export async function countOpenInbox(db: Reader, channel: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("channel_inbox")
    .select(["account", sql<number>`count(*)`.as("count")])
    .where(sql<boolean>`state in ('waiting', 'running')`)
    .where("channel", "=", channel)
    .groupBy("account")
    .execute();
  return new Map(rows.map((row) => [row.account, row.count]));
}

/** Deletes settled rows that came before a time, at most `limit`. Returns how many are gone. */
export async function deleteOldInbox(tx: Tx, before: number, limit: number): Promise<number> {
  const gone = await tx
    .deleteFrom("channel_inbox")
    .where("id", "in", (rows) =>
      rows
        .selectFrom("channel_inbox")
        .select("id")
        .where("received_at", "<", before)
        .where("state", "not in", ["waiting", "running"])
        .orderBy("received_at")
        .limit(limit),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
