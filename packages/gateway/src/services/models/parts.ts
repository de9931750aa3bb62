import type { AgentsConfig } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import { GatewayError, toGatewayError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Budgets, CallSize, Spender } from "../budgets.ts";
import { type AnswerCache, createAnswerCache } from "./answer-cache.ts";
import { type Attempts, createAttempts, Unusable } from "./attempts.ts";
import { type BreakersDeps, createBreakers } from "./breakers.ts";
import { createMeter, type Meter } from "./meter.ts";
import type { ModelKey, Models, ResolvedModel } from "./models.ts";

/** What is worth counting. */
export interface AskingMeasures {
  /** Another model than the chosen one answered. */
  failedOver(): void;
  budgetRefused(): void;
  answerCache(hit: boolean): void;
}

export interface AskingDeps {
  models: Pick<Models, "resolve">;
  budgets: Budgets;
  config: Pick<AgentsConfig["defaults"], "cache">;
  clock: Clock;
  sleep: BreakersDeps["sleep"];
  log: Pick<Log, "warn">;
  metrics?: AskingMeasures | undefined;
}

/** What the ways to the models share. */
export interface AskingParts {
  first: Attempts;
  cache: AnswerCache | undefined;
  metrics: AskingMeasures | undefined;
  /** The wire of a key. Throws `Unusable` where there can be none: a key with a line break, say. */
  wireOf(key: ModelKey): ReturnType<ModelKey["wire"]>;
  /** Sets money aside where a budget applies. Throws `Unusable` where none is left. */
  meterOf(spender: Spender, model: ResolvedModel, size: () => CallSize): Meter | undefined;
}

export function createParts({
  models,
  budgets,
  config,
  clock,
  sleep,
  log,
  metrics,
}: AskingDeps): AskingParts {
  const first = createAttempts({
    breakers: createBreakers({ now: () => clock.now(), sleep }),
    clock,
    resolve: (id) => models.resolve(id),
    onFailure(model, key, { code, fault }) {
      log.warn({ model: model.id, key: key.id, code, fault }, "a model did not answer; another one is tried");
    },
  });
  return {
    first,
    cache: config.cache.enabled ? createAnswerCache(config.cache, () => clock.now()) : undefined,
    metrics,
    async wireOf(key) {
      try {
        return await key.wire();
      } catch (error) {
        throw new Unusable(toGatewayError(error));
      }
    },
    meterOf(spender, model, size) {
      let measured: CallSize | undefined;
      const once = () => (measured ??= size());
      try {
        const reservation = budgets.reserve(spender, model, once);
        return reservation && createMeter(reservation, once(), model);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        metrics?.budgetRefused();
        throw new Unusable(error);
      }
    },
  };
}
