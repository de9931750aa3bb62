import type { closeCodes, SystemEvent } from "openclaw-protocol";
import { type Caller, may } from "../services/access.ts";
import type { TransportMetrics } from "./ports.ts";
import type { GatewaySocket } from "./socket.ts";

/** All open WebSockets. */
export interface Sockets {
  add(socket: GatewaySocket): void;
  remove(socket: GatewaySocket): void;
  size(): number;
  closeAll(code: keyof typeof closeCodes): void;
  terminateAll(): void;
  /** Stops listening for events. */
  stop(): void;
}

/** The sockets of one credential. */
interface Group {
  readonly sockets: Set<GatewaySocket>;
  readonly onRevoked: () => void;
}

export function createSockets(deps: {
  broadcast: (listener: (event: SystemEvent) => void) => () => void;
  metrics: TransportMetrics;
}): Sockets {
  // One listener per credential and not one per socket: its signal may have thousands of sockets.
  const groups = new Map<Caller, Group>();
  let size = 0;
  /** Set while there is a socket: nobody works out news that nobody gets. */
  let stopListening: (() => void) | undefined;

  function* all(): Iterable<GatewaySocket> {
    for (const group of groups.values()) yield* group.sockets;
  }

  function groupOf(caller: Caller): Group {
    const known = groups.get(caller);
    if (known) return known;
    const sockets = new Set<GatewaySocket>();
    // In a moment, so that whoever rotates its own credential over a socket still gets the reply with the new one.
    const onRevoked = () => {
      setImmediate(() => {
        for (const socket of sockets) socket.close(1008);
      });
    };
    caller.revoked.addEventListener("abort", onRevoked);
    const made = { sockets, onRevoked };
    groups.set(caller, made);
    return made;
  }

  function onNews(event: SystemEvent): void {
    const text = JSON.stringify(event);
    for (const [caller, group] of groups) {
      if (!may(caller, "read")) continue;
      for (const socket of group.sockets) if (socket.isOurs) socket.send(text);
    }
  }

  function stop(): void {
    stopListening?.();
    stopListening = undefined;
  }

  return {
    add(socket) {
      stopListening ??= deps.broadcast(onNews);
      groupOf(socket.caller).sockets.add(socket);
      deps.metrics.sockets(++size);
      if (socket.caller.revoked.aborted) socket.close(1008);
    },

    remove(socket) {
      const group = groups.get(socket.caller);
      if (!group?.sockets.delete(socket)) return;
      deps.metrics.sockets(--size);
      if (size === 0) stop();
      if (group.sockets.size > 0) return;
      socket.caller.revoked.removeEventListener("abort", group.onRevoked);
      groups.delete(socket.caller);
    },

    size: () => size,
    closeAll(code) {
      for (const socket of all()) socket.close(code);
    },
    terminateAll() {
      for (const socket of all()) socket.terminate();
    },
    stop,
  };
}
