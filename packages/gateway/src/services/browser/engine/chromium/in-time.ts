import { onAbort } from "../../../../lib/signals.ts";
import type { Doing } from "../base/parts.ts";

/**
 * What a promise settles with, unless the caller's time is over before (throws what `late` makes) or nobody waits any more
 * (throws the signal's reason). The work itself goes on.
 */
export async function inTime<T>(
  work: Promise<T>,
  { signal, deadline }: Doing,
  { now, late }: { now(): number; late(): Error },
): Promise<T> {
  work.catch(() => undefined); // it may fail after nobody listens any more
  const stop = Promise.withResolvers<never>();
  const timer = setTimeout(() => stop.reject(late()), Math.max(0, deadline - now()));
  const stopListening = onAbort(signal, () => stop.reject(signal.reason));
  try {
    return await Promise.race([work, stop.promise]);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}
