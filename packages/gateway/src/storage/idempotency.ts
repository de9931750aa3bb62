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

export async function deleteExpired(tx: Tx, now: number): Promise<void> {
  await tx.deleteFrom("idempotency").where("expires_at", "<=", now).execute();
}
