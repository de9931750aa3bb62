import type { StreamingMode } from "openclaw-protocol";
import type { Destination } from "../../channels/types.ts";
import type { Clock } from "../../lib/clock.ts";
import { outboxOfBatch } from "../../storage/channel-outbox.ts";
import type { Database } from "../../storage/database.ts";
import type { Account } from "./account.ts";
import type { Outbox } from "./outbox.ts";
import { piecesOf } from "./pieces.ts";

/** Text before the first piece of a preview is worth sending, characters, and the time between two edits, ms. */
const firstAt = 40;
const editEveryMs = 1_200;
const arrivalMs = 10_000;
/** A paragraph that is sent alone is at least so long. */
const blockAtLeast = 80;

/** An answer that is seen while it is written. */
export interface Preview {
  add(messageId: string, delta: string): void;
  /** Whether something of it has gone out, now or before a restart. */
  hasSpoken(): Promise<boolean>;
  /** Shows nothing more. The platform's id of the message that the answer is to replace, if there is one. */
  end(): Promise<string | undefined>;
  /** What of the whole text is still to be sent. */
  rest(text: string): string;
  close(): Promise<void>;
}

export interface PreviewDeps {
  account: Account;
  /** The message that is answered: its preview outlives a restart. */
  row: { readonly id: number };
  to: Destination;
  db: Database;
  outbox: Outbox;
  clock: Clock;
}

/** Undefined where answers are sent whole. */
export function createPreview(deps: PreviewDeps): Preview | undefined {
  const { adapter, policy } = deps.account.loaded()!;
  const mode: StreamingMode = policy.streaming;
  if (mode === "off") return undefined;
  return mode === "partial" && adapter.edit ? growing(deps) : inBlocks(deps);
}

/** The first piece is sent early and then edited; the answer replaces it in the end. */
function growing({ account, row, to, db, outbox, clock }: PreviewDeps): Preview {
  const batch = `preview:${row.id}`;
  const controller = new AbortController();
  let text = "";
  let of: string | undefined;
  let shown = "";
  let lastAt = 0;
  let sending: Promise<void> | undefined;

  async function show(): Promise<void> {
    const [piece = ""] = piecesOf(account, text);
    if (piece === shown) return;
    lastAt = clock.now();
    const id = await sentId();
    if (id === undefined) {
      if (shown !== "") return; // on its way
      shown = piece;
      await db.write((tx) => outbox.put(tx, account, { batch, to, pieces: [{ text: piece }] }));
      outbox.poke(account);
      return;
    }
    shown = piece;
    const { adapter } = account.loaded()!;
    await adapter.edit?.(to, id, piece, {
      signal: controller.signal,
      idempotencyKey: `${batch}:${clock.now()}`,
    });
  }

  async function sentId(): Promise<string | undefined> {
    const [piece] = await outboxOfBatch(db.read, batch);
    return piece?.platform_id ?? undefined;
  }

  /** A first piece that is still on its way is waited for: the answer would else stand beside it. */
  async function arrived(): Promise<void> {
    const [piece] = await outboxOfBatch(db.read, batch);
    if (piece?.state !== "queued" && piece?.state !== "sending") return;
    const done = Promise.withResolvers<void>();
    const stop = outbox.settled((_, it) => {
      if (it.id === piece.id) done.resolve();
    });
    const timer = setTimeout(done.resolve, arrivalMs);
    await done.promise;
    clearTimeout(timer);
    stop();
  }

  return {
    add(messageId, delta) {
      if (of !== messageId) [of, text] = [messageId, ""];
      text += delta;
      if (text.length < firstAt || sending || clock.now() - lastAt < editEveryMs) return;
      sending = show()
        .catch(() => undefined) // the answer itself comes whatever becomes of its preview
        .finally(() => {
          sending = undefined;
        });
    },
    hasSpoken: async () => false, // what was seen is replaced
    async end() {
      await sending;
      await arrived();
      return sentId();
    },
    rest: (whole) => whole,
    async close() {
      controller.abort();
      await sending;
    },
  };
}

/** Each paragraph is a message of its own, as soon as it is whole. */
function inBlocks({ account, row, to, db, outbox }: PreviewDeps): Preview {
  const batch = `blocks:${row.id}`;
  let text = "";
  let of: string | undefined;
  let sentUpTo = 0;
  let piece = 0;
  let writing: Promise<void> = Promise.resolve();

  function send(block: string): void {
    const pieces = piecesOf(account, block);
    const first = piece;
    piece += pieces.length;
    writing = writing
      .then(() =>
        db.write((tx) =>
          outbox.put(tx, account, {
            batch: `${batch}:${first}`,
            to,
            pieces: pieces.map((it) => ({ text: it })),
          }),
        ),
      )
      .then(() => outbox.poke(account))
      .catch(() => undefined);
  }

  return {
    add(messageId, delta) {
      if (of !== messageId) [of, text, sentUpTo] = [messageId, "", 0];
      text += delta;
      const border = text.lastIndexOf("\n\n");
      const block = text.slice(sentUpTo, border < 0 ? sentUpTo : border);
      if (block.length < blockAtLeast || isInFence(text.slice(0, border))) return;
      sentUpTo = border + 2;
      send(block);
    },
    async hasSpoken() {
      await writing;
      return (await outboxOfBatch(db.read, `${batch}:0`)).length > 0;
    },
    async end() {
      await writing;
      return undefined;
    },
    rest: (whole) => (whole.startsWith(text.slice(0, sentUpTo)) ? whole.slice(sentUpTo) : whole),
    close: () => writing,
  };
}

/** Whether a text ends within a fenced block of code. */
function isInFence(text: string): boolean {
  return (text.match(/^ {0,3}(```|~~~)/gm)?.length ?? 0) % 2 === 1;
}
