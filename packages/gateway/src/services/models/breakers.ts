import { GatewayError } from "../../lib/errors.ts";
import { onAbort } from "../../lib/signals.ts";
import type { Fault, UpstreamFailure } from "../../runtime/models/upstream-failure.ts";

const firstRestMs = 1_000;
const longestRestMs = 5 * 60_000;
/** A provider may ask for more than that; once in a while somebody has to look. */
const longestAskedRestMs = 60 * 60_000;
/** Most pairs that are remembered as resting. */
const restingAtMost = 1_000;

/** Faults that do not go away by waiting a second. */
const lasting: ReadonlySet<Fault> = new Set<Fault>(["key", "money", "model"]);

/** Leave to try a pair once. It must come back by exactly one of `succeeded`, `failed` and `released`. */
export interface Pass {
  readonly pair: string;
  readonly isProbe: boolean;
}

/**
 * How a call comes to a pair that rests. `ready`: only when its time is up and nobody else is trying. `early`: even
 * before, unless the provider asked for the wait. `beside`: even while another call is trying, which takes long.
 */
export type Entrance = "ready" | "early" | "beside";

/**
 * One breaker for each pair of credential and model. Closed, it is not even remembered. After a failure it is open
 * for 1 s, 2 s, 4 s … 5 min, or as long as the provider asks; 5 min where waiting mends nothing. Then one call
 * probes: it closes the breaker or opens it again, and a probe that is called off gives its turn back.
 */
export interface Breakers {
  enter(pair: string, how?: Entrance): Pass | undefined;
  succeeded(pass: Pass): void;
  failed(pass: Pass, failure: UpstreamFailure): void;
  /** Nothing was learned about the pair. */
  released(pass: Pass): void;
  /** When the pair failed last, Unix ms; undefined while it is closed. */
  failedAt(pair: string): number | undefined;
  /** Why the pairs rest: the error of the one that is back first, with the wait that is left. */
  errorOf(pairs: readonly string[]): GatewayError | undefined;
  /**
   * Waits until one of the pairs may be ready, at most `ms`. `timeout`: another call's probe takes longer than that.
   * `never`: none will be ready in that time, which is told at once.
   */
  wait(
    pairs: readonly string[],
    ms: number,
    options: { signal: AbortSignal },
  ): Promise<"ready" | "timeout" | "never">;
}

export interface BreakersDeps {
  now(): number;
  sleep(ms: number, options: { signal: AbortSignal }): Promise<void>;
}

interface Resting {
  fault: Fault;
  /** Failures of this kind in a row. */
  failures: number;
  /** Until when it rests, and until when because the provider said so. */
  until: number;
  askedUntil: number;
  failedAt: number;
  error: UpstreamFailure;
  /** The probe that is under way; settled when it is through. */
  probe: PromiseWithResolvers<void> | undefined;
}

export function createBreakers({ now, sleep }: BreakersDeps): Breakers {
  const resting = new Map<string, Resting>();

  function open(pair: string, failure: UpstreamFailure, before: Resting | undefined): Resting {
    const { fault } = failure;
    const failures = before?.fault === fault ? before.failures + 1 : 1;
    const doubled = Math.min(longestRestMs, firstRestMs * 2 ** Math.min(failures - 1, 20));
    const own = lasting.has(fault) ? longestRestMs : doubled;
    const asked = Math.min(longestAskedRestMs, failure.afterMs ?? (fault === "limit" ? doubled : 0));
    const at = now();
    const until = at + Math.max(own, asked);
    const askedUntil = at + asked;
    const entry = { fault, failures, until, askedUntil, failedAt: at, error: failure, probe: undefined };
    resting.delete(pair); // so that the order is that of the last failure
    if (resting.size >= restingAtMost) dropOne();
    resting.set(pair, entry);
    return entry;
  }

  /** Forgets the pair whose failure is longest ago, but never one whose probe is under way. */
  function dropOne(): void {
    for (const [pair, { probe }] of resting) {
      if (probe) continue;
      resting.delete(pair);
      return;
    }
  }

  function endProbe(pass: Pass): Resting | undefined {
    const entry = resting.get(pass.pair);
    if (!pass.isProbe) return entry;
    entry?.probe?.resolve();
    if (entry) entry.probe = undefined;
    return entry;
  }

  return {
    enter(pair, how = "ready") {
      const entry = resting.size === 0 ? undefined : resting.get(pair);
      if (!entry) return { pair, isProbe: false };
      if (entry.probe) return how === "beside" ? { pair, isProbe: false } : undefined;
      if (now() < (how === "ready" ? entry.until : entry.askedUntil)) return undefined;
      entry.probe = Promise.withResolvers<void>();
      return { pair, isProbe: true };
    },

    succeeded(pass) {
      if (!pass.isProbe) return;
      endProbe(pass);
      resting.delete(pass.pair);
    },

    failed(pass, failure) {
      const entry = endProbe(pass);
      if (pass.isProbe || !entry) {
        open(pass.pair, failure, entry);
        return;
      }
      // One of several calls that failed together: one failure, not many.
      const asked = now() + Math.min(longestAskedRestMs, failure.afterMs ?? 0);
      entry.askedUntil = Math.max(entry.askedUntil, asked);
      entry.until = Math.max(entry.until, asked);
    },

    released(pass) {
      endProbe(pass);
    },

    failedAt: (pair) => resting.get(pair)?.failedAt,

    errorOf(pairs) {
      const known = pairs.flatMap((pair) => resting.get(pair) ?? []);
      const first = known.sort((a, b) => a.until - b.until)[0];
      if (!first) return undefined;
      const { code, message, param } = first.error;
      const left = Math.max(0, first.askedUntil - now());
      return new GatewayError(code, message, {
        param,
        retryAfterMs: left > 0 ? left : first.error.retryAfterMs,
        cause: first.error,
      });
    },

    async wait(pairs, ms, { signal }) {
      signal.throwIfAborted();
      const entries = pairs.map((pair) => resting.get(pair));
      if (entries.includes(undefined)) return "ready";
      const known = entries.filter((it) => it !== undefined);
      const probes = known.flatMap((it) => (it.probe ? [it.probe.promise] : []));
      const left = Math.min(...known.map((it) => (it.probe ? Infinity : it.until - now())));
      if (left <= 0) return "ready";
      if (left > ms && (probes.length === 0 || ms <= 0)) return probes.length > 0 ? "timeout" : "never";
      const over = new AbortController();
      const stopListening = onAbort(signal, () => over.abort(signal.reason));
      try {
        const time = sleep(Math.min(left, ms), { signal: over.signal }).then(() => left > ms);
        const isLate = await Promise.race([time, ...probes.map((it) => it.then(() => false))]);
        return isLate ? "timeout" : "ready";
      } finally {
        stopListening();
        over.abort();
      }
    },
  };
}
