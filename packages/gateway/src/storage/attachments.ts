import type { Attachment } from "openclaw-protocol";
import type { Reader, Tx } from "./database.ts";

/** Puts what came with a message on disk, in its order. */
export async function insertAttachments(
  tx: Tx,
  messageId: string,
  list: readonly Attachment[],
): Promise<void> {
  await tx
    .insertInto("attachments")
    .values(
      list.map((it, position) => ({
        message_id: messageId,
        position,
        type: it.type,
        mime_type: it.mimeType ?? null,
        name: it.name ?? null,
        url: it.url ?? null,
        data: it.data ?? null,
      })),
    )
    .execute();
}

/** The attachments of messages, in order, by message. */
export async function attachmentsOf(
  db: Reader | Tx,
  rows: readonly { id: string; attachments: number }[],
): Promise<Map<string, Attachment[]>> {
  const byMessage = new Map<string, Attachment[]>();
  const ids = rows.filter((row) => row.attachments > 0).map((row) => row.id);
  if (ids.length === 0) return byMessage;
  const found = await db
    .selectFrom("attachments")
    .selectAll()
    .where("message_id", "in", ids)
    .orderBy("message_id")
    .orderBy("position")
    .execute();
  for (const row of found) {
    const list = byMessage.get(row.message_id) ?? [];
    list.push({
      type: row.type as Attachment["type"], // written from a validated attachment
      ...(row.mime_type !== null && { mimeType: row.mime_type }),
      ...(row.name !== null && { name: row.name }),
      ...(row.url !== null && { url: row.url }),
      ...(row.data !== null && { data: row.data }),
    });
    byMessage.set(row.message_id, list);
  }
  return byMessage;
}

/**
 * Drops the bytes of files that came in by channels before a time, at most `limit` of them. Returns how many are gone;
 * that there was a file stays known.
 */
export async function expireChannelFiles(tx: Tx, before: number, limit: number): Promise<number> {
  const old = await tx
    .selectFrom("attachments")
    .innerJoin("messages", "messages.id", "attachments.message_id")
    .innerJoin("sessions", "sessions.id", "messages.session_id")
    .select(["attachments.message_id", "attachments.position"])
    .where("attachments.data", "is not", null)
    .where("messages.created_at", "<", before)
    .where("sessions.channel", "!=", "webchat")
    .limit(limit)
    .execute();
  for (const { message_id, position } of old) {
    await tx
      .updateTable("attachments")
      .set({ data: null })
      .where("message_id", "=", message_id)
      .where("position", "=", position)
      .execute();
  }
  return old.length;
}
