import type { Destination, OutboundMedia } from "../../channels/types.ts";
import { SendError } from "../../channels/types.ts";
import type { Clock } from "../../lib/clock.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Log } from "../../lib/log.ts";
import { sleep } from "../../lib/signals.ts";
import {
  cutOff,
  insertOutbox,
  nextOfChat,
  type OutboxRow,
  type OutboxState,
  openChats,
  setOutbox,
} from "../../storage/channel-outbox.ts";
import type { Database, Tx } from "../../storage/database.ts";
import type { Account } from "./account.ts";
import { createPace } from "./pace.ts";
import { withoutSecrets } from "./plan.ts";

/** What is not out after this long is not worth sending any more, ms. */
const worthMs = 24 * 60 * 60_000;
const retryMs = { first: 1_000, most: 5 * 60_000 };
/** Longest time of one send, ms. */
const sendMs = 60_000;
const chatsAtOnce = 16;
const longestError = 500;

/** A message for the outbox, cut to pieces already. */
export interface Outgoing {
  /** Names the whole of it: put in again it changes nothing. */
  batch: string;
  to: Destination;
  pieces: readonly { text: string; media?: OutboundMedia | undefined; edits?: string | undefined }[];
}

/** How a piece went. */
export interface Settled {
  id: string;
  state: Exclude<OutboxState, "queued" | "sending">;
  platformId: string | undefined;
  error: string | undefined;
}

/** Messages on their way out: on disk before they are sent, and never sent twice without somebody's word. */
export interface Outbox {
  /** To be called in the write that decides on the message; afterwards `poke`. */
  put(tx: Tx, place: { channelId: string; accountId: string }, message: Outgoing): Promise<void>;
  /** There is something to send, or the account can send again. */
  poke(account: Account): void;
  /** After a start: settles what a killed process was sending. */
  recover(account: Account): Promise<void>;
  /** The next time that a piece of this account is settled. */
  settled(listener: (account: Account, it: Settled) => void): () => void;
  /** Sends no more; waits for the sends under way, `graceMs` at most. What is cut off counts as unknown. */
  close(graceMs: number): Promise<void>;
}

export interface OutboxDeps {
  db: Database;
  ids: MakeId;
  clock: Clock;
  random(): number;
  log: Log;
}

