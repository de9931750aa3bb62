import { endEvents } from "openclaw-protocol";
import { GatewayError, toGatewayError } from "../lib/errors.ts";
import type { Subscription } from "../services/subscription.ts";
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
  start(key: string, subscription: Subscription): void;
  stop(key: string): boolean;
  /** Notes a run that is to be aborted when the socket closes before the run has ended. */
  abortOnClose(runId: string): void;
  /** Stops everything; the runs to abort. */
  close(): Iterable<string>;
}

export function createWatches(outlet: Outlet, log: TransportLog): Watches {
  const active = new Map<string, Subscription>();
  const runsToAbort = new Set<string>();
  const sent = createSentEvents();

  async function follow(key: string, subscription: Subscription): Promise<void> {
    try {
      for await (const event of subscription.events) {
        if (!outlet.isOpen()) return;
        if (endEvents.has(event.type)) runsToAbort.delete(event.data.runId);
        if (!sent.accept(event)) continue;
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
      subscription.close();
      if (active.get(key) === subscription) active.delete(key);
    }
  }

  return {
    checkRoom(key) {
      if (active.size < mostWatches || active.has(key)) return;
      throw new GatewayError(
        "rate_limited",
        `A WebSocket can follow ${mostWatches} runs and sessions at once.`,
      );
    },

    start(key, subscription) {
      active.get(key)?.close();
      if (!outlet.isOpen()) {
        subscription.close();
        return;
      }
      active.set(key, subscription);
      subscription.onOverflow(outlet.tooSlow);
      void follow(key, subscription); // it catches everything itself
    },

    stop(key) {
      const subscription = active.get(key);
      subscription?.close();
      return active.delete(key);
    },

    abortOnClose(runId) {
      runsToAbort.add(runId);
    },

    close() {
      for (const subscription of active.values()) subscription.close();
      active.clear();
      return runsToAbort;
    },
  };
}
