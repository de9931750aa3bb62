import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import {
  type CronJobRow,
  cronFiresLeft,
  dueCronJobs,
  findCronJob,
  forgetMissedSlots,
  isCronJobBusy,
  isCronSlotTaken,
  listCronJobs,
  pruneCronFires,
  setCronFire,
  soonestCronJob,
  takeCronSlot,
  updateCronJob,
} from "../../storage/cron.ts";
import type { Database } from "../../storage/database.ts";
import { type Launch, starting, takenSlot } from "./launch.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";
import { slotsUntil } from "./slots.ts";

/** As late as this a slot is in time. */
const onTimeMs = 60_000;
/** As late as this a missed slot is made good, where its job wants that. */
const madeGoodMs = 60 * 60 * 1000;
/** Longest sleep: a machine that was suspended, or whose clock was set, is noticed after this. */
const sleepAtMostMs = 60_000;
const afterFailureMs = 30_000;
/** What a clock may be set back by in passing. */
const steadyMs = 1_000;

export interface FiringDeps {
  db: Database;
  launch: Launch;
  clock: Clock;
  log: Log;
  /** Most scheduled runs at once. */
  atOnce: number;
}

/** Fires jobs when their time has come: each slot once, whatever happens to the process or the clock. */
export interface Firing {
  /** Takes up what an earlier process left, then begins to watch the clock. */
  start(): Promise<void>;
  /** Fires what is due now. Resolves once that has begun; never rejects. */
  tick(): Promise<void>;
  /** Fires nothing more; resolves once nothing is half done. */
  close(): Promise<void>;
}

export function createFiring({ db, launch, clock, log, atOnce }: FiringDeps): Firing {
  let working: Promise<void> | undefined;
  let isAskedAgain = false;
  let isStarted = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let lastLook = clock.now();

  function tick(): Promise<void> {
    if (!isStarted || isClosed) return Promise.resolve();
    isAskedAgain = true;
    working ??= work();
    return working;
  }

  async function work(): Promise<void> {
    let sleepMs = sleepAtMostMs;
    try {
      while (isAskedAgain && !isClosed) {
        isAskedAgain = false;
        await lookAtClock();
        await round();
        const soonest = await soonestCronJob(db.read);
        // Where as many run as may, the end of one of them is waited for and not the clock.
        const waits = soonest === undefined || launch.running() >= atOnce;
        sleepMs = waits ? sleepAtMostMs : Math.min(Math.max(soonest - clock.now(), 0), sleepAtMostMs);
        if (soonest === undefined) sleepMs = Number.POSITIVE_INFINITY;
      }
    } catch (error) {
      log.error({ err: error }, "the schedule could not be worked off; it is tried again");
      sleepMs = afterFailureMs;
    } finally {
      working = undefined; // at once with the last look at isAskedAgain, so that no tick is lost
      clearTimeout(timer);
      if (!isClosed && sleepMs !== Number.POSITIVE_INFINITY) timer = setTimeout(tick, sleepMs).unref();
    }
  }

  async function round(): Promise<void> {
    const now = clock.now();
    for (const job of await dueCronJobs(db.read, now)) {
      if (isClosed || launch.running() >= atOnce) return;
      const schedule = await scheduleOf(job);
      if (schedule) await fire(job, schedule, now);
      else await giveUp(job);
    }
  }

  /** A schedule that could be read once, before zones or their rules changed. */
  async function giveUp(job: CronJobRow): Promise<void> {
    const detail = "Its schedule cannot be read any more. Change it, then resume the job.";
    await db.write(async (tx) => {
      await updateCronJob(tx, job.id, { enabled: 0, next_at: null });
      await takeCronSlot(tx, { ...takenSlot(job.id, job.next_at ?? clock.now()), detail });
    });
  }

  async function fire(job: CronJobRow, schedule: Schedule, now: number): Promise<void> {
    const { last, missed, detail = null } = await slotsUntil(schedule, job.next_at ?? now, now); // due jobs have one
    const late = now - last;
    const isWanted = late <= onTimeMs || (job.misfire === "once" && late <= madeGoodMs);
    const isBusy = isWanted && (await isCronJobBusy(db.read, job.id));
    const next = job.once === 1 || schedule.once ? undefined : schedule.next(Math.max(now, last));
    const slot = takenSlot(job.id, last);
    const end = !isWanted
      ? ({ outcome: "missed", detail } as const)
      : isBusy
        ? ({ outcome: "skipped", detail: "The run before it had not ended." } as const)
        : undefined;
    const isTaken = await db.write(async (tx) => {
      const current = await findCronJob(tx, job.id);
      if (current?.enabled !== 1 || current.next_at !== job.next_at || current.schedule !== job.schedule)
        return false;
      await updateCronJob(tx, job.id, { next_at: next ?? null, enabled: next === undefined ? 0 : 1 });
      for (const it of missed) {
        await takeCronSlot(tx, { ...slot, fire_at: it.at, outcome: "missed", detail: it.detail ?? null });
      }
      const taken = await takeCronSlot(tx, { ...slot, ...end });
      await pruneCronFires(tx, job.id);
      return taken;
    });
    if (isTaken && !end) await launch.start(job, last).catch(() => undefined); // why it failed is kept with the slot
  }

  /** A clock that was set back would leave jobs waiting for a time that lay near when their slot was worked out. */
  async function lookAtClock(): Promise<void> {
    const now = clock.now();
    const wentBack = now < lastLook - steadyMs;
    lastLook = now;
    if (wentBack) await setRight();
  }

  async function setRight(): Promise<void> {
    await db.write((tx) => forgetMissedSlots(tx, clock.now()));
    for (const job of await listCronJobs(db.read)) {
      if (job.enabled === 0 || job.next_at === null) continue;
      await new Promise((resolve) => setImmediate(resolve)); // there may be 200 of them
      const schedule = await scheduleOf(job);
      let next = schedule?.next(clock.now());
      // What was fired before the clock went back is not fired again.
      while (next !== undefined && next < job.next_at && (await isCronSlotTaken(db.read, job.id, next))) {
        next = schedule?.next(next);
      }
      if (next === undefined || next >= job.next_at) continue;
      await db.write(async (tx) => {
        const current = await findCronJob(tx, job.id);
        if (current?.next_at === job.next_at) await updateCronJob(tx, job.id, { next_at: next });
      });
    }
  }

  /** Slots that were taken by a process which did not get to starting their run, or to saying so. */
  async function takeUpLeft(): Promise<void> {
    for (const { job_id, fire_at } of await cronFiresLeft(db.read, starting)) {
      const job = await findCronJob(db.read, job_id);
      if (job && clock.now() - fire_at <= madeGoodMs) {
        await launch.start(job, fire_at).catch(() => undefined);
        continue;
      }
      const end = {
        outcome: "failed",
        run_id: null,
        detail: "The gateway stopped before the run began.",
      } as const;
      await db.write((tx) => setCronFire(tx, { job_id, fire_at }, end));
    }
  }

  return {
    async start() {
      isStarted = true;
      try {
        await takeUpLeft();
        await setRight();
      } catch (error) {
        log.error({ err: error }, "the schedule of the last process could not be taken up");
      }
      await tick();
    },
    tick,
    async close() {
      isClosed = true;
      await working;
      clearTimeout(timer);
    },
  };
}

function scheduleOf(job: CronJobRow): Promise<Schedule | undefined> {
  return parseSchedule(job.schedule, { timezone: job.timezone, anchor: job.created_at }).catch(
    () => undefined,
  );
}
