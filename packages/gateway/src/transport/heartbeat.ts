/** How often a connection is told that the gateway lives, ms. */
export const heartbeatMs = 15_000;
/** A peer that says nothing for so long is gone, ms. */
export const silenceMs = 45_000;

const slots = heartbeatMs / 1000;

/** A connection that wants to be visited. */
export interface Beating {
  /** Every 15 s. */
  beat(): void;
  /** Every 5 s: time to notice a peer that fell silent. `seconds` as in `Heartbeat.seconds`. */
  check?(seconds: number): void;
}

/**
 * One timer for all connections. They are spread over 15 slots of a second each, so that thousands of them
 * never have their turn in the same tick. It stands still while there is none.
 */
export interface Heartbeat {
  add(member: Beating): void;
  remove(member: Beating): void;
  /** Seconds counted so far; only differences mean something. */
  seconds(): number;
}

export function createHeartbeat(): Heartbeat {
  const ring = Array.from({ length: slots }, () => new Set<Beating>());
  let seconds = 0;
  let members = 0;
  let timer: NodeJS.Timeout | undefined;

  function tick(): void {
    seconds++;
    for (const member of ring[seconds % slots]!) member.beat();
    for (const offset of [0, 5, 10]) {
      for (const member of ring[(seconds + offset) % slots]!) member.check?.(seconds);
    }
  }

  return {
    add(member) {
      let emptiest = ring[seconds % slots]!;
      for (const slot of ring) if (slot.size < emptiest.size) emptiest = slot;
      emptiest.add(member);
      members++;
      timer ??= setInterval(tick, 1000).unref();
    },
    remove(member) {
      for (const slot of ring) {
        if (!slot.delete(member)) continue;
        if (--members > 0) return;
        clearInterval(timer);
        timer = undefined;
        return;
      }
    },
    seconds: () => seconds,
  };
}
