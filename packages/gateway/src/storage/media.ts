import { sql } from "kysely";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";

export type MediaRow = Schema["media"];

export async function insertMedia(tx: Tx, row: MediaRow): Promise<void> {
  await tx.insertInto("media").values(row).execute();
}

/** Those of sessions that are deleted, but not yet cleared up, are out of sight like these (`burySession`). */
function visible(db: Reader | Tx) {
  return db
    .selectFrom("media")
    .selectAll()
    .where((it) => {
      const session = it
        .selectFrom("sessions")
        .select("sessions.id")
        .whereRef("sessions.id", "=", "media.session_id")
        .where("sessions.key", ">=", "\u0001");
      return it.or([it("session_id", "is", null), it.exists(session)]);
    });
}

export function findMedia(db: Reader | Tx, mediaId: string): Promise<MediaRow | undefined> {
  return visible(db).where("media_id", "=", mediaId).executeTakeFirst();
}

/** A place in the list: what comes after it is older. */
export interface MediaPlace {
  createdAt: number;
  mediaId: string;
}

/** The newest first. */
export function listMedia(
  db: Reader,
  query: { limit: number; after?: MediaPlace | undefined; sessionKey?: string | undefined },
): Promise<MediaRow[]> {
  const { after, sessionKey } = query;
  let rows = visible(db);
  if (sessionKey !== undefined) rows = rows.where("session_key", "=", sessionKey);
  if (after) rows = rows.where(sql<boolean>`(created_at, media_id) < (${after.createdAt}, ${after.mediaId})`);
  return rows.orderBy("created_at", "desc").orderBy("media_id", "desc").limit(query.limit).execute();
}

/** Returns whether it was there. */
export async function deleteMedia(tx: Tx, mediaId: string): Promise<boolean> {
  const gone = await tx.deleteFrom("media").where("media_id", "=", mediaId).executeTakeFirst();
  return gone.numDeletedRows > 0n;
}

/**
 * Forgets those from before `since`, and the oldest while all together are more than so many, or hold more than so many
 * bytes; a few at a time. Returns their ids.
 */
export async function deleteOldMedia(
  tx: Tx,
  kept: { since: number; bytesAtMost: number; filesAtMost: number },
  limit: number,
): Promise<string[]> {
  const all = await tx
    .selectFrom("media")
    .select((it) => [it.fn.countAll<number>().as("files"), it.fn.sum<number | null>("size").as("bytes")])
    .executeTakeFirstOrThrow();
  let files = Number(all.files);
  let bytes = Number(all.bytes ?? 0);
  const oldest = await tx
    .selectFrom("media")
    .select(["media_id", "created_at", "size"])
    .orderBy("created_at")
    .orderBy("media_id")
    .limit(limit)
    .execute();
  const gone: string[] = [];
  for (const row of oldest) {
    if (row.created_at >= kept.since && files <= kept.filesAtMost && bytes <= kept.bytesAtMost) break;
    gone.push(row.media_id);
    files -= 1;
    bytes -= row.size;
  }
  if (gone.length > 0) await tx.deleteFrom("media").where("media_id", "in", gone).execute();
  return gone;
}

/** Which of these ids there is a row of. */
export async function knownMedia(db: Reader, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.selectFrom("media").select("media_id").where("media_id", "in", ids).execute();
  return new Set(rows.map((row) => row.media_id));
}

/** Ids of all rows, in order, a page at a time. */
export async function mediaIdsAfter(db: Reader, after: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom("media")
    .select("media_id")
    .where("media_id", ">", after)
    .orderBy("media_id")
    .limit(limit)
    .execute();
  return rows.map((row) => row.media_id);
}
