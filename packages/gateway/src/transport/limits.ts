import type { Config } from "openclaw-protocol";
import type { Clock } from "../lib/clock.ts";
import { GatewayError } from "../lib/errors.ts";
import type { Caller } from "../services/access.ts";

export type Limits = Config["gateway"]["limits"];

/** What one credential has used up. */
export interface Tally {
  readonly perMinute: number;
  readonly concurrency: number;
  readonly connections: number;
  windowEndsAt: number;
  requests: number;
  active: number;
  sockets: number;
}

/** Counts per credential: requests a minute, requests at once, sockets at once. 0 means no limit. */
export interface Limiter {
  tally(caller: Caller): Tally;
  /** Counts a request in the window of 60 s, or throws `rate_limited`. */
  countRequest(tally: Tally): void;
  /** Throws `rate_limited` when the window is used up, without counting. */
  checkRate(tally: Tally): void;
  /** Takes a place among the requests at once, to be given back by `release`; throws `rate_limited`. */
  acquire(tally: Tally): void;
  release(tally: Tally): void;
  /** As `acquire`, for sockets. */
  acquireSocket(tally: Tally): void;
  releaseSocket(tally: Tally): void;
  /** Values of `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers); undefined when off. */
  headers(tally: Tally): { policy: string; state: string } | undefined;
  /** Requests being answered, over all credentials. */
  inFlight(): number;
}

const windowMs = 60_000;
const busyRetryMs = 1000;
const sweepAbove = 1000;

export function createLimiter(deps: { limits: Limits; clock: Clock }): Limiter {
  const { limits, clock } = deps;
  const all = new Map<string, Tally>();
  let inFlight = 0;

  function sweep(now: number): void {
    for (const [id, tally] of all) {
      if (tally.active === 0 && tally.sockets === 0 && tally.windowEndsAt <= now) all.delete(id);
    }
  }

  function create(caller: Caller): Tally {
    if (all.size >= sweepAbove) sweep(clock.now());
    const own = caller.limits;
    const made: Tally = {
      perMinute: own.perMinute ?? limits.perMinute,
      concurrency: own.concurrency ?? limits.concurrency,
      connections: own.connections ?? limits.connections,
      windowEndsAt: 0,
      requests: 0,
      active: 0,
      sockets: 0,
    };
    all.set(caller.id, made);
    return made;
  }

  function checkRate(tally: Tally): void {
    if (tally.perMinute === 0) return;
    const now = clock.now();
    if (now >= tally.windowEndsAt) {
      tally.windowEndsAt = now + windowMs;
      tally.requests = 0;
    }
    if (tally.requests < tally.perMinute) return;
    throw new GatewayError(
      "rate_limited",
      `This credential has used its ${tally.perMinute} requests of the minute. Wait before the next.`,
      { retryAfterMs: Math.max(1, tally.windowEndsAt - now) },
    );
  }

  return {
    tally: (caller) => all.get(caller.id) ?? create(caller),
    checkRate,
    countRequest(tally) {
      checkRate(tally);
      tally.requests++;
    },
    acquire(tally) {
      if (tally.concurrency !== 0 && tally.active >= tally.concurrency) {
        throw new GatewayError(
          "rate_limited",
          `This credential has ${tally.concurrency} requests under way, the most at once. Wait for one to end.`,
          { retryAfterMs: busyRetryMs },
        );
      }
      tally.active++;
      inFlight++;
    },
    release(tally) {
      tally.active--;
      inFlight--;
    },
    acquireSocket(tally) {
      if (tally.connections !== 0 && tally.sockets >= tally.connections) {
        throw new GatewayError(
          "rate_limited",
          `This credential has ${tally.connections} WebSockets open, the most at once. Close one first.`,
          { retryAfterMs: busyRetryMs },
        );
      }
      tally.sockets++;
    },
    releaseSocket(tally) {
      tally.sockets--;
    },
    headers(tally) {
      if (tally.perMinute === 0) return undefined;
      const left = Math.max(0, tally.perMinute - tally.requests);
      const seconds = Math.max(0, Math.ceil((tally.windowEndsAt - clock.now()) / 1000));
      return {
        policy: `"default";q=${tally.perMinute};w=${windowMs / 1000}`,
        state: `"default";r=${left};t=${seconds}`,
      };
    },
    inFlight: () => inFlight,
  };
}
