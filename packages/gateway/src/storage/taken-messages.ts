import type { Tx } from "./database.ts";
import { queuedFrom } from "./schema.ts";

/**
 * Makes the user's messages of a run that said and did nothing those of another run, at the end of the transcript.
 * Undefined, and nothing is changed, where the run left more than them; else the first of them.
 */
export async function takeMessages(
  tx: Tx,
  sessionId: number,
  fromRun: string,
  toRun: string,
  place: "next" | "queued",
): Promise<{ id: string; text: string } | undefined> {
  const rows = await tx
    .selectFrom("messages")
    .select(["id", "role", "content"])
    .where("session_id", "=", sessionId)
    .where("run_id", "=", fromRun)
    .orderBy("seq")
    .execute();
  const [first] = rows;
  if (!first || rows.some((row) => row.role !== "user")) return undefined;
  const { next_seq } = await tx
    .updateTable("sessions")
    .set((row) => ({ next_seq: row("next_seq", "+", rows.length) }))
    .where("id", "=", sessionId)
    .returning("next_seq")
    .executeTakeFirstOrThrow();
  for (const [index, { id }] of rows.entries()) {
    const seq = next_seq - rows.length + index + (place === "queued" ? queuedFrom : 0);
    await tx.updateTable("messages").set({ run_id: toRun, seq, status: null }).where("id", "=", id).execute();
  }
  return { id: first.id, text: first.content };
}
