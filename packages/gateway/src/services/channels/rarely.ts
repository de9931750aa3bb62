import type { Clock } from "../../lib/clock.ts";

const everyMs = 60_000;
const namesAtMost = 1_000;

/** Lets a thing of each name through once a minute: then the number of those held back since, else undefined. */
export function createRarely(clock: Clock): (name: string) => number | undefined {
  const last = new Map<string, { at: number; held: number }>();

  return (name) => {
    const now = clock.now();
    const known = last.get(name);
    if (known && now - known.at < everyMs) {
      known.held += 1;
      return undefined;
    }
    last.delete(name);
    last.set(name, { at: now, held: 0 });
    if (last.size > namesAtMost) last.delete(last.keys().next().value!);
    return known?.held ?? 0;
  };
}
