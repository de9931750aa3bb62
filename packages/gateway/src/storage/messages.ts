import { type Selectable, sql } from "kysely";
import type { Attachment, ToolCall } from "openclaw-protocol";
import { attachmentsOf, insertAttachments } from "./attachments.ts";
import type { Reader, Tx } from "./database.ts";
import { queuedFrom, type Schema } from "./schema.ts";
import { statement } from "./statement.ts";

export type MessageRow = Selectable<Schema["messages"]>;
type Status = MessageRow["status"];

/** Rows of one insert. */
const rowsAtOnce = 200;

export interface NewMessage {
  sessionId: number;
  id: string;
  runId: string;
  role: "user" | "assistant";
  content: string;
  status?: Status;
  toolCalls?: readonly ToolCall[] | undefined;
  reasoning?: readonly unknown[] | undefined;
  attachments?: readonly Attachment[] | undefined;
  note?: string | undefined;
  now: number;
}

const nextPlace = statement((db, { sessionId, now }: { sessionId: number; now: number }) =>
  db
    .updateTable("sessions")
    .set((row) => ({
      message_count: row("message_count", "+", 1),
      next_seq: row("next_seq", "+", 1),
      updated_at: now,
    }))
    .where("id", "=", sessionId)
    .returning("next_seq"),
);

const insertRow = statement((db, row: MessageRow) => db.insertInto("messages").values(row));

/** Appends to the transcript; a `queued` message waits behind it for `placeQueued`. */
export async function insertMessage(
  tx: Tx,
  it: NewMessage,
  place: "next" | "queued" = "next",
): Promise<void> {
  const [session] = await nextPlace(tx, { sessionId: it.sessionId, now: it.now });
  if (!session) return; // deleted meanwhile: there is nothing left to write to
  await insertRow(tx, rowOf(it, session.next_seq - 1 + (place === "queued" ? queuedFrom : 0)));
  if (it.attachments?.length) await insertAttachments(tx, it.id, it.attachments);
}

/** Appends messages without attachments to a session, in few statements. */
export async function insertMessages(
  tx: Tx,
  sessionId: number,
  list: readonly Omit<NewMessage, "sessionId" | "attachments">[],
): Promise<void> {
  const count = list.length;
  if (count === 0) return;
  const { next_seq } = await tx
    .updateTable("sessions")
    .set((row) => ({
      message_count: row("message_count", "+", count),
      next_seq: row("next_seq", "+", count),
    }))
    .where("id", "=", sessionId)
    .returning("next_seq")
    .executeTakeFirstOrThrow();
  const rows = list.map((it, index) => rowOf({ ...it, sessionId }, next_seq - count + index));
  for (let from = 0; from < count; from += rowsAtOnce) {
    await tx
      .insertInto("messages")
      .values(rows.slice(from, from + rowsAtOnce))
      .execute();
  }
}

function rowOf(it: NewMessage, seq: number): MessageRow {
  return {
    session_id: it.sessionId,
    seq,
    id: it.id,
    run_id: it.runId,
    role: it.role,
    content: it.content,
    status: it.status ?? null,
    tool_calls_json: it.toolCalls?.length ? JSON.stringify(it.toolCalls) : null,
    reasoning_json: it.reasoning?.length ? JSON.stringify(it.reasoning) : null,
    attachments: it.attachments?.length ?? 0,
    created_at: it.now,
    note: it.note ?? null,
  };
}

/** Gives a queued run's messages their places in the transcript, in the order of their coming, now that the run begins. */
export async function placeQueued(tx: Tx, sessionId: number, runId: string): Promise<void> {
  const queued = await tx
    .selectFrom("messages")
    .select("id")
    .where("session_id", "=", sessionId)
    .where("run_id", "=", runId)
    .where("seq", ">=", queuedFrom)
    .orderBy("seq")
    .execute();
  for (const { id } of queued) await placeMessage(tx, sessionId, id);
}

/** Gives one queued message the next place in the transcript. */
export async function placeMessage(tx: Tx, sessionId: number, messageId: string): Promise<void> {
  const session = await tx
    .updateTable("sessions")
    .set((row) => ({ next_seq: row("next_seq", "+", 1) }))
    .where("id", "=", sessionId)
    .returning("next_seq")
    .executeTakeFirst();
  if (!session) return;
  await tx
    .updateTable("messages")
    .set({ seq: session.next_seq - 1 })
    .where("id", "=", messageId)
    .where("session_id", "=", sessionId)
    .where("seq", ">=", queuedFrom)
    .execute();
}

export async function setToolCalls(
  tx: Tx,
  messageId: string,
  calls: readonly ToolCall[],
  status?: Status,
): Promise<void> {
  await tx
    .updateTable("messages")
    .set({ tool_calls_json: JSON.stringify(calls), ...(status && { status }) })
    .where("id", "=", messageId)
    .execute();
}

