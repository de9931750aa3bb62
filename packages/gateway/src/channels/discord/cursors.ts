import { z } from "zod";
import type { Log } from "../../lib/log.ts";
import type { AccountState } from "../types.ts";
import { byAge, snowflake } from "./wire.ts";

/** How far a channel was read. */
export interface Seen {
  channelId: string;
  messageId: string;
  /** Undefined: a direct message. */
  guildId?: string | undefined;
}

/** A gateway session that can be gone on with, as the library keeps it. */
export interface Session {
  sessionId: string;
  resumeURL: string;
  sequence: number;
}

/** What an account remembers of how far it was read: channels' last messages and the gateway session. */
export interface Cursors {
  session(): Session | undefined;
  setSession(session: Session | undefined): void;
  seen(channelId: string): Seen | undefined;
  /** Every channel, those with the latest messages first. */
  all(): Seen[];
  /** Moves a channel on; never back. */
  advance(seen: Seen): void;
  forget(channelId: string): void;
  /** Waits until all that was set is on disk. */
  flush(): Promise<void>;
}

const mostChannels = 200;
const slots = Array.from({ length: mostChannels }, (_, at) => `seen:${at}`);
const seenRow = z.object({ channelId: snowflake, messageId: snowflake, guildId: snowflake.optional() });
const sessionRow = z.object({
  botId: snowflake,
  session: z
    .object({ sessionId: z.string(), resumeURL: z.url({ protocol: /^wss?$/ }), sequence: z.int() })
    .optional(),
});

/**
 * Reads them for a bot; those of another bot (a new token) are dropped. One slot per channel, the channel that was
 * silent for longest gives way. Writes are put together: one at a time, the newest state wins. A cursor that lags
 * behind after a crash only fetches again what the supervisor knows already.
 */
export async function readCursors(state: AccountState, botId: string, log: Log): Promise<Cursors> {
  const rows = await state.getMany(["session", ...slots]);
  const kept = parse(sessionRow, rows.get("session"));
  const isOurs = kept?.botId === botId;
  const bySlot = new Map<string, string>(); // channel → slot, the longest silent first
  const channels = new Map<string, Seen>();
  const dirty = new Set<string>();
  let session = isOurs ? kept.session : undefined;
  let writing: Promise<void> | undefined;

  const read = slots.flatMap((slot) => {
    const seen = parse(seenRow, rows.get(slot));
    if (seen && !isOurs) dirty.add(slot);
    return seen && isOurs ? [{ slot, seen }] : [];
  });
  read.sort((a, b) => byAge(a.seen.messageId, b.seen.messageId));
  for (const { slot, seen } of read) {
    bySlot.set(seen.channelId, slot);
    channels.set(seen.channelId, seen);
  }
  const free = slots.filter((slot) => !read.some((it) => it.slot === slot));

  function slotFor(channelId: string): string {
    let slot = bySlot.get(channelId) ?? free.pop();
    if (slot === undefined) {
      const [oldest, taken] = bySlot.entries().next().value!; // all slots are taken, so there is one
      channels.delete(oldest);
      bySlot.delete(oldest);
      slot = taken;
    }
    bySlot.delete(channelId);
    bySlot.set(channelId, slot);
    return slot;
  }

  async function write(): Promise<void> {
    while (dirty.size > 0) {
      const keys = [...dirty];
      dirty.clear();
      const inSlot = new Map([...bySlot].map(([channelId, slot]) => [slot, channelId]));
      const values = keys.map((key) => {
        if (key === "session") return [key, JSON.stringify({ botId, session })];
        const seen = channels.get(inSlot.get(key) ?? "");
        return [key, seen && JSON.stringify(seen)];
      });
      try {
        await state.set(Object.fromEntries(values));
      } catch (err) {
        for (const key of keys) dirty.add(key);
        log.warn({ err }, "how far Discord was read could not be stored; after a restart it is read again");
        return;
      }
    }
  }

  function changed(...keys: string[]): void {
    for (const key of keys) dirty.add(key);
    // Begins a moment later, so that what changes together is written together.
    writing ??= Promise.resolve()
      .then(write)
      .finally(() => {
        writing = undefined;
      });
  }

  if (dirty.size > 0) changed("session");

  return {
    session: () => session,
    setSession(next) {
      session = next;
      changed("session");
    },
    seen: (channelId) => channels.get(channelId),
    all: () => [...channels.values()].sort((a, b) => byAge(b.messageId, a.messageId)),
    advance(seen) {
      const last = channels.get(seen.channelId);
      if (last && byAge(seen.messageId, last.messageId) <= 0) return;
      const slot = slotFor(seen.channelId);
      channels.set(seen.channelId, seen);
      changed(slot);
    },
    forget(channelId) {
      const slot = bySlot.get(channelId);
      if (slot === undefined) return;
      bySlot.delete(channelId);
      channels.delete(channelId);
      free.push(slot);
      changed(slot);
    },
    async flush() {
      await writing;
    },
  };
}

function parse<T extends z.ZodType>(schema: T, text: string | undefined): z.output<T> | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // cut short by a crash of an older version: as if it were not there
  }
}
