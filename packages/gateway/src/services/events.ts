import type { SystemEvent } from "openclaw-protocol";

/** News about the gateway for whoever listens: sockets that may `read`. */
export interface Events {
  publish(event: SystemEvent): void;
  /** Returns the way to stop listening. */
  listen(listener: (event: SystemEvent) => void): () => void;
  hasListeners(): boolean;
}

export function createEvents(): Events {
  const listeners = new Set<(event: SystemEvent) => void>();
  return {
    publish(event) {
      for (const listener of listeners) listener(event);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    hasListeners: () => listeners.size > 0,
  };
}
