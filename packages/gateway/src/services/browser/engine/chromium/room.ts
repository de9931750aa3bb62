import { onAbort } from "../../../../lib/signals.ts";

/** So many at once; whoever comes later waits, first come, first served. */
export interface Room {
  /** Takes a place; rejects with the signal's reason. Calls `onWait` if there is none at once. */
  enter(options: { signal: AbortSignal; onWait(): void }): Promise<void>;
  leave(): void;
  /** How many wait. */
  waiting(): number;
}

export function createRoom(places: number): Room {
  let taken = 0;
  const waiters = new Set<() => void>();

  function next(): void {
    const [first] = waiters;
    if (!first || taken >= places) return;
    waiters.delete(first);
    taken++;
    first();
  }

  return {
    async enter({ signal, onWait }) {
      signal.throwIfAborted();
      if (taken < places) {
        taken++;
        return;
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiters.add(resolve);
      const stopListening = onAbort(signal, () => {
        // Whoever has been given a place already has it.
        if (waiters.delete(resolve)) reject(signal.reason);
      });
      try {
        onWait();
        await promise;
      } finally {
        stopListening();
      }
    },
    leave() {
      taken--;
      next();
    },
    waiting: () => waiters.size,
  };
}
