import type { Selectable } from "kysely";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";

export type TokenRow = Selectable<Schema["tokens"]>;

export function listTokens(db: Reader): Promise<TokenRow[]> {
  return db.selectFrom("tokens").selectAll().orderBy("created_at").execute();
}

/** Looks a token up by the sha-256 (hex) of its secret. */
export function findTokenByHash(db: Reader, hash: string): Promise<TokenRow | undefined> {
  return db.selectFrom("tokens").selectAll().where("hash", "=", hash).executeTakeFirst();
}

export function findToken(db: Reader, id: string): Promise<TokenRow | undefined> {
  return db.selectFrom("tokens").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function insertToken(tx: Tx, row: TokenRow): Promise<void> {
  await tx.insertInto("tokens").values(row).execute();
}

/** Whether there was such a token. */
export async function deleteToken(tx: Tx, id: string): Promise<boolean> {
  const gone = await tx.deleteFrom("tokens").where("id", "=", id).executeTakeFirst();
  return Number(gone.numDeletedRows) > 0;
}

/** The token with its new secret's hash, or undefined when there is none. */
export function replaceTokenHash(tx: Tx, id: string, hash: string): Promise<TokenRow | undefined> {
  return tx.updateTable("tokens").set({ hash }).where("id", "=", id).returningAll().executeTakeFirst();
}
