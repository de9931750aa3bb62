interface QueueRules<T> {
  /** Joins two neighbours into one, where that loses nothing but their border. */
  merge(older: T, newer: T): T | undefined;
  /** Neighbours are merged only while more than this many wait. */
  mergeAbove: number;
  sizeOf(item: T): number;
  maxSize: number;
  /** Made when more than `maxSize` waits: the reader gets it instead of the rest. */
  overflow(): Error;
}

/** A queue with one writer and one reader that can end, fail, and never grows past its bound. */
export interface EventQueue<T> extends AsyncIterable<T> {
  push(item: T): void;
  /** As `push`, but outside of the bound: for what the reader asked to be repeated, and for what comes last. */
  pushUnbounded(item: T): void;
  /** No more comes; the reader still gets what waits. */
  end(): void;
  /** Drops what waits and ends: the reader is gone. */
  close(): void;
  /** Calls back when too much waits, for a reader that is busy elsewhere and would learn it late. */
  onOverflow(callback: () => void): void;
}

export function createEventQueue<T>(rules: QueueRules<T>, onClose: () => void = () => {}): EventQueue<T> {
  let onOverflow = () => {};
  let items: T[] = [];
  let size = 0;
  let ended = false;
  let closed = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;

  function stop(): void {
    ended = true;
    wake?.();
  }

  return {
    push(item) {
      if (ended) return;
      const last = items.length > rules.mergeAbove ? items.at(-1) : undefined;
      const merged = last === undefined ? undefined : rules.merge(last, item);
      if (last !== undefined && merged !== undefined) {
        items[items.length - 1] = merged;
        size += rules.sizeOf(merged) - rules.sizeOf(last);
      } else {
        items.push(item);
        size += rules.sizeOf(item);
      }
      if (size > rules.maxSize) {
        failure = rules.overflow();
        items = [];
        onClose();
        stop();
        onOverflow();
      } else wake?.();
    },
    pushUnbounded(item) {
      if (ended) return;
      items.push(item);
      wake?.();
    },
    end: stop,
    onOverflow(callback) {
      onOverflow = callback;
    },
    close() {
      closed = true;
      items = [];
      onClose();
      stop();
    },
    async *[Symbol.asyncIterator]() {
      try {
        while (true) {
          while (items.length > 0) {
            const batch = items;
            items = [];
            size = 0;
            for (const item of batch) {
              if (closed) return;
              yield item;
            }
          }
          if (failure) throw failure;
          if (ended) return;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = undefined;
        }
      } finally {
        onClose();
        ended = true;
      }
    },
  };
}
