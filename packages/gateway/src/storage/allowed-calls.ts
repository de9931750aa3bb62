import type { Selectable } from "kysely";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";

export type AllowedCallRow = Selectable<Schema["allowed_calls"]>;

/** Names a call by what it is: the words are compared as they are written, all of them. */
export type AllowedCallKey = Pick<AllowedCallRow, "agent_id" | "tool" | "words_json">;

export function listAllowedCalls(db: Reader): Promise<AllowedCallRow[]> {
  return db.selectFrom("allowed_calls").selectAll().orderBy("created_at").orderBy("id").execute();
}

export async function countAllowedCalls(db: Reader): Promise<number> {
  const { count } = await db
    .selectFrom("allowed_calls")
    .select((it) => it.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

export function findAllowedCall(db: Reader, key: AllowedCallKey): Promise<AllowedCallRow | undefined> {
  return db
    .selectFrom("allowed_calls")
    .selectAll()
    .where("agent_id", "=", key.agent_id)
    .where("tool", "=", key.tool)
    .where("words_json", "=", key.words_json)
    .executeTakeFirst();
}

/** Puts a call on the list; one that is there already stays as it is. */
export async function insertAllowedCall(tx: Tx, row: AllowedCallRow): Promise<void> {
  await tx
    .insertInto("allowed_calls")
    .values(row)
    .onConflict((conflict) => conflict.columns(["agent_id", "tool", "words_json"]).doNothing())
    .execute();
}

/** Whether there was such an entry. */
export async function deleteAllowedCall(tx: Tx, id: string): Promise<boolean> {
  const gone = await tx.deleteFrom("allowed_calls").where("id", "=", id).executeTakeFirst();
  return gone.numDeletedRows > 0n;
}

/** What an agent may do unasked goes with it: another one of the same id begins with nothing. */
export async function deleteAllowedCallsOf(tx: Tx, agentId: string): Promise<void> {
  await tx.deleteFrom("allowed_calls").where("agent_id", "=", agentId).execute();
}
