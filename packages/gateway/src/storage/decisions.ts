import type { Insertable, Selectable } from "kysely";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";

export type DecisionRow = Selectable<Schema["decisions"]>;

export async function insertDecision(tx: Tx, row: Insertable<Schema["decisions"]>): Promise<void> {
  await tx.insertInto("decisions").values(row).execute();
}

/** Decisions before a place, the newest first. */
export function listDecisions(
  db: Reader,
  { limit, before }: { limit: number; before: number | undefined },
): Promise<DecisionRow[]> {
  const all = db.selectFrom("decisions").selectAll().orderBy("id", "desc").limit(limit);
  return (before === undefined ? all : all.where("id", "<", before)).execute();
}

export interface DecisionsKept {
  /** Older ones go. */
  since: number;
  /** Beyond so many the oldest go. */
  atMost: number;
}

/** Deletes decisions that are too old or too many, at most `limit`. Returns how many. */
export async function deleteOldDecisions(tx: Tx, kept: DecisionsKept, limit: number): Promise<number> {
  const old = await tx
    .deleteFrom("decisions")
    .where("id", "in", (rows) =>
      rows.selectFrom("decisions").select("id").where("decided_at", "<", kept.since).limit(limit),
    )
    .executeTakeFirst();
  if (old.numDeletedRows > 0n) return Number(old.numDeletedRows);
  const newest = await tx
    .selectFrom("decisions")
    .select("id")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  if (!newest) return 0;
  // Ids are given in their order without gaps, so they count.
  const surplus = await tx
    .deleteFrom("decisions")
    .where("id", "in", (rows) =>
      rows
        .selectFrom("decisions")
        .select("id")
        .where("id", "<=", newest.id - kept.atMost)
        .orderBy("id")
        .limit(limit),
    )
    .executeTakeFirst();
  return Number(surplus.numDeletedRows);
}
