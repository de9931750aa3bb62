import { type Insertable, type Selectable, sql } from "kysely";
import type { Reader, Tx } from "./database.ts";
import type { Schema } from "./schema.ts";
import { statement } from "./statement.ts";

export type PeerRow = Selectable<Schema["channel_peers"]>;
export type PairingEventRow = Selectable<Schema["pairing_history"]>;

/** Somebody on an account of a channel. */
export interface PeerPlace {
  channel: string;
  account: string;
  peerId: string;
}

/** What is asked about: all of it, or what is on a channel, an account. */
export interface PeerQuery {
  channel?: string | undefined;
  account?: string | undefined;
}

const byPlace = statement((db, it: { channel: string; account: string; peerId: string }) =>
  db
    .selectFrom("channel_peers")
    .selectAll()
    .where("channel", "=", it.channel)
    .where("account", "=", it.account)
    .where("peer_id", "=", it.peerId),
);

export async function findPeer(
  db: Reader | Tx,
  { channel, account, peerId }: PeerPlace,
): Promise<PeerRow | undefined> {
  return (await byPlace(db, { channel, account, peerId }))[0];
}

/** Those that wait first, then those that may speak; each in the order of their coming. */
export function listPeers(
  db: Reader | Tx,
  query: PeerQuery & { state?: PeerRow["state"] | undefined; peerId?: string | undefined },
): Promise<PeerRow[]> {
  let rows = db.selectFrom("channel_peers").selectAll();
  if (query.channel !== undefined) rows = rows.where("channel", "=", query.channel);
  if (query.account !== undefined) rows = rows.where("account", "=", query.account);
  if (query.state !== undefined) rows = rows.where("state", "=", query.state);
  if (query.peerId !== undefined) rows = rows.where("peer_id", "=", query.peerId);
  return rows.orderBy(sql`state = 'pending'`, "desc").orderBy("created_at").orderBy(sql`rowid`).execute();
}

export async function insertPeer(tx: Tx, row: PeerRow): Promise<void> {
  await tx.insertInto("channel_peers").values(row).execute();
}

export async function approvePeer(tx: Tx, { channel, account, peerId }: PeerPlace): Promise<PeerRow> {
  return tx
    .updateTable("channel_peers")
    .set({ state: "approved", code: null, expires_at: null })
    .where("channel", "=", channel)
    .where("account", "=", account)
    .where("peer_id", "=", peerId)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function deletePeer(tx: Tx, { channel, account, peerId }: PeerPlace): Promise<void> {
  await tx
    .deleteFrom("channel_peers")
    .where("channel", "=", channel)
    .where("account", "=", account)
    .where("peer_id", "=", peerId)
    .execute();
}

/** How much of the history is kept: nothing from before `since`, and at most so many events. */
export interface HistoryKept {
  since: number;
  atMost: number;
}

export async function insertPairingEvent(
  tx: Tx,
  row: Omit<Insertable<Schema["pairing_history"]>, "id">,
  kept: HistoryKept,
): Promise<void> {
  const { id } = await tx.insertInto("pairing_history").values(row).returning("id").executeTakeFirstOrThrow();
  // Ids are given in their order without gaps, so they count.
  await tx
    .deleteFrom("pairing_history")
    .where((it) => it.or([it("id", "<=", id - kept.atMost), it("at", "<", kept.since)]))
    .execute();
}

/** The newest first. */
export function listPairingEvents(
  db: Reader,
  query: PeerQuery & { limit: number; since: number },
): Promise<PairingEventRow[]> {
  let rows = db.selectFrom("pairing_history").selectAll().where("at", ">=", query.since);
  if (query.channel !== undefined) rows = rows.where("channel", "=", query.channel);
  if (query.account !== undefined) rows = rows.where("account", "=", query.account);
  return rows.orderBy("id", "desc").limit(query.limit).execute();
}
