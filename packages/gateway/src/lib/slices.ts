import { setImmediate as nextTurn } from "node:timers/promises";

/** How long a slice of work holds the event loop, ms. */
const sliceMs = 4;

/**
 * To be called between pieces of long work: lets others in once a slice is over, and otherwise returns at once.
 * Rejects with the signal's reason.
 */
export function createPause({ signal }: { signal: AbortSignal }): () => Promise<void> | undefined {
  let since = performance.now();
  const pause = async (): Promise<void> => {
    await nextTurn();
    signal.throwIfAborted();
    since = performance.now();
  };
  return () => (performance.now() - since < sliceMs ? undefined : pause());
}

/** Works through the items in slices; the work for one must be short. What `work` promises is waited for. */
export async function inSlices<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void> | undefined | void,
  options: { signal: AbortSignal },
): Promise<void> {
  const pause = createPause(options);
  for (const item of items) {
    const waits = work(item) ?? pause();
    if (waits) await waits;
  }
}
