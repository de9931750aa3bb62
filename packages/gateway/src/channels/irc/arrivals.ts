import type { Log } from "../../lib/log.ts";
import { sleep } from "../../lib/signals.ts";
import type { InboundMessage, Inbox } from "../types.ts";

/** Beyond `full` waiting messages no more are read from the server, until `low` are left. */
const full = 500;
const low = 100;

export interface ArrivalOptions {
  signal: AbortSignal;
  log: Log;
  /** Stops and goes on reading from the server. */
  pause(): void;
  resume(): void;
  retryMs?: number;
}

/** Hands messages over one after the other. IRC brings nothing twice: what cannot be stored now is kept and tried again. */
export function createArrivals(inbox: Inbox, { signal, log, pause, resume, retryMs = 1000 }: ArrivalOptions) {
  const waiting: InboundMessage[] = [];
  let wake = () => {};
  let isPaused = false;

  async function handOver(message: InboundMessage): Promise<boolean> {
    try {
      await inbox.receive(message);
      waiting.shift();
      return true;
    } catch (thrown) {
      log.error({ err: thrown }, "a message of IRC could not be stored");
      return false;
    }
  }

  return {
    push(message: InboundMessage): void {
      waiting.push(message);
      if (waiting.length >= full && !isPaused) {
        isPaused = true;
        pause();
      }
      wake();
    },

    /** Works until the signal aborts. */
    async run(): Promise<void> {
      signal.addEventListener("abort", () => wake(), { once: true });
      while (!signal.aborted) {
        const next = waiting[0];
        if (next === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else if (!(await handOver(next))) {
          await sleep(retryMs, { signal }).catch(() => undefined);
        }
        if (isPaused && waiting.length <= low) {
          isPaused = false;
          resume();
        }
      }
      // The connection is gone, and these came over it: once more, while there is somebody to take them.
      for (let next = waiting[0]; next !== undefined && (await handOver(next)); next = waiting[0]);
    },
  };
}
