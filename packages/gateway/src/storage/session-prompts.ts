import type { Reader, Tx } from "./database.ts";
import { statement } from "./statement.ts";

/** What a session's model was told last. */
export interface Told {
  /** Name of a file -> sha-256 (hex) of its text. */
  files: Readonly<Record<string, string>>;
  /** When it was last told the date. */
  toldAt: number;
}

/** The system prompt that a session began with. */
export async function promptText(db: Reader | Tx, sessionId: number): Promise<string | undefined> {
  const row = await db
    .selectFrom("session_prompts")
    .select("text")
    .where("session_id", "=", sessionId)
    .executeTakeFirst();
  return row?.text;
}

const toldTo = statement((db, { sessionId }: { sessionId: number }) =>
  db.selectFrom("session_prompts").select(["files_json", "told_at"]).where("session_id", "=", sessionId),
);

export async function lastTold(db: Reader, sessionId: number): Promise<Told | undefined> {
  const [row] = await toldTo(db, { sessionId });
  return row && { files: JSON.parse(row.files_json) as Told["files"], toldAt: row.told_at }; // written from one
}

/** Keeps a session's prompt, unless it has one or is gone. */
export async function insertPrompt(tx: Tx, sessionId: number, text: string, told: Told): Promise<void> {
  const session = await tx.selectFrom("sessions").select("id").where("id", "=", sessionId).executeTakeFirst();
  if (!session) return;
  await tx
    .insertInto("session_prompts")
    .values({ session_id: sessionId, text, ...row(told) })
    .onConflict((it) => it.column("session_id").doNothing())
    .execute();
}

export async function keepTold(tx: Tx, sessionId: number, told: Told): Promise<void> {
  await tx.updateTable("session_prompts").set(row(told)).where("session_id", "=", sessionId).execute();
}

/** Gives a session that continues another one its prompt, so that what was cached of it stays of use. */
export async function copyPrompt(tx: Tx, fromSessionId: number, toSessionId: number): Promise<void> {
  const from = await tx
    .selectFrom("session_prompts")
    .selectAll()
    .where("session_id", "=", fromSessionId)
    .executeTakeFirst();
  if (!from) return;
  await tx
    .insertInto("session_prompts")
    .values({ ...from, session_id: toSessionId })
    .onConflict((it) => it.column("session_id").doNothing())
    .execute();
}

function row({ files, toldAt }: Told) {
  return { files_json: JSON.stringify(files), told_at: toldAt };
}
