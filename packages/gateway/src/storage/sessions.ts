import { type Selectable, sql } from "kysely";
import type { Usage } from "openclaw-protocol";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";
import { statement } from "./statement.ts";

export type SessionRow = Selectable<Schema["sessions"]>;

const byKey = statement((db, { key }: { key: string }) =>
  db.selectFrom("sessions").selectAll().where("key", "=", key),
);

export async function findSession(db: Reader | Tx, key: string): Promise<SessionRow | undefined> {
  return (await byKey(db, { key }))[0];
}

/** A buried session's key: no caller can write a control character into one. */
const buriedPrefix = "\u0000";

/** The session that a run belongs to, unless it was deleted. */
export async function findSessionById(db: Reader | Tx, id: number): Promise<SessionRow | undefined> {
  const row = await db.selectFrom("sessions").selectAll().where("id", "=", id).executeTakeFirst();
  return row?.key.startsWith(buriedPrefix) ? undefined : row;
}

/**
 * Takes a session out of sight, whatever its size, in one short write. Its key is free again;
 * `purgeBuried` clears up behind it.
 */
export async function burySession(tx: Tx, id: number): Promise<void> {
  await tx
    .updateTable("sessions")
    .set({ key: `${buriedPrefix}${id}`, listed: 0 })
    .where("id", "=", id)
    .execute();
}

/** Deletes a bounded piece of what buried sessions hold. False when nothing is left. */
export async function purgeBuried(tx: Tx, rowsAtMost: number): Promise<boolean> {
  const buried = await tx
    .selectFrom("sessions")
    .select("id")
    .where("key", ">=", buriedPrefix)
    .where("key", "<", "\u0001")
    .limit(1)
    .executeTakeFirst();
  if (!buried) return false;
  const messages = await tx
    .deleteFrom("messages")
    .where("id", "in", (rows) =>
      rows.selectFrom("messages").select("id").where("session_id", "=", buried.id).limit(rowsAtMost),
    )
    .executeTakeFirst();
  if (messages.numDeletedRows > 0n) return true;
  const runs = await tx
    .deleteFrom("runs")
    .where("id", "in", (rows) =>
      rows.selectFrom("runs").select("id").where("session_id", "=", buried.id).limit(rowsAtMost),
    )
    .executeTakeFirst();
  if (runs.numDeletedRows > 0n) return true;
  await deleteSession(tx, buried.id);
  return true;
}

export interface NewSession {
  key: string;
  agentId: string;
  owner: string;
  channel: string;
  listed: boolean;
  title: string | null;
  now: number;
}

export function insertSession(tx: Tx, it: NewSession): Promise<SessionRow> {
  return tx
    .insertInto("sessions")
    .values({
      key: it.key,
      agent_id: it.agentId,
      channel: it.channel,
      owner: it.owner,
      listed: it.listed ? 1 : 0,
      title: it.title,
      model: null,
      thinking: null,
      created_at: it.now,
      updated_at: it.now,
      message_count: 0,
      next_seq: 1,
      prompt_tokens: 0,
      completion_tokens: 0,
      reasoning_tokens: 0,
      cached_tokens: 0,
      cost: 0,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export interface SessionQuery {
  limit: number;
  /** From the last row of the page before. */
  after?: { updatedAt: number; id: number } | undefined;
  channel?: string | undefined;
  agentId?: string | undefined;
  search?: string | undefined;
  owner?: string | undefined;
}

/** Sessions that are looked at without a pause: a search may have to go through all of them. */
const lookedAtOnce = 4_000;

/** Listed sessions, last used first. */
export async function listSessions(db: Reader, query: SessionQuery): Promise<SessionRow[]> {
  const found: SessionRow[] = [];
  for (let after = query.after; ; ) {
    found.push(...(await matching(db, { ...query, after, limit: query.limit - found.length })));
    if (found.length === query.limit) return found;
    const last = await listed(db, after)
      .select(["updated_at", "id"])
      .offset(lookedAtOnce - 1)
      .limit(1)
      .executeTakeFirst();
    if (!last) return found;
    after = { updatedAt: last.updated_at, id: last.id };
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function listed(db: Reader, after: SessionQuery["after"]) {
  const rows = db.selectFrom("sessions").where("listed", "=", 1);
  const rest = after ? rows.where(sql<boolean>`(updated_at, id) < (${after.updatedAt}, ${after.id})`) : rows;
  return rest.orderBy("updated_at", "desc").orderBy("id", "desc");
}

/** What matches among the next `lookedAtOnce` sessions. */
function matching(db: Reader, query: SessionQuery): Promise<SessionRow[]> {
  const next = listed(db, query.after).selectAll().limit(lookedAtOnce).as("next");
  let rows = db.selectFrom(next).selectAll();
  const { search } = query;
  if (query.channel !== undefined) rows = rows.where("channel", "=", query.channel);
  if (query.agentId !== undefined) rows = rows.where("agent_id", "=", query.agentId);
  if (query.owner !== undefined) rows = rows.where("owner", "=", query.owner);
  if (search) {
    const pattern = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
    rows = rows.where(sql<boolean>`(key like ${pattern} escape '\\' or title like ${pattern} escape '\\')`);
  }
  return rows.orderBy("updated_at", "desc").orderBy("id", "desc").limit(query.limit).execute();
}

export interface SessionChange {
  title?: string | null;
  model?: string | null;
  thinking?: string | null;
}

export async function updateSession(tx: Tx, id: number, change: SessionChange, now: number): Promise<void> {
  await tx
    .updateTable("sessions")
    .set({ ...change, updated_at: now })
    .where("id", "=", id)
    .execute();
}

type Spent = Record<"id" | "prompt" | "completion" | "reasoning" | "cached" | "cost", number>;

const spend = statement((db, it: Spent) =>
  db
    .updateTable("sessions")
    .set((row) => ({
      prompt_tokens: row("prompt_tokens", "+", it.prompt),
      completion_tokens: row("completion_tokens", "+", it.completion),
      reasoning_tokens: row("reasoning_tokens", "+", it.reasoning),
      cached_tokens: row("cached_tokens", "+", it.cached),
      cost: row("cost", "+", it.cost),
    }))
    .where("id", "=", it.id),
);

/** Adds a run's tokens (and dollars) to its session. */
export async function addUsage(tx: Tx, id: number, usage: Usage, cost: number): Promise<void> {
  await spend(tx, {
    id,
    prompt: usage.promptTokens,
    completion: usage.completionTokens,
    reasoning: usage.reasoningTokens ?? 0,
    cached: usage.cachedTokens ?? 0,
    cost,
  });
}

/** Deletes a small session; its messages, runs and events go with it. */
export async function deleteSession(tx: Tx, id: number): Promise<void> {
  await tx.deleteFrom("sessions").where("id", "=", id).execute();
}
