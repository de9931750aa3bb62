import { type Clock, isoTime } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { expireChannelFiles } from "../storage/attachments.ts";
import { deleteOldInbox } from "../storage/channel-inbox.ts";
import { deleteOldOutbox } from "../storage/channel-outbox.ts";
import type { Database } from "../storage/database.ts";
import { deleteOldDecisions } from "../storage/decisions.ts";
import { deleteExpired } from "../storage/idempotency.ts";
import { deleteOldResponses } from "../storage/responses.ts";
import { deleteOldEvents } from "../storage/runs.ts";
import { purgeBuried } from "../storage/sessions.ts";
import { deleteSpendingBefore } from "../storage/spending.ts";
import type { Media } from "./media.ts";

const everyMs = 10 * 60 * 1000;
/** How long the events of an ended run can be replayed, ms. */
const eventsKeptMs = 24 * 60 * 60 * 1000;
/** How long it is known what a budget has spent on a day, ms. */
const spendingKeptMs = 35 * 24 * 60 * 60 * 1000;
const rowsAtOnce = 200;
/** How long, and how many, decisions on tool calls are kept. */
const decisionsKept = { ms: 30 * 24 * 60 * 60 * 1000, atMost: 50_000 };
/** How long, and how many characters of, responses are kept to be continued or fetched. */
const responsesKept = { ms: 30 * 24 * 60 * 60 * 1000, sizeAtMost: 512 * 1024 * 1024 };

/** How long it is known which messages of channels came in and went out: longer than any platform brings one again, ms. */
const channelMessagesKeptMs = 30 * 24 * 60 * 60 * 1000;
/** How long files are kept that came in by a channel, ms. */
const channelFilesKeptMs = 30 * 24 * 60 * 60 * 1000;
const filesAtOnce = 20;

export interface Maintenance {
  /** Clears up soon. */
  nudge(): void;
  /** Stops; resolves once nothing is under way. */
  close(): Promise<void>;
}

interface Deps {
  db: Database;
  clock: Clock;
  log: Log;
  media?: Pick<Media, "clearUp">;
}

/** Deletes what has outlived its use, a little at a time, so that nobody waits for it. */
export function startMaintenance(deps: Deps): Maintenance {
  const { db, clock } = deps;
  const closing = new AbortController();
  let closed = false;
  let running: Promise<void> | undefined;

  async function work(): Promise<void> {
    try {
      while (!closed && (await db.write((tx) => deleteExpired(tx, clock.now(), rowsAtOnce))) > 0);
      while (
        !closed &&
        (await db.write((tx) => deleteOldEvents(tx, clock.now() - eventsKeptMs, rowsAtOnce))) > 0
      );
      const oldest = isoTime(clock.now() - spendingKeptMs).slice(0, 10);
      while (!closed && (await db.write((tx) => deleteSpendingBefore(tx, oldest, rowsAtOnce))) > 0);
      const decisions = { since: clock.now() - decisionsKept.ms, atMost: decisionsKept.atMost };
      while (!closed && (await db.write((tx) => deleteOldDecisions(tx, decisions, rowsAtOnce))) > 0);
      const responses = { since: clock.now() - responsesKept.ms, sizeAtMost: responsesKept.sizeAtMost };
      while (!closed && (await db.write((tx) => deleteOldResponses(tx, responses, rowsAtOnce))) > 0);
      const settled = clock.now() - channelMessagesKeptMs;
      while (!closed && (await db.write((tx) => deleteOldInbox(tx, settled, rowsAtOnce))) > 0);
      while (!closed && (await db.write((tx) => deleteOldOutbox(tx, settled, rowsAtOnce))) > 0);
      const files = clock.now() - channelFilesKeptMs;
      while (!closed && (await db.write((tx) => expireChannelFiles(tx, files, filesAtOnce))) > 0);
      while (!closed && (await db.write((tx) => purgeBuried(tx, rowsAtOnce))));
      if (!closed) await deps.media?.clearUp({ signal: closing.signal }); // sessions before their files
    } catch (error) {
      if (!closed) deps.log.error({ err: error }, "clearing up failed; it is tried again later");
    }
  }

  function nudge(): void {
    if (closed) return;
    running ??= work().finally(() => {
      running = undefined;
    });
  }

  const timer = setInterval(nudge, everyMs).unref();
  const first = setTimeout(nudge, 5_000).unref();
  return {
    nudge,
    async close() {
      closed = true;
      closing.abort();
      clearInterval(timer);
      clearTimeout(first);
      await running;
    },
  };
}
