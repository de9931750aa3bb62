import type { Chromes, Doing, Lease } from "../base/parts.ts";
import type { Chrome } from "./chrome.ts";
import {
  endsAgainAndAgain,
  notStarted,
  shuttingDown,
  stillEnding,
  stillQueued,
  stillStarting,
} from "./chromes-errors.ts";
import { createFinder } from "./finder.ts";
import { createHolds } from "./holds.ts";
import { inTime } from "./in-time.ts";
import { withoutSandbox } from "./launch.ts";
import { leaseOf } from "./leases.ts";
import { type StartDeps, startLocal } from "./local-chrome.ts";
import { configOf, incognito, profileFolder } from "./profile-folders.ts";
import { connectRemote } from "./remote.ts";
import { createRoom } from "./room.ts";
import { isUnused, runningOf, type Slot, spareOnes } from "./slot.ts";

export interface ChromesDeps extends StartDeps {
  /** A context that was not there before; the lease is given away right afterwards. */
  onContext(lease: Lease, owner: string): void;
  /** A browser is no more. */
  onGone(profile: string, why: string): void;
  /** No browser runs any more. */
  onIdle(): void;
  /** How often to look for browsers that nobody uses, ms. */
  sweepMs?: number;
}

/** A browser that nobody has used for so long is stopped where another profile's needs its room, ms. */
const spareMs = 30_000;
/** How often a caller's browser may crash before its first page. */
const mostStarts = 3;

