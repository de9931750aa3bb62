import { sql } from "kysely";
import type { Reader, Tx } from "./database.ts";

export interface IdempotentRun {
  bodyHash: string;
  runId: string;
}

/** The run that a key stands for, unless it has expired. */
export async function findIdempotent(
  db: Reader | Tx,
  caller: string,
  key: string,
  now: number,
): Promise<IdempotentRun | undefined> {
  const row = await db
    .selectFrom("idempotency")
    .selectAll()
    .where("caller", "=", caller)
    .where("key", "=", key)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return row && { bodyHash: row.body_hash, runId: row.run_id };
}

export async function keepIdempotent(
  tx: Tx,
  it: { caller: string; key: string; bodyHash: string; runId: string; expiresAt: number },
): Promise<void> {
  await tx
    .replaceInto("idempotency")
    .values({
      caller: it.caller,
      key: it.key,
      body_hash: it.bodyHash,
      run_id: it.runId,
      expires_at: it.expiresAt,
    })
    .execute();
}

/** Forgets expired keys, at most `limit`. Returns how many. */
export async function deleteExpired(tx: Tx, now: number, limit: number): Promise<number> {
  const gone = await tx
    .deleteFrom("idempotency")
    .where((it) =>
      it(
        sql<number>`rowid`,
        "in",
        it
          .selectFrom("idempotency")
          .select(sql<number>`rowid`.as("place"))
          .where("expires_at", "<=", now)
          .limit(limit),
      ),
    )
    .executeTakeFirst();
  return Number(gone.numDeletedRows);
}
