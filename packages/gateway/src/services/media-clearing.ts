import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Database } from "../storage/database.ts";
import { deleteMedia, deleteOldMedia, knownMedia, mediaIdsAfter } from "../storage/media.ts";
import type { MediaFiles } from "./media-files.ts";

const rowsAtOnce = 200;
const filesAtOnce = 20;

/** How long files are kept, how many bytes of them, and how many. */
export interface Kept {
  readonly ms: number;
  readonly bytesAtMost: number;
  readonly filesAtMost: number;
}

export interface MediaClearing {
  /** Forgets some of what is kept no longer; how many. */
  expire(): Promise<number>;
  /** Deletes a file that has no row any more. What cannot be deleted now is a stray, and goes later. */
  discard(name: string): Promise<void>;
  clearUp(signal: AbortSignal): Promise<void>;
}

interface Deps {
  db: Database;
  files: MediaFiles;
  clock: Clock;
  log: Log;
  kept: Kept;
  /** Ids of files that are there while their rows are yet to come. */
  beingKept: ReadonlySet<string>;
}

/** Keeps rows and files together. A row goes before its file: a file without one is only in the way. */
export function createMediaClearing({ db, files, clock, log, kept, beingKept }: Deps): MediaClearing {
  async function expire(): Promise<number> {
    const since = clock.now() - kept.ms;
    const gone = await db.write((tx) => deleteOldMedia(tx, { ...kept, since }, filesAtOnce));
    for (const id of gone) await discard(id);
    return gone.length;
  }

  async function discard(name: string): Promise<void> {
    await files.remove(name).catch((error) => log.warn({ err: error }, "a kept file could not be deleted"));
  }

  async function clearStrays(names: readonly string[], signal: AbortSignal): Promise<void> {
    for (let at = 0; at < names.length && !signal.aborted; at += rowsAtOnce) {
      // Whatever is not being kept any more by now has its row, or will never have one.
      const some = names
        .slice(at, at + rowsAtOnce)
        .filter((name) => !beingKept.has(name.replace(/\.part$/, "")));
      const known = await knownMedia(db.read, some);
      for (const name of some) if (!known.has(name)) await discard(name);
    }
  }

  async function clearLost(names: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    for (let after = ""; !signal.aborted; ) {
      const page = await mediaIdsAfter(db.read, after, rowsAtOnce);
      for (const id of page) {
        // It may have come since the names were read.
        if (!names.has(id) && !(await files.has(id))) await db.write((tx) => deleteMedia(tx, id));
      }
      const last = page.at(-1);
      if (last === undefined || page.length < rowsAtOnce) return;
      after = last;
    }
  }

  return {
    expire,
    discard,
    async clearUp(signal) {
      while (!signal.aborted && (await expire()) > 0);
      const names = await files.names();
      await clearStrays(names, signal);
      await clearLost(new Set(names), signal);
    },
  };
}
