import { setTimeout as wait } from "node:timers/promises";

/** Waits until something is so; fails after the deadline with what never happened. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 15_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await wait(10);
  }
}
