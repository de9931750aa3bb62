/** A run's own time: it stands still while somebody is asked for a decision. */
export interface TimeLimit {
  /** The clock stands still until the promise settles. */
  pauseFor<T>(until: Promise<T>): Promise<T>;
  clear(): void;
}

/** Calls back once `limitMs` of the run's own time have passed; never where the limit is Infinity. */
export function startTimeLimit(limitMs: number, onEnd: () => void): TimeLimit {
  if (!Number.isFinite(limitMs)) return { pauseFor: (until) => until, clear: () => {} };
  let left = limitMs;
  let since = performance.now();
  let pauses = 0;
  let timer: NodeJS.Timeout | undefined = setTimeout(onEnd, left);
  let isOver = false;
  return {
    async pauseFor(until) {
      pauses += 1;
      if (pauses === 1) {
        clearTimeout(timer);
        left -= performance.now() - since;
      }
      try {
        return await until;
      } finally {
        pauses -= 1;
        if (pauses === 0 && !isOver) {
          since = performance.now();
          timer = setTimeout(onEnd, Math.max(0, left));
        }
      }
    },
    clear() {
      isOver = true;
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