/** Most bytes that are read of a transcript at once, attachments included; a longer message is read alone. */
const pageBytes = 4 * 1024 * 1024;

/** How many messages before or after a place make a page: at most `limit`, at most 4 MB, at least one where there is one. */
export async function pageSize(
  db: Reader | Tx,
  sessionId: number,
  from: { before?: number | undefined } | { after: number },
  limit: number,
): Promise<{ count: number; more: boolean }> {
  let rows = db
    .selectFrom("messages")
    .select(
      // Lengths in bytes stand in a row's head, so that the texts themselves are not read.
      sql<number>`octet_length(content) + coalesce(octet_length(tool_calls_json), 0)
        + coalesce(octet_length(reasoning_json), 0) + case when attachments = 0 then 0
        else (select coalesce(sum(octet_length(data)), 0) from attachments where message_id = messages.id) end`.as(
        "bytes",
      ),
    )
    .where("session_id", "=", sessionId)
    .limit(limit + 1);
  if ("after" in from) rows = rows.where("seq", ">", from.after).orderBy("seq", "asc");
  else if (from.before === undefined) rows = rows.orderBy("seq", "desc");
  else rows = rows.where("seq", "<", from.before).orderBy("seq", "desc");
  const sizes = await rows.execute();
  let count = 0;
  for (let left = pageBytes; count < Math.min(sizes.length, limit); count++) {
    left -= sizes[count]!.bytes;
    if (left < 0 && count > 0) break;
  }
  return { count, more: sizes.length > count };
}

/** The page of messages before a place, newest first. */
export function pageBackwards(db: Reader | Tx, sessionId: number, before: number | undefined, limit: number) {
  let rows = db.selectFrom("messages").selectAll().where("session_id", "=", sessionId);
  if (before !== undefined) rows = rows.where("seq", "<", before);
  return rows.orderBy("seq", "desc").limit(limit).execute();
}

const forwards = statement((db, it: { sessionId: number; after: number; limit: number }) =>
  db
    .selectFrom("messages")
    .selectAll()
    .where("session_id", "=", it.sessionId)
    .where("seq", ">", it.after)
    .orderBy("seq", "asc")
    .limit(it.limit),
);

/** The page of messages after a place, oldest first. */
export function pageForwards(db: Reader | Tx, sessionId: number, after: number, limit: number) {
  return forwards(db, { sessionId, after, limit });
}

/** The last assistant message of a run. */
export function lastAnswer(db: Reader | Tx, runId: string): Promise<MessageRow | undefined> {
  return db
    .selectFrom("messages")
    .selectAll()
    .where("run_id", "=", runId)
    .where("role", "=", "assistant")
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** A run's messages that have tool calls. */
export function messagesWithCalls(db: Reader | Tx, runId: string): Promise<MessageRow[]> {
  return db
    .selectFrom("messages")
    .selectAll()
    .where("run_id", "=", runId)
    .where("tool_calls_json", "is not", null)
    .execute();
}

export function findMessage(db: Reader | Tx, sessionId: number, id: string): Promise<MessageRow | undefined> {
  return db
    .selectFrom("messages")
    .selectAll()
    .where("session_id", "=", sessionId)
    .where("id", "=", id)
    .executeTakeFirst();
}

/** The user's message that a run answers. */
export function firstOfRun(db: Reader | Tx, runId: string): Promise<MessageRow | undefined> {
  return db
    .selectFrom("messages")
    .selectAll()
    .where("run_id", "=", runId)
    .where("role", "=", "user")
    .limit(1)
    .executeTakeFirst();
}

/** Copies a page of a transcript behind what the other one has. Returns the last row copied, if any. */
export async function copyMessages(
  tx: Tx,
  from: { sessionId: number; after: number; upTo: number; limit: number },
  toSession: number,
  newId: () => string,
): Promise<MessageRow | undefined> {
  const { count: most } = await pageSize(tx, from.sessionId, { after: from.after }, from.limit);
  const page = (await pageForwards(tx, from.sessionId, from.after, most)).filter(
    (row) => row.seq <= from.upTo,
  );
  if (page.length === 0) return undefined;
  const count = page.length;
  const to = await tx
    .updateTable("sessions")
    .set((row) => ({
      message_count: row("message_count", "+", count),
      next_seq: row("next_seq", "+", count),
    }))
    .where("id", "=", toSession)
    .returning("next_seq")
    .executeTakeFirst();
  if (!to) return undefined; // the copy was deleted meanwhile
  const ids = new Map(page.map((row) => [row.id, newId()]));
  const first = to.next_seq - count;
  const copies = page.map((row, index) => ({
    ...row,
    session_id: toSession,
    id: ids.get(row.id)!, // made for each row of the page
    run_id: "",
    seq: first + index,
  }));
  await tx.insertInto("messages").values(copies).execute();
  for (const [messageId, files] of await attachmentsOf(tx, page))
    await insertAttachments(tx, ids.get(messageId)!, files);
  return page.at(-1);
}
