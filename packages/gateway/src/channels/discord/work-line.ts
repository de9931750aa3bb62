/** Work that is done one piece after the other, in the order in which it came. */
export interface WorkLine {
  /** False: too much waits already, or the line is closed. */
  push(work: () => Promise<void>): boolean;
  /** Nothing is begun before this. */
  start(): void;
  readonly isEmpty: boolean;
  /** Drops what waits, and waits for what runs. */
  close(): Promise<void>;
}

/** The first failure closes the line and is told. */
export function createWorkLine(most: number, onFailure: (thrown: unknown) => void): WorkLine {
  let waiting: (() => Promise<void>)[] = [];
  let running: Promise<void> | undefined;
  let isStarted = false;
  let isClosed = false;

  async function drain(): Promise<void> {
    while (!isClosed && waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      for (const work of batch) {
        if (isClosed) return;
        try {
          await work();
        } catch (thrown) {
          isClosed = true;
          onFailure(thrown);
        }
      }
    }
  }

  function wake(): void {
    if (!isStarted || isClosed || running !== undefined) return;
    running = drain().finally(() => {
      running = undefined;
      if (waiting.length > 0) wake();
    });
  }

  return {
    push(work) {
      if (isClosed || waiting.length >= most) return false;
      waiting.push(work);
      wake();
      return true;
    },
    start() {
      isStarted = true;
      wake();
    },
    get isEmpty() {
      return waiting.length === 0 && running === undefined;
    },
    async close() {
      isClosed = true;
      waiting = [];
      await running;
    },
  };
}
