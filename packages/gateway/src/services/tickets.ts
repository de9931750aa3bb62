import { hash, randomBytes } from "node:crypto";
import type { Clock } from "../lib/clock.ts";
import { GatewayError } from "../lib/errors.ts";
import type { Caller } from "./access.ts";

/** How long a ticket can be redeemed, ms. */
const ticketLifetimeMs = 30_000;

const mostTickets = 10_000;

/** Single-use stand-ins for a credential, for browsers: they cannot send headers with a WebSocket. */
export interface Tickets {
  /** A ticket that carries the caller; `expiresAt` in Unix ms. Fails with `rate_limited` when too many wait. */
  issue(caller: Caller): { ticket: string; expiresAt: number };
  /** The caller of a ticket that was never redeemed and has not expired. */
  redeem(ticket: string): Caller | undefined;
}

export function createTickets(deps: { clock: Clock }): Tickets {
  // Kept by hash, so that a look-up's timing tells nothing about the tickets. All live equally long:
  // the order of insertion is the order of expiry.
  const waiting = new Map<string, { caller: Caller; expiresAt: number }>();

  function dropExpired(now: number): void {
    for (const [key, { expiresAt }] of waiting) {
      if (expiresAt > now) return;
      waiting.delete(key);
    }
  }

  return {
    issue(caller) {
      const now = deps.clock.now();
      dropExpired(now);
      if (waiting.size >= mostTickets) {
        throw new GatewayError(
          "rate_limited",
          "Too many tickets wait to be used. Try again in some seconds.",
          {
            retryAfterMs: ticketLifetimeMs,
          },
        );
      }
      const ticket = randomBytes(32).toString("base64url");
      const expiresAt = now + ticketLifetimeMs;
      waiting.set(hash("sha256", ticket), { caller, expiresAt });
      return { ticket, expiresAt };
    },

    redeem(ticket) {
      const key = hash("sha256", ticket);
      const found = waiting.get(key);
      if (found === undefined) return undefined;
      waiting.delete(key);
      return found.expiresAt > deps.clock.now() ? found.caller : undefined;
    },
  };
}