export function createChromes(deps: ChromesDeps): Chromes {
  const { config, log, now } = deps;
  const { sweepMs = Math.min(1_000, Math.max(20, config.idleMs / 4)) } = deps;
  const room = createRoom(config.maxBrowsers);
  const slots = new Map<string, Slot>();
  const holds = createHolds();
  const finder = createFinder(config, log);
  let sweeping: NodeJS.Timeout | undefined;
  let isClosed = false;

  function open(profile: string): Slot {
    const cdpUrl = profile === incognito ? undefined : configOf(config, profile)?.cdpUrl;
    const cancel = new AbortController();
    const slot: Slot = {
      ...{
        profile,
        isRemote: cdpUrl !== undefined,
        cancel,
        isQueued: false,
        chrome: undefined,
        ending: undefined,
      },
      ...{ leases: new Map(), callers: 0, users: 0, usedAt: now() },
      opening: Promise.resolve().then(() => start(slot, cdpUrl)),
    };
    slots.set(profile, slot);
    slot.opening.catch(() => undefined); // callers hear of it, and there may be none left
    sweeping ??= setInterval(sweep, sweepMs).unref();
    return slot;
  }

  async function start(slot: Slot, cdpUrl: string | undefined): Promise<Chrome> {
    const { profile } = slot;
    let hasRoom = false;
    try {
      if (cdpUrl === undefined) {
        await room.enter({
          signal: slot.cancel.signal,
          onWait() {
            slot.isQueued = true;
            makeRoom();
          },
        });
        hasRoom = true;
        if (slot.isQueued) {
          // It may have got its room while its profile must not be opened, or just after the last caller has gone.
          while (holds.of(profile)) await holds.of(profile);
          slot.cancel.signal.throwIfAborted();
          slot.isQueued = false;
        }
      }
      const found = cdpUrl === undefined ? await finder.find() : undefined;
      const from = now();
      const chrome = found
        ? await startLocal(profile, found, deps)
        : await connectRemote(profile, cdpUrl ?? "", deps);
      const facts = { profile, version: chrome.version, ms: now() - from };
      const sandbox = found ? { sandbox: !withoutSandbox(config) } : {};
      log("info", { ...facts, ...sandbox }, "a browser has started");
      slot.chrome = chrome;
      slot.usedAt = now();
      void chrome.gone.then((why) => {
        const left = chrome.over.then(() => forget(slot, hasRoom));
        slot.ending ??= left;
        deps.onGone(profile, why);
      });
      return chrome;
    } catch (error) {
      finder.forget(); // what was found may have been taken away since
      if (!slot.cancel.signal.aborted) {
        log("warn", { profile, error: String(error).slice(0, 2_000) }, "a browser did not start");
      }
      forget(slot, hasRoom);
      throw notStarted(error, profile);
    }
  }

  function forget(slot: Slot, hadRoom: boolean): void {
    if (slots.get(slot.profile) === slot) slots.delete(slot.profile);
    if (hadRoom) room.leave();
    if (slots.size > 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
    deps.onIdle();
  }

  /** Ends a browser, also one that is just starting; whether there was one. */
  async function end(slot: Slot, why: string): Promise<boolean> {
    const chrome = await slot.opening.catch(() => undefined);
    if (!chrome) return false;
    slot.ending ??= chrome.stop(why);
    await slot.ending;
    await chrome.over;
    return true;
  }

  /** Stops browsers that are not needed, as many as there are profiles that wait and none ending for them. */
  function makeRoom(): void {
    for (const slot of spareOnes(slots.values(), { waiting: room.waiting(), ms: spareMs, now: now() })) {
      void end(slot, "The browser was stopped to make room for that of another profile.");
    }
  }

  function sweep(): void {
    for (const slot of slots.values()) {
      if (isUnused(slot, config.idleMs, now())) {
        void end(slot, "The browser was stopped, for nobody had used it for a while.");
      }
    }
    if (room.waiting() > 0) makeRoom();
  }

  const lateFor = (slot: Slot) => (slot.isQueued ? stillQueued(config.maxBrowsers) : stillStarting());

  async function lease({ profile, owner }: { profile: string; owner: string }, doing: Doing): Promise<Lease> {
    if (profile !== incognito) profileFolder(config.folder, profile); // throws for what is no name
    for (let starts = 0; starts < mostStarts; ) {
      doing.signal.throwIfAborted();
      if (isClosed) throw shuttingDown();
      const wait = holds.of(profile) ?? slots.get(profile)?.ending;
      if (wait) {
        await inTime(wait, doing, { now, late: stillEnding });
        continue;
      }
      const slot = slots.get(profile) ?? open(profile);
      slot.callers++;
      try {
        const late = { now, late: () => lateFor(slot) };
        const chrome = await inTime(slot.opening, doing, late);
        starts++;
        if (slot.ending) continue;
        const given = await inTime(leaseOf(slot, chrome, owner, deps.onContext), doing, late);
        slot.usedAt = now();
        if (given && !slot.ending) return given;
      } finally {
        slot.callers--;
        if (slot.callers === 0 && slot.isQueued) {
          slots.delete(profile); // whoever comes now queues anew
          slot.cancel.abort(lateFor(slot));
        }
      }
    }
    throw endsAgainAndAgain();
  }

  async function stop(profile?: string): Promise<number> {
    const all = [...slots.values()].filter(
      (it) => !it.isQueued && (profile === undefined || it.profile === profile),
    );
    const ended = await Promise.all(all.map((it) => end(it, "The browser was stopped.")));
    return ended.filter(Boolean).length;
  }

  return {
    lease,
    touch(profile) {
      const slot = slots.get(profile);
      if (slot) slot.usedAt = now();
    },
    using(profile) {
      const slot = slots.get(profile);
      if (!slot) return () => {};
      slot.users++;
      slot.usedAt = now();
      let isDone = false;
      return () => {
        if (isDone) return;
        isDone = true;
        slot.users--;
        slot.usedAt = now();
      };
    },
    running: async () => ({ ...(await runningOf([...slots.values()])), executable: finder.origin() }),
    isRunning(profile) {
      const slot = slots.get(profile);
      return slot?.chrome !== undefined && slot.ending === undefined;
    },
    stop,
    whileStopped: (profile, work) =>
      holds.during(profile, async () => {
        await stop(profile);
        return work();
      }),
    async remember(profile) {
      const slot = slots.get(profile);
      if (slot?.chrome && !slot.ending) await slot.chrome.remember();
    },
    async endOwner(owner) {
      const lease = slots.get(incognito)?.leases.get(owner);
      const given = await lease?.catch(() => undefined);
      await given?.context.close().catch(() => undefined); // its browser has ended, and it with it
    },
    async close() {
      isClosed = true;
      for (const slot of slots.values()) slot.cancel.abort(shuttingDown());
      while (slots.size > 0) {
        await Promise.all([...slots.values()].map((it) => end(it, "The gateway is shutting down.")));
      }
      clearInterval(sweeping);
    },
  };
}
