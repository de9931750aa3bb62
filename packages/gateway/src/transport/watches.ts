import { endEvents, isRunEvent } from "openclaw-protocol";
import { GatewayError, toGatewayError } from "../lib/errors.ts";
import type { Watched } from "../services/subscription.ts";
import type { TransportLog } from "./ports.ts";
import { createSentEvents } from "./sent.ts";
import { behindBytes } from "./stream.ts";

const mostWatches = 1000;

/** Where a socket's events go out. */
export interface Outlet {
  isOpen(): boolean;
  /** Bytes that the peer has not taken yet. */
  backlog(): number;
  send(text: string): void;
  /** Settles when the text has gone out, or cannot any more. */
  sendAndWait(text: string): Promise<void>;
  /** Closes the socket of a reader that cannot follow. */
  tooSlow(): void;
}

/** The subscriptions whose events one socket gets. */
export interface Watches {
  /** Throws `rate_limited` when one more key would be too many. */
  checkRoom(key: string): void;
  /** Starts sending; the same key again replaces. Takes the subscription over, whatever happens. */
  start(key: string, watched: Watched): void;
  stop(key: string): boolean;
  /** Notes a run that is to be aborted when the socket closes before the run has ended. */
  abortOnClose(runId: string): void;
  /** Stops everything; the runs to abort. */
  close(): Iterable<string>;
}

export function createWatches(outlet: Outlet, log: TransportLog): Watches {
  const active = new Map<string, Watched>();
  const runsToAbort = new Set<string>();
  const sent = createSentEvents();

  async function follow(key: string, watched: Watched): Promise<void> {
    try {
      for await (const event of watched.events) {
        if (!outlet.isOpen()) return;
        if (isRunEvent(event)) {
          if (endEvents.has(event.type)) runsToAbort.delete(event.data.runId);
          if (!sent.accept(event)) continue;
        }
        const text = JSON.stringify(event);
        // Not pulling lets the subscription merge what this reader is too slow for.
        if (outlet.backlog() > behindBytes) await outlet.sendAndWait(text);
        else outlet.send(text);
      }
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (error.code !== "service_unavailable") log.error({ err: error.cause ?? error }, "a watch failed");
      outlet.tooSlow();
    } finally {
      watched.close();
      if (active.get(key) === watched) active.delete(key);
    }
  }

  return {
    checkRoom(key) {
      if (active.size < mostWatches || active.has(key)) return;
      throw new GatewayError(
        "rate_limited",
        `A WebSocket can follow ${mostWatches} runs, sessions and tabs at once.`,
      );
    },

    start(key, watched) {
      active.get(key)?.close();
      if (!outlet.isOpen()) {
        watched.close();
        return;
      }
      active.set(key, watched);
      watched.onOverflow(outlet.tooSlow);
      void follow(key, watched); // it catches everything itself
    },

    stop(key) {
      active.get(key)?.close();
      return active.delete(key);
    },

    abortOnClose(runId) {
      runsToAbort.add(runId);
    },

    close() {
      for (const watched of active.values()) watched.close();
      active.clear();
      return runsToAbort;
    },
  };
}
