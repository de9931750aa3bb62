import { type Selectable, sql } from "kysely";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";

export type OutboxRow = Selectable<Schema["channel_outbox"]>;
export type OutboxState = OutboxRow["state"];

export interface NewOutboxRow {
  id: string;
  /** What belongs together; a batch is put in once, whoever tries again. */
  batch: string;
  piece: number;
  channel: string;
  account: string;
  chatId: string;
  threadId: string | undefined;
  replyTo: string | undefined;
  text: string;
  media?: { facts: unknown; bytes: Uint8Array } | undefined;
  edits?: string | undefined;
  now: number;
}

/** Puts a piece in; false: its batch has one in this place already. */
export async function insertOutbox(tx: Tx, it: NewOutboxRow): Promise<boolean> {
  const done = await tx
    .insertInto("channel_outbox")
    .values({
      id: it.id,
      batch: it.batch,
      piece: it.piece,
      channel: it.channel,
      account: it.account,
      chat_id: it.chatId,
      thread_id: it.threadId ?? null,
      reply_to: it.replyTo ?? null,
      text: it.text,
      media_json: it.media ? JSON.stringify(it.media.facts) : null,
      media_data: it.media?.bytes ?? null,
      edits: it.edits ?? null,
      state: "queued",
      next_at: it.now,
      platform_id: null,
      error: null,
      created_at: it.now,
      settled_at: null,
    })
    .onConflict((conflict) => conflict.columns(["batch", "piece"]).doNothing())
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Chats of an account that have something to be sent, each with when its first piece is due; the oldest first. */
export function openChats(db: Reader, channel: string, account: string) {
  return db
    .selectFrom("channel_outbox")
    .select(["chat_id", sql<number>`min(seq)`.as("first")])
    .where(sql<boolean>`state in ('queued', 'sending')`)
    .where("channel", "=", channel)
    .where("account", "=", account)
    .groupBy("chat_id")
    .orderBy("first")
    .execute();
}

/** The piece that a chat waits for: nothing goes out before it. */
export function nextOfChat(
  db: Reader,
  channel: string,
  account: string,
  chatId: string,
): Promise<OutboxRow | undefined> {
  return db
    .selectFrom("channel_outbox")
    .selectAll()
    .where(sql<boolean>`state in ('queued', 'sending')`)
    .where("channel", "=", channel)
    .where("account", "=", account)
    .where("chat_id", "=", chatId)
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
}

export async function setOutbox(
  tx: Tx,
  id: string,
  change: Partial<
    Pick<OutboxRow, "state" | "attempts" | "next_at" | "platform_id" | "error" | "created_at" | "settled_at">
  >,
): Promise<void> {
  const settled = change.settled_at !== undefined && change.settled_at !== null;
  await tx
    .updateTable("channel_outbox")
    .set({ ...change, ...(settled && change.state === "sent" && { media_data: null }) })
    .where("id", "=", id)
    .execute();
}

/** Pieces that a killed process was sending. */
export function cutOff(db: Reader, channel: string, account: string): Promise<OutboxRow[]> {
  return db
    .selectFrom("channel_outbox")
    .selectAll()
    .where(sql<boolean>`state in ('queued', 'sending')`)
    .where("channel", "=", channel)
    .where("account", "=", account)
    .where("state", "=", "sending")
    .execute();
}

export function findOutbox(db: Reader | Tx, id: string): Promise<OutboxRow | undefined> {
  return db.selectFrom("channel_outbox").selectAll().where("id", "=", id).executeTakeFirst();
}

export function outboxOfBatch(db: Reader | Tx, batch: string): Promise<OutboxRow[]> {
  return db.selectFrom("channel_outbox").selectAll().where("batch", "=", batch).orderBy("piece").execute();
}

/** A channel's pieces, newest first, without their bytes. */
export function listOutbox(
  db: Reader,
  query: { channel: string; state: OutboxState | undefined; limit: number },
): Promise<Omit<OutboxRow, "media_data">[]> {
  let rows = db
    .selectFrom("channel_outbox")
    .select([
      "seq",
      "id",
      "batch",
      "piece",
      "channel",
      "account",
      "chat_id",
      "thread_id",
      "reply_to",
      "text",
      "media_json",
      "edits",
      "state",
      "attempts",
      "next_at",
      "platform_id",
      "error",
      "created_at",
      "settled_at",
    ])
    .where("channel", "=", query.channel);
  if (query.state !== undefined) rows = rows.where("state", "=", query.state);
  return rows.orderBy("seq", "desc").limit(query.limit).execute();
}

/** How many pieces of each account stand in each state that somebody should know of. */
export async function countOutbox(
  db: Reader,
  channel: string,
): Promise<{ account: string; state: OutboxState; count: number }[]> {
  return db
    .selectFrom("channel_outbox")
    .select(["account", "state", sql<number>`count(*)`.as("count")])
    .where("channel", "=", channel)
    .where("state", "in", ["queued", "sending", "unknown", "failed"])
    .groupBy(["account", "state"])
    .execute();
}

/** When each account of a channel sent something last. */
export function lastSent(db: Reader, channel: string) {
  return db
    .selectFrom("channel_outbox")
    .select(["account", sql<number | null>`max(settled_at)`.as("at")])
    .where("channel", "=", channel)
    .where("state", "=", "sent")
    .groupBy("account")
    .execute();
}

/** Deletes settled pieces that were made before a time, at most `limit`. Returns how many are gone. */
export async function deleteOldOutbox(tx: Tx, before: number, limit: number): Promise<number> {
  const gone = await tx
    .deleteFrom("channel_outbox")
    .where("seq", "in", (rows) =>
      rows
        .selectFrom("channel_outbox")
        .select("seq")
        .where("created_at", "<", before)
        .where("state", "not in", ["queued", "sending"])
        .orderBy("created_at")
        .limit(limit),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
