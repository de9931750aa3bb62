import type { Schedule } from "./schedule.ts";

/** Most slots that are gone through one by one: before the last hour, and within it. */
const oneByOne = 60;
const pauseEvery = 15;
const hourMs = 60 * 60 * 1000;

/** What has become of a job's time since its next slot was worked out. */
export interface Slots {
  /** The slot that is the job's to run or to miss. */
  readonly last: number;
  /** What there is to say of it where it is missed. */
  readonly detail?: string;
  /** Those before it. */
  readonly missed: readonly { at: number; detail?: string }[];
}

/** The slots from `first`, which is one, up to now. A long time off is gone through in bounded work. */
export async function slotsUntil(schedule: Schedule, first: number, now: number): Promise<Slots> {
  const missed: { at: number; detail?: string }[] = [];
  let last = first;
  for (let count = 1; ; count++) {
    let next = schedule.next(last);
    if (next === undefined || next > now) return { last, missed };
    if (missed.length === oneByOne && last < now - hourMs) {
      const recent = schedule.next(Math.max(next, now - hourMs) - 1) ?? next;
      if (recent > now) return { last, missed, detail: "and all others until now" };
      missed.push({ at: last, detail: `and all others before ${new Date(recent).toISOString()}` });
      next = recent;
    } else missed.push({ at: last });
    last = next;
    if (count % pauseEvery === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
