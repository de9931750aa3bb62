import type { Clock } from "../lib/clock.ts";
import { GatewayError } from "../lib/errors.ts";

const mostFailures = 10;
const windowMs = 60_000;
const lockMs = 300_000;
const mostAddresses = 10_000;

/** Stops an address that guesses credentials: 10 wrong ones within 60 s lock it out for 5 minutes. */
export interface Lockout {
  /** Throws `rate_limited` while the address is locked out. */
  check(address: string): void;
  /** Counts a wrong credential; true when this one locks the address out. */
  failed(address: string): boolean;
}

interface Record {
  /** Times of the latest failures, oldest first. */
  failures: number[];
  lockedUntil: number;
}

export function createLockout(deps: { clock: Clock }): Lockout {
  const records = new Map<string, Record>();

  // When too many addresses fail, the one that failed longest ago is forgotten: a guesser with that many
  // addresses is not stopped by a lock-out, and our memory must not be its victim.
  function recordOf(address: string): Record {
    const known = records.get(address) ?? { failures: [], lockedUntil: 0 };
    records.delete(address);
    records.set(address, known);
    if (records.size > mostAddresses) records.delete(records.keys().next().value ?? "");
    return known;
  }

  return {
    check(address) {
      if (records.size === 0) return;
      const left = (records.get(address)?.lockedUntil ?? 0) - deps.clock.now();
      if (left <= 0) return;
      throw new GatewayError(
        "rate_limited",
        `Too many wrong credentials came from this address. Try again in ${Math.ceil(left / 1000)} seconds.`,
        { retryAfterMs: left },
      );
    },

    failed(address) {
      const now = deps.clock.now();
      const record = recordOf(address);
      record.failures = record.failures.filter((time) => time > now - windowMs);
      record.failures.push(now);
      if (record.failures.length < mostFailures) return false;
      record.failures = [];
      record.lockedUntil = now + lockMs;
      return true;
    },
  };
}
