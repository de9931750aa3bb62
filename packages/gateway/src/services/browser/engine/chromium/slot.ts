import { isoTime } from "../../../../lib/clock.ts";
import type { Lease } from "../base/parts.ts";
import type { Chrome } from "./chrome.ts";

/** A profile's browser from the moment that somebody wants it until nothing of it is left. */
export interface Slot {
  readonly profile: string;
  readonly isRemote: boolean;
  /** Rejects with why it could not be started. */
  readonly opening: Promise<Chrome>;
  /** Gives up its place in the queue, while it has not got room. */
  readonly cancel: AbortController;
  isQueued: boolean;
  chrome: Chrome | undefined;
  /** There once it is being ended, or has ended by itself: settles when nothing of it is left. */
  ending: Promise<void> | undefined;
  /** By owner; those of a persistent profile share one. */
  readonly leases: Map<string, Promise<Lease>>;
  /** Callers that wait for it. */
  callers: number;
  /** Actions that are under way. */
  users: number;
  usedAt: number;
}

/** Nobody does anything with it, nor has in the last `ms`. */
export function isUnused(slot: Slot, ms: number, now: number): boolean {
  const isResting = slot.users === 0 && slot.callers === 0;
  return slot.chrome !== undefined && slot.ending === undefined && isResting && slot.usedAt + ms <= now;
}

/** Of those that may be stopped for others, as many as are wanted: unused for `ms`, for longest first. */
export function spareOnes(
  slots: Iterable<Slot>,
  { waiting, ms, now }: { waiting: number; ms: number; now: number },
): Slot[] {
  const local = [...slots].filter((it) => !it.isRemote);
  const wanted = waiting - local.filter((it) => it.ending).length;
  return local
    .filter((it) => isUnused(it, ms, now))
    .sort((a, b) => a.usedAt - b.usedAt)
    .slice(0, Math.max(0, wanted));
}

/** What runs and who waits, for the status. */
export async function runningOf(all: readonly Slot[]) {
  const running = all.flatMap(({ profile, chrome, ending }) =>
    chrome && !ending ? [{ profile, chrome }] : [],
  );
  const processes = await Promise.all(
    running.map(async ({ profile, chrome }) => ({
      profile,
      startedAt: isoTime(chrome.startedAt),
      memoryBytes: await chrome.memory(),
    })),
  );
  const waiting = all.reduce((sum, it) => sum + (it.isQueued ? it.callers : 0), 0);
  return { version: running[0]?.chrome.version ?? null, processes, waiting };
}
