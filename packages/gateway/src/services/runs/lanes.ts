/** A run's place in its session's line. */
export interface Turn {
  /** Whether others were before it when it came. */
  readonly queued: boolean;
  /** Resolves when it is first in line. */
  readonly ready: Promise<void>;
  /** Steps out of the line, wherever it stands; the next one becomes ready. */
  leave(): void;
}

export interface Lanes {
  /** Takes the next place in a session's line. */
  enter(sessionKey: string): Turn;
  /** How many stand in a session's line, the running one included. */
  length(sessionKey: string): number;
}

/** One line per session: runs of a session go strictly in order, one at a time. */
export function createLanes(): Lanes {
  const lines = new Map<string, { start(): void }[]>();
  return {
    enter(sessionKey) {
      const line = lines.get(sessionKey) ?? [];
      lines.set(sessionKey, line);
      const place = Promise.withResolvers<void>();
      const one = { start: place.resolve };
      line.push(one);
      const queued = line.length > 1;
      if (!queued) one.start();
      return {
        queued,
        ready: place.promise,
        leave() {
          const index = line.indexOf(one);
          if (index < 0) return;
          line.splice(index, 1);
          if (line.length === 0) lines.delete(sessionKey);
          else if (index === 0) line[0]!.start();
        },
      };
    },
    length: (sessionKey) => lines.get(sessionKey)?.length ?? 0,
  };
}
