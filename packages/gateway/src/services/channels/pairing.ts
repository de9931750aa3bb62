import { createHash, timingSafeEqual } from "node:crypto";
import type { Pairing, PairingEvent, ParsedParamsOf, ResultOf } from "openclaw-protocol";
import { type Clock, isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import {
  approvePeer,
  deletePeer,
  findPeer,
  insertPairingEvent,
  insertPeer,
  listPairingEvents,
  listPeers,
  type PairingEventRow,
  type PeerQuery,
  type PeerRow,
} from "../../storage/channel-peers.ts";
import type { Database, Tx } from "../../storage/database.ts";
import type { Caller } from "../access.ts";
import { createTries } from "./tries.ts";

/** Without letters and digits that look alike: 32 of them, so that five bits of a random byte choose one. */
const alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const codeLength = 8;
/** How long a code can be used, ms. */
const codeLastsMs = 60 * 60_000;
const pendingAtMost = 3;
const historyKept = { ms: 90 * 24 * 60 * 60_000, atMost: 1_000 };
const historyPage = 100;
const nameAtMost = 100;

/** Somebody on an account of a channel, by the platform's immutable id. */
export interface PeerPlace {
  channelId: string;
  accountId: string;
  peerId: string;
}

/** Who was not written into the configuration and may speak all the same, because the owner passed on their code. */
export interface Pairings {
  isApproved(place: PeerPlace): Promise<boolean>;
  /** Asks on a stranger's behalf; within the hour the code stays the same. `chatId` is where an approval is told. */
  request(
    place: PeerPlace & { name?: string | undefined; chatId: string },
  ): Promise<{ code: string; isNew: boolean } | "full" | "approved">;
  list(query: ParsedParamsOf<"pairing.list">): Promise<ResultOf<"pairing.list">>;
  /** Throws `not_found` for a code that nobody has, and `rate_limited` to whoever tries many. */
  approve(
    params: ParsedParamsOf<"pairing.approve">,
    caller: Pick<Caller, "id">,
  ): Promise<{ pairing: Pairing; chatId: string }>;
  remove(
    params: ParsedParamsOf<"pairing.remove">,
    caller: Pick<Caller, "id">,
  ): Promise<ResultOf<"pairing.remove">>;
  clear(
    params: ParsedParamsOf<"pairing.clear">,
    caller: Pick<Caller, "id">,
  ): Promise<ResultOf<"pairing.clear">>;
  history(query: ParsedParamsOf<"pairing.history">): Promise<ResultOf<"pairing.history">>;
}

export interface PairingDeps {
  db: Database;
  clock: Clock;
  /** From a generator that nobody can foresee. */
  randomBytes(size: number): Uint8Array;
}

export function createPairing({ db, clock, randomBytes }: PairingDeps): Pairings {
  const tries = createTries({ clock, atMost: 10, withinMs: 10 * 60_000 });

  async function note(
    tx: Tx,
    row: PeerRow,
    event: PairingEventRow["event"],
    by: string | null,
  ): Promise<void> {
    const { channel, account, peer_id, name } = row;
    const at = clock.now();
    const kept = { since: at - historyKept.ms, atMost: historyKept.atMost };
    await insertPairingEvent(tx, { channel, account, peer_id, name, event, by, at }, kept);
  }

  async function drop(
    tx: Tx,
    row: PeerRow,
    event: PairingEventRow["event"],
    by: string | null,
  ): Promise<void> {
    await deletePeer(tx, { channel: row.channel, account: row.account, peerId: row.peer_id });
    await note(tx, row, event, by);
  }

  /** Those that still wait; those that have waited too long are taken away. */
  async function stillPending(tx: Tx, query: PeerQuery): Promise<PeerRow[]> {
    const live: PeerRow[] = [];
    for (const row of await listPeers(tx, { ...query, state: "pending" })) {
      if (hasExpired(row)) await drop(tx, row, "expired", null);
      else live.push(row);
    }
    return live;
  }

  function hasExpired(row: PeerRow): boolean {
    return row.expires_at !== null && row.expires_at <= clock.now();
  }

  function newCode(taken: readonly PeerRow[]): string {
    for (;;) {
      const code = Array.from(randomBytes(codeLength), (byte) => alphabet[byte & 31]).join("");
      if (!taken.some((it) => it.code === code)) return code;
    }
  }

  return {
    async isApproved({ channelId, accountId, peerId }) {
      const row = await findPeer(db.read, { channel: channelId, account: accountId, peerId });
      return row?.state === "approved";
    },

    request({ channelId, accountId, peerId, name, chatId }) {
      const place = { channel: channelId, account: accountId };
      return db.write(async (tx) => {
        const known = await findPeer(tx, { ...place, peerId });
        if (known?.state === "approved") return "approved";
        const pending = await stillPending(tx, { channel: channelId });
        const own = pending.filter((it) => it.account === accountId);
        const asked = own.find((it) => it.peer_id === peerId);
        if (asked) return { code: asked.code ?? "", isNew: false };
        if (own.length >= pendingAtMost) return "full";
        const now = clock.now();
        const code = newCode(pending);
        const row: PeerRow = {
          ...place,
          peer_id: peerId,
          name: shownName(name),
          state: "pending",
          code,
          chat_id: chatId,
          created_at: now,
          expires_at: now + codeLastsMs,
        };
        await insertPeer(tx, row);
        await note(tx, row, "requested", null);
        return { code, isNew: true };
      });
    },

    async list({ channelId, accountId }) {
      const rows = await listPeers(db.read, { channel: channelId, account: accountId });
      return { pairings: rows.filter((it) => !hasExpired(it)).map(view) };
    },

    async approve({ channelId, accountId, code }, caller) {
      // Counted before it is known to be wrong, so that tries at the same time count as well.
      const wasRight = tries.begin(channelId, "Too many wrong pairing codes were tried.");
      const approved = await db.write(async (tx) => {
        const pending = await stillPending(tx, { channel: channelId, account: accountId });
        const wanted = digest(code);
        // All of them are compared: how long it takes tells nothing.
        const matches = pending.filter((it) => it.code !== null && timingSafeEqual(digest(it.code), wanted));
        const match = matches[0];
        if (!match) return undefined;
        const { channel, account, peer_id: peerId } = match;
        const row = await approvePeer(tx, { channel, account, peerId });
        await note(tx, row, "approved", caller.id);
        return row;
      });
      if (!approved) {
        throw new GatewayError(
          "not_found",
          "Nobody waits with this code. It may have expired: codes last an hour, and a new message to the bot brings a new one.",
          { param: "code" },
        );
      }
      wasRight();
      return { pairing: view(approved), chatId: approved.chat_id };
    },

    async remove({ channelId, accountId, peerId }, caller) {
      const removed = await db.write(async (tx) => {
        const rows = await listPeers(tx, { channel: channelId, account: accountId, peerId });
        for (const row of rows) await drop(tx, row, "removed", caller.id);
        return rows.length > 0;
      });
      return { removed };
    },

    async clear({ channelId, accountId }, caller) {
      const cleared = await db.write(async (tx) => {
        const rows = await stillPending(tx, { channel: channelId, account: accountId });
        for (const row of rows) await drop(tx, row, "cleared", caller.id);
        return rows.length;
      });
      return { cleared };
    },

    async history({ channelId, accountId, limit }) {
      const since = clock.now() - historyKept.ms;
      const query = { channel: channelId, account: accountId, limit: limit ?? historyPage, since };
      return { events: (await listPairingEvents(db.read, query)).map(eventView) };
    },
  };
}

/** Capitals, without what people put in to read it better. As a digest, so that all are of one length. */
function digest(code: string): Buffer {
  return createHash("sha256")
    .update(code.replace(/[\s\p{Pd}]+/gu, "").toUpperCase())
    .digest();
}

/** A stranger chose it: one short line, and nothing that commands a terminal. */
function shownName(name: string | undefined): string | null {
  const clean = name?.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return clean ? [...clean.toWellFormed()].slice(0, nameAtMost).join("") : null;
}

function view(row: PeerRow): Pairing {
  return {
    channelId: row.channel,
    accountId: row.account,
    peerId: row.peer_id,
    name: row.name,
    state: row.state,
    code: row.code,
    createdAt: isoTime(row.created_at),
    expiresAt: row.expires_at === null ? null : isoTime(row.expires_at),
  };
}

function eventView(row: PairingEventRow): PairingEvent {
  return {
    channelId: row.channel,
    accountId: row.account,
    peerId: row.peer_id,
    name: row.name,
    event: row.event,
    by: row.by,
    at: isoTime(row.at),
  };
}
