import type { Clock } from "../../lib/clock.ts";
import { GatewayError, toGatewayError } from "../../lib/errors.ts";
import type { CallOptions } from "../../runtime/models/types.ts";
import { UpstreamFailure } from "../../runtime/models/upstream-failure.ts";
import type { Breakers, Entrance } from "./breakers.ts";
import type { ModelKey, ResolvedModel } from "./models.ts";

/** The longest that a call waits for models that rest, ms, before it fails. */
const patienceMs = 15_000;
/** Where there is a choice, a pair that failed is tried once more after its rest. Alone, a wire's own retries do. */
const triesWithChoice = 2;

/** This model cannot be used for the call; another one may. */
export class Unusable extends Error {
  readonly error: GatewayError;

  constructor(error: GatewayError) {
    super(error.message);
    this.name = "Unusable";
    this.error = error;
  }
}

export interface AttemptsDeps {
  breakers: Breakers;
  clock: Clock;
  resolve(id: string): Promise<ResolvedModel>;
  /** A pair failed, and the call goes on to the next one. */
  onFailure(model: ResolvedModel, key: ModelKey, failure: UpstreamFailure): void;
}

/**
 * Begins an answer. Resolves once something of it is there; `Unusable` and `UpstreamFailure` mean that another pair
 * may do, every other throw is final.
 */
export type Begin<T> = (model: ResolvedModel, key: ModelKey, options: CallOptions) => Promise<T>;

/** Tries models in order, of each its keys in order, until one begins to answer. */
export type Attempts = <T>(
  candidates: readonly string[],
  begin: Begin<T>,
  options: CallOptions,
) => Promise<{ model: ResolvedModel; begun: T }>;

interface Pair {
  model: ResolvedModel;
  key: ModelKey;
  tries: number;
}

export function createAttempts({ breakers, clock, resolve, onFailure }: AttemptsDeps): Attempts {
  return async function first<T>(
    candidates: readonly string[],
    begin: Begin<T>,
    { signal }: CallOptions,
  ): Promise<{ model: ResolvedModel; begun: T }> {
    const startedAt = clock.now();
    const pairs: Pair[] = [];
    let failed: UpstreamFailure | undefined;
    let unusable: GatewayError | undefined;
    let hasChoice = candidates.length > 1;

    const attempt = async (pair: Pair, how: Entrance): Promise<{ begun: T } | undefined> => {
      const { model, key } = pair;
      if (pair.tries >= (hasChoice ? triesWithChoice : 1)) return undefined;
      const pass = breakers.enter(key.id, how);
      if (!pass) return undefined;
      pair.tries += 1;
      let isOpen = true;
      try {
        const begun = await begin(model, key, hasChoice ? { signal, hurry: true } : { signal });
        isOpen = false;
        breakers.succeeded(pass);
        return { begun };
      } catch (error) {
        if (signal.aborted) throw error;
        if (error instanceof Unusable) {
          pair.tries = Infinity;
          unusable ??= error.error;
        } else if (error instanceof UpstreamFailure) {
          isOpen = false;
          breakers.failed(pass, error);
          failed = error;
          if (hasChoice) onFailure(model, key, error);
        } else throw error;
        return undefined;
      } finally {
        if (isOpen) breakers.released(pass);
      }
    };

    const round = async (how: Entrance, among: readonly Pair[] = pairs) => {
      for (const pair of among) {
        const found = await attempt(pair, how);
        if (found) return { model: pair.model, begun: found.begun };
      }
      return undefined;
    };

    for (const id of new Set(candidates)) {
      let model: ResolvedModel;
      try {
        model = await resolve(id);
      } catch (error) {
        unusable ??= toGatewayError(error);
        continue;
      }
      hasChoice ||= model.keys.length > 1;
      const own = model.keys.map((key) => ({ model, key, tries: 0 }));
      pairs.push(...own);
      const answer = await round("ready", own);
      if (answer) return answer;
    }

    // No call fails for old news alone: what failed before it began is tried, unless the provider said when.
    const stale = pairs.filter((it) => it.tries === 0 && (breakers.failedAt(it.key.id) ?? 0) <= startedAt);
    const early = await round("early", stale);
    if (early) return early;

    const until = clock.now() + patienceMs;
    for (;;) {
      const left = pairs.filter((it) => it.tries < (hasChoice ? triesWithChoice : 1)).map((it) => it.key.id);
      const rested = left.length > 0 ? await breakers.wait(left, until - clock.now(), { signal }) : "never";
      const answer = rested === "never" ? undefined : await round(rested === "timeout" ? "beside" : "ready");
      if (answer) return answer;
      if (rested !== "ready") break;
    }
    const resting = pairs.filter((it) => it.tries !== Infinity).map((it) => it.key.id);
    throw failed ?? breakers.errorOf(resting) ?? unusable ?? noCandidates();
  };
}

function noCandidates(): GatewayError {
  return new GatewayError("invalid_request", "No model was named.", { param: "model" });
}
