import type { Clock } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";

/** Whatever names are made up: of more than so many, the one that was tried longest ago is forgotten. */
const namesAtMost = 1_000;

/** Bounds how often something can be got wrong. */
export interface Tries {
  /** Counts a try. Throws `rate_limited` once there were too many. What it returns takes this one back: it was right. */
  begin(name: string, sentence: string): () => void;
}

export function createTries(deps: { clock: Clock; atMost: number; withinMs: number }): Tries {
  const { clock, atMost, withinMs } = deps;
  const byName = new Map<string, { at: number }[]>();

  return {
    begin(name, sentence) {
      const now = clock.now();
      const tries = (byName.get(name) ?? []).filter((it) => it.at > now - withinMs);
      byName.delete(name);
      byName.set(name, tries);
      if (byName.size > namesAtMost) byName.delete(byName.keys().next().value!); // it has one: its size says so
      const first = tries[0];
      if (first && tries.length >= atMost) {
        const left = first.at + withinMs - now;
        const minutes = Math.ceil(left / 60_000);
        throw new GatewayError("rate_limited", `${sentence} Try again in ${minutes} min.`, {
          retryAfterMs: left,
        });
      }
      const own = { at: now };
      tries.push(own);
      return () => {
        const kept = byName.get(name);
        const place = kept?.indexOf(own) ?? -1;
        if (place >= 0) kept?.splice(place, 1);
      };
    },
  };
}
