export interface InOrder<T> {
  /** Adds an item, unless too many wait. */
  add(item: T): void;
  /** Forgets those that wait. */
  drop(): void;
  /** Takes no more, and resolves once those that wait are done. */
  close(): Promise<void>;
}

/** Handles items one after the other, in the order in which they came. `handle` must not reject. */
export function inOrder<T>(most: number, handle: (item: T) => Promise<void>): InOrder<T> {
  const waiting: T[] = [];
  let running: Promise<void> | undefined;
  let isClosed = false;

  async function work(): Promise<void> {
    for (;;) {
      const item = waiting.shift();
      if (item === undefined) break;
      await handle(item);
    }
    running = undefined;
  }
  return {
    add(item) {
      if (isClosed || waiting.length >= most) return;
      waiting.push(item);
      running ??= work();
    },
    drop() {
      waiting.length = 0;
    },
    async close() {
      isClosed = true;
      await running;
    },
  };
}
