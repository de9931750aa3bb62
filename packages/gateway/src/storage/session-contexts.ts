import type { Reader, Tx } from "./database.ts";
import { queuedFrom } from "./schema.ts";

/** What of a session's past the model is sent; see the table session_contexts. */
export interface SessionContext {
  trimmedThrough: number;
  droppedThrough: number;
  summary: string | undefined;
}

export async function findContext(db: Reader | Tx, sessionId: number): Promise<SessionContext | undefined> {
  const row = await db
    .selectFrom("session_contexts")
    .selectAll()
    .where("session_id", "=", sessionId)
    .executeTakeFirst();
  if (!row) return undefined;
  const { trimmed_through, dropped_through, summary } = row;
  return { trimmedThrough: trimmed_through, droppedThrough: dropped_through, summary: summary ?? undefined };
}

/** Keeps it, unless the session is gone meanwhile. */
export async function keepContext(
  tx: Tx,
  sessionId: number,
  { trimmedThrough, droppedThrough, summary }: SessionContext,
  now: number,
): Promise<void> {
  const session = await tx.selectFrom("sessions").select("id").where("id", "=", sessionId).executeTakeFirst();
  if (!session) return;
  await tx
    .replaceInto("session_contexts")
    .values({
      session_id: sessionId,
      trimmed_through: trimmedThrough,
      dropped_through: droppedThrough,
      summary: summary ?? null,
      updated_at: now,
    })
    .execute();
}

/** Where the messages after a place stand, oldest first, without what they say. */
export function placesAfter(db: Reader, sessionId: number, after: number, limit: number) {
  return db
    .selectFrom("messages")
    .select(["seq", "role", "run_id"])
    .where("session_id", "=", sessionId)
    .where("seq", ">", after)
    .where("seq", "<", queuedFrom)
    .orderBy("seq", "asc")
    .limit(limit)
    .execute();
}
