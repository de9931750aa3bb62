import { sql } from "kysely";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";
import { statement } from "./statement.ts";

export type ResponseRow = Schema["responses"];

const insertRow = statement((db, row: ResponseRow) =>
  db
    .insertInto("responses")
    .values(row)
    .onConflict((it) =>
      it.column("id").doUpdateSet((set) => ({
        status: set.ref("excluded.status"),
        response_json: set.ref("excluded.response_json"),
        events_json: set.ref("excluded.events_json"),
        size: set.ref("excluded.size"),
      })),
    ),
);

const insertItem = statement((db, row: Schema["response_items"]) =>
  db
    .insertInto("response_items")
    .values(row)
    .onConflict((it) => it.doNothing()),
);

/** Keeps a response, or what has become of one that is there. `itemIds` are those of its output. */
export async function keepResponse(tx: Tx, row: ResponseRow, itemIds: readonly string[]): Promise<void> {
  await insertRow(tx, row);
  for (const id of itemIds) await insertItem(tx, { id, response_id: row.id });
}

const byId = statement((db, { id }: { id: string }) =>
  db.selectFrom("responses").selectAll().where("id", "=", id),
);

export async function findResponse(db: Reader | Tx, id: string): Promise<ResponseRow | undefined> {
  return (await byId(db, { id }))[0];
}

const idOf = statement((db, { id }: { id: string }) =>
  db.selectFrom("responses").select("id").where("id", "=", id),
);

export async function responseExists(db: Reader | Tx, id: string): Promise<boolean> {
  return (await idOf(db, { id })).length > 0;
}

/** The newest response that holds an item. */
export function findResponseOfItem(db: Reader | Tx, itemId: string): Promise<ResponseRow | undefined> {
  return db
    .selectFrom("response_items")
    .innerJoin("responses", "responses.id", "response_items.response_id")
    .selectAll("responses")
    .where("response_items.id", "=", itemId)
    .orderBy("responses.created_at", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Returns whether it was there. */
export async function deleteResponse(tx: Tx, id: string): Promise<boolean> {
  const gone = await tx.deleteFrom("responses").where("id", "=", id).executeTakeFirst();
  return Number(gone.numDeletedRows) > 0;
}

/** Those that a process left unfinished. */
export function unfinishedResponses(db: Reader | Tx): Promise<ResponseRow[]> {
  return db
    .selectFrom("responses")
    .selectAll()
    .where("status", "in", ["queued", "in_progress"])
    .limit(1_000)
    .execute();
}

/** Forgets those from before `since`, and the oldest where all together hold more than so many characters; a few at a time. Returns how many. */
export async function deleteOldResponses(
  tx: Tx,
  { since, sizeAtMost }: { since: number; sizeAtMost: number },
  limit: number,
): Promise<number> {
  const total = await tx
    .selectFrom("responses")
    .select((it) => it.fn.sum<number | null>("size").as("size"))
    .executeTakeFirst();
  const tooMuch = Number(total?.size ?? 0) > sizeAtMost;
  const gone = await tx
    .deleteFrom("responses")
    .where((it) =>
      it(
        sql<number>`rowid`,
        "in",
        it
          .selectFrom("responses")
          .select(sql<number>`rowid`.as("place"))
          .where("created_at", "<", tooMuch ? Number.MAX_SAFE_INTEGER : since)
          .orderBy("created_at")
          .limit(tooMuch ? Math.min(limit, 20) : limit),
      ),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
