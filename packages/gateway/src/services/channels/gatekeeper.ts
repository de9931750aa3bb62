import { onAbort } from "../../lib/signals.ts";

/** Lets at most so many in at once; the others wait in their order. */
export function createGatekeeper(most: number) {
  let inside = 0;
  const waiting: (() => void)[] = [];

  /** Hands the place on to whoever waits longest. */
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else inside -= 1;
  }

  return {
    /** Resolves, once there is room, with the way out. Rejects when the signal aborts. */
    async enter(signal: AbortSignal): Promise<() => void> {
      signal.throwIfAborted();
      if (inside >= most) {
        await new Promise<void>((resolve, reject) => {
          const go = () => {
            stop();
            resolve();
          };
          const stop = onAbort(signal, () => {
            const place = waiting.indexOf(go);
            if (place >= 0) waiting.splice(place, 1);
            reject(signal.reason);
          });
          waiting.push(go);
        });
      } else inside += 1;
      let left = false;
      return () => {
        if (!left) leave();
        left = true;
      };
    },
  };
}
