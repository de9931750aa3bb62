import { sql } from "kysely";
import type { Reader, Tx } from "./database.ts";

/** What each budget has spent on a day (`YYYY-MM-DD`, UTC), in USD. */
export async function spentOn(db: Reader, day: string): Promise<Map<string, number>> {
  const rows = await db.selectFrom("spending").select(["budget", "cost"]).where("day", "=", day).execute();
  return new Map(rows.map((it) => [it.budget, it.cost]));
}

/** Adds to what a budget has spent on a day. */
export async function addSpending(tx: Tx, day: string, budget: string, cost: number): Promise<void> {
  await tx
    .insertInto("spending")
    .values({ day, budget, cost })
    .onConflict((it) =>
      it.columns(["day", "budget"]).doUpdateSet((row) => ({
        cost: sql<number>`${row.ref("spending.cost")} + ${row.ref("excluded.cost")}`,
      })),
    )
    .execute();
}

/** Forgets days before this one, at most `limit` rows. Returns how many. */
export async function deleteSpendingBefore(tx: Tx, day: string, limit: number): Promise<number> {
  const gone = await tx
    .deleteFrom("spending")
    .where((it) =>
      it(
        sql<number>`rowid`,
        "in",
        it.selectFrom("spending").select(sql<number>`rowid`.as("place")).where("day", "<", day).limit(limit),
      ),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
