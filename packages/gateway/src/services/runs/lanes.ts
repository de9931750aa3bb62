/** A run's place in its session's line. */
export interface Turn {
  /** Whether others were before it when it came. */
  readonly queued: boolean;
  /** Resolves when it is first in line. */
  readonly ready: Promise<void>;
  /** Resolves when all before it have been handed to the database or have left: then it is its turn to be. */
  readonly storable: Promise<void>;
  /** It has been handed to the database: the next one becomes storable. */
  handedOver(): void;
  /** Steps out of the line, wherever it stands; the next one becomes ready. */
  leave(): void;
}

export interface Lanes {
  /** Takes the next place in a session's line. */
  enter(sessionKey: string): Turn;
  /** How many stand in a session's line, the running one included. */
  length(sessionKey: string): number;
}

interface Place {
  start(): void;
  handedOver: Promise<void>;
}

/** One line per session: runs of a session go strictly in order, one at a time. */
export function createLanes(): Lanes {
  const lines = new Map<string, Place[]>();
  return {
    enter(sessionKey) {
      const line = lines.get(sessionKey) ?? [];
      lines.set(sessionKey, line);
      const place = Promise.withResolvers<void>();
      const { promise, resolve: handedOver } = Promise.withResolvers<void>();
      const before = line.at(-1)?.handedOver;
      const storable = before ?? Promise.resolve();
      // In line: who comes after this one comes after all before it, even when this one gives up.
      const one = { start: place.resolve, handedOver: before ? before.then(() => promise) : promise };
      line.push(one);
      const queued = line.length > 1;
      if (!queued) one.start();
      return {
        queued,
        ready: place.promise,
        storable,
        handedOver,
        leave() {
          handedOver();
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
