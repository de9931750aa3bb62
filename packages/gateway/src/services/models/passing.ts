import { createUsageReader } from "../../runtime/models/pass-usage.ts";
import type { ModelWire, PassDialect, PassOptions, PassThrough } from "../../runtime/models/types.ts";
import type { Spender } from "../budgets.ts";
import type { Meter } from "./meter.ts";
import type { ResolvedModel } from "./models.ts";
import type { AskingParts } from "./parts.ts";
import { hidesUsage, isWhole, passSize, textLength, withoutCost, withUsage } from "./pass-bodies.ts";
import { resumed } from "./resumed.ts";

type Json = Record<string, unknown>;

/** A body in a caller's dialect for one model whose provider speaks it, and on whose account. */
export interface PassPlan extends Spender {
  /** `provider/model`. */
  model: string;
  dialect: PassDialect;
}

/** Hands bodies on to providers that speak the caller's dialect: with all keys, budgets and the answer cache. */
export interface Passing {
  complete(plan: PassPlan, body: Json, options: PassOptions): Promise<Json>;
  /** Resolves with the first events there; a failure before that is thrown. One array per read of the socket. */
  stream(plan: PassPlan, body: Json, options: PassOptions): Promise<AsyncIterable<Json[]>>;
}

export function createPassing({ first, cache, metrics, wireOf, meterOf }: AskingParts): Passing {
  const meterFor = (plan: PassPlan, model: ResolvedModel, body: Json): Meter | undefined =>
    meterOf(plan, model, () => passSize(plan.dialect, body));

  return {
    async complete(plan, body, options) {
      const keep = plan.dialect === "chat-completions" ? cache : undefined;
      const key = keep?.keyOf(plan.model, body);
      const known = key === undefined ? undefined : keep?.get(key);
      if (key !== undefined) metrics?.answerCache(known !== undefined);
      if (known !== undefined) return JSON.parse(known) as Json; // written below
      const { begun } = await first(
        [plan.model],
        async (model, account, { signal, hurry }) => {
          const provider = providerOf(await wireOf(account), model, plan.dialect);
          const meter = meterFor(plan, model, body);
          try {
            const sent = { ...body, model: model.name };
            const completion = await provider.complete(sent, { signal, hurry, headers: options.headers });
            if (meter) {
              const usage = createUsageReader(plan.dialect).take(completion);
              if (usage) meter.counted(usage);
              meter.received(textLength(completion));
              meter.settle();
            }
            return completion;
          } catch (error) {
            meter?.broke(signal.aborted);
            throw error;
          }
        },
        options,
      );
      if (key !== undefined && isWhole(begun)) keep?.put(key, JSON.stringify(withoutCost(begun)));
      return begun;
    },

    async stream(plan, body, options) {
      const { begun } = await first(
        [plan.model],
        async (model, account, { signal, hurry }) => {
          const provider = providerOf(await wireOf(account), model, plan.dialect);
          const meter = meterFor(plan, model, body);
          const sent = { ...body, model: model.name, ...(meter && withUsage(plan.dialect, body)) };
          try {
            const events = provider.stream(sent, { signal, hurry, headers: options.headers });
            const iterator = events[Symbol.asyncIterator]();
            return { events: resumed(await iterator.next(), iterator), meter };
          } catch (error) {
            meter?.broke(signal.aborted);
            throw error;
          }
        },
        options,
      );
      return begun.meter
        ? metered(begun.events, begun.meter, plan.dialect, hidesUsage(plan.dialect, body))
        : begun.events;
    },
  };
}

function providerOf(wire: ModelWire, model: ResolvedModel, dialect: PassDialect): PassThrough {
  const provider = wire.passThrough?.[dialect];
  if (!provider) throw new Error(`${model.id} does not speak ${dialect}.`); // the route's own mistake
  return provider;
}

/** The events as the caller asked for them: without the usage where only the budget wanted it. */
async function* metered(
  events: AsyncIterable<Json[]>,
  meter: Meter,
  dialect: PassDialect,
  hidden: boolean,
): AsyncGenerator<Json[], void> {
  const reader = createUsageReader(dialect);
  try {
    for await (const together of events) {
      const shown: Json[] = [];
      for (const event of together) {
        const usage = reader.take(event);
        if (usage) meter.counted(usage);
        const isUsageAlone = Array.isArray(event.choices) && event.choices.length === 0;
        if (!isUsageAlone) meter.received(textLength(event));
        if (!hidden) shown.push(event);
        else if (!isUsageAlone || !event.usage) {
          delete event.usage;
          shown.push(event);
        }
      }
      if (shown.length > 0) yield shown;
    }
  } finally {
    meter.settle();
  }
}