export function createOutbox(deps: OutboxDeps): Outbox {
  const { db, clock, log } = deps;
  const closing = new AbortController();
  const cut = new AbortController();
  /** `channel/account` -> chats that a worker is busy with. */
  const busy = new Map<string, Map<string, Promise<void>>>();
  const looking = new Map<string, { again: boolean }>();
  const paces = new Map<string, ReturnType<typeof createPace>>();
  const listeners = new Set<(account: Account, it: Settled) => void>();

  const nameOf = (account: Account) => `${account.channelId}/${account.accountId}`;

  function poke(account: Account): void {
    const name = nameOf(account);
    const look = looking.get(name);
    if (look) look.again = true;
    else if (!closing.signal.aborted) void lookFor(account, name);
  }

  /** Starts a worker for each chat that has something to be sent. Never rejects. */
  async function lookFor(account: Account, name: string): Promise<void> {
    const look = { again: true };
    looking.set(name, look);
    try {
      while (look.again && account.isConnected() && !closing.signal.aborted) {
        look.again = false;
        const workers = busy.get(name) ?? new Map<string, Promise<void>>();
        busy.set(name, workers);
        for (const { chat_id: chatId } of await openChats(db.read, account.channelId, account.accountId)) {
          if (workers.has(chatId)) continue;
          if (workers.size >= chatsAtOnce) break;
          const work = serve(account, chatId).finally(() => {
            workers.delete(chatId);
            poke(account);
          });
          workers.set(chatId, work);
        }
      }
    } catch (error) {
      log.error({ err: error, channel: account.channelId }, "the outbox could not be read");
    } finally {
      looking.delete(name);
    }
  }

  /** Sends a chat's pieces one after another, as long as there are any. Never rejects. */
  async function serve(account: Account, chatId: string): Promise<void> {
    try {
      while (account.isConnected() && !closing.signal.aborted) {
        const row = await nextOfChat(db.read, account.channelId, account.accountId, chatId);
        if (!row) return;
        const wait = row.next_at - clock.now();
        if (wait > 0) await sleep(wait, { signal: closing.signal });
        if (!account.isConnected()) return;
        await sendRow(account, row);
      }
    } catch (error) {
      if (!closing.signal.aborted)
        log.error({ err: error, channel: account.channelId }, "a message could not be handled by the outbox");
    }
  }

  async function sendRow(account: Account, row: OutboxRow): Promise<void> {
    const adapter = account.loaded()?.adapter;
    if (!adapter) return;
    if (clock.now() - row.created_at > worthMs) {
      await settle(account, row, { state: "failed", error: "It could not be sent for 24 hours." });
      return;
    }
    const pace = paceOf(account);
    await pace.ready(row.chat_id, { signal: closing.signal });
    // On disk before the platform hears of it: whatever happens now, it is known that it may have been sent.
    await db.write((tx) => setOutbox(tx, row.id, { state: "sending", attempts: row.attempts + 1 }));
    const signal = AbortSignal.any([cut.signal, AbortSignal.timeout(sendMs)]);
    try {
      const platformId = await deliver(account, row, signal);
      await settle(account, row, { state: "sent", platformId });
    } catch (thrown) {
      await failed(account, row, thrown);
    }
  }

  async function deliver(account: Account, row: OutboxRow, signal: AbortSignal): Promise<string | undefined> {
    const { adapter } = account.loaded()!;
    const to: Destination = {
      chatId: row.chat_id,
      threadId: row.thread_id ?? undefined,
      replyTo: row.reply_to ?? undefined,
    };
    const options = { signal, idempotencyKey: row.id };
    if (row.edits !== null && adapter.edit) {
      await adapter.edit(to, row.edits, row.text, options);
      return row.edits;
    }
    const facts = row.media_json && (JSON.parse(row.media_json) as Omit<OutboundMedia, "bytes">); // written by put
    const media = facts && row.media_data ? { ...facts, bytes: row.media_data } : undefined;
    const { messageId } = await adapter.send(to, { text: row.text, media }, options);
    return messageId;
  }

  async function failed(account: Account, row: OutboxRow, thrown: unknown): Promise<void> {
    const error = thrown instanceof SendError ? thrown : undefined;
    const text = textOf(account, thrown);
    const outcome = error?.outcome ?? "unknown";
    const mayRepeat = row.edits !== null || account.loaded()?.adapter.traits.idempotentSend === true;
    if (outcome === "refused") {
      await settle(account, row, { state: "failed", error: text });
    } else if (outcome === "later" || mayRepeat) {
      const { attempts } = row;
      const usual = Math.min(retryMs.most, retryMs.first * 2 ** attempts) * (0.5 + deps.random() / 2);
      const wait = error?.retryAfterMs ?? usual;
      if (error?.retryAfterMs !== undefined) paceOf(account).rest(error.retryAfterMs);
      const change = {
        state: "queued",
        attempts: attempts + 1,
        next_at: clock.now() + wait,
        error: text,
      } as const;
      await db.write((tx) => setOutbox(tx, row.id, change));
    } else await settle(account, row, { state: "unknown", error: text });
  }

  async function settle(
    account: Account,
    row: OutboxRow,
    end: { state: Settled["state"]; platformId?: string | undefined; error?: string },
  ): Promise<void> {
    const { state, platformId, error } = end;
    await db.write((tx) =>
      setOutbox(tx, row.id, {
        state,
        settled_at: clock.now(),
        error: error ?? null,
        platform_id: platformId ?? null,
      }),
    );
    if (state !== "sent") {
      log.warn(
        { channel: row.channel, account: row.account, deliveryId: row.id, state, reason: error },
        "not sent",
      );
    }
    for (const listener of listeners) listener(account, { id: row.id, state, platformId, error });
  }

  function paceOf(account: Account): ReturnType<typeof createPace> {
    const name = nameOf(account);
    const known = paces.get(name);
    if (known) return known;
    const pace = createPace(account.loaded()!.adapter.traits.paceMs, clock);
    paces.set(name, pace);
    return pace;
  }

  return {
    poke,
    async put(tx, { channelId, accountId }, { batch, to, pieces }) {
      const now = clock.now();
      for (const [piece, { text, media, edits }] of pieces.entries()) {
        const { bytes, ...facts } = media ?? { bytes: undefined };
        await insertOutbox(tx, {
          id: deps.ids("out"),
          batch,
          piece,
          channel: channelId,
          account: accountId,
          chatId: to.chatId,
          threadId: to.threadId,
          replyTo: piece === 0 ? to.replyTo : undefined,
          text,
          media: bytes && { facts, bytes },
          edits,
          now,
        });
      }
    },

    async recover(account) {
      const mayRepeat = account.loaded()?.adapter.traits.idempotentSend === true;
      for (const row of await cutOff(db.read, account.channelId, account.accountId)) {
        if (busy.get(nameOf(account))?.has(row.chat_id)) continue;
        if (mayRepeat || row.edits !== null)
          await db.write((tx) => setOutbox(tx, row.id, { state: "queued" }));
        else {
          const error = "The gateway stopped while it was being sent: it may have arrived.";
          await settle(account, row, { state: "unknown", error });
        }
      }
    },

    settled(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async close(graceMs) {
      closing.abort(new Error("The gateway stops."));
      const all = [...busy.values()].flatMap((workers) => [...workers.values()]);
      const timer = setTimeout(() => cut.abort(new Error("The gateway stops.")), graceMs);
      await Promise.all(all);
      clearTimeout(timer);
    },
  };

  function textOf(account: Account, thrown: unknown): string {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return withoutSecrets(text, account.plan.secrets).slice(0, longestError);
  }
}
