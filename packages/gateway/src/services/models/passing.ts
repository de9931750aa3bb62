import { readUsage } from "../../runtime/models/openai-usage.ts";
import type { ChatCompletionsPassThrough, ModelWire } from "../../runtime/models/types.ts";
import type { Spender } from "../budgets.ts";
import { sizeOf } from "./call-size.ts";
import type { Meter } from "./meter.ts";
import type { ResolvedModel } from "./models.ts";
import type { AskingParts } from "./parts.ts";
import { resumed } from "./resumed.ts";

type Json = Record<string, unknown>;

/** A Chat Completions body for one model, and on whose account. */
export interface PassPlan extends Spender {
  /** `provider/model`; its provider speaks Chat Completions. */
  model: string;
}

/** Hands Chat Completions bodies on to providers that speak the dialect: with all keys, budgets and the answer cache. */
export interface Passing {
  complete(plan: PassPlan, body: Json, options: { signal: AbortSignal }): Promise<Json>;
  /** Resolves with the first chunks there; a failure before that is thrown. One array per read of the socket. */
  stream(plan: PassPlan, body: Json, options: { signal: AbortSignal }): Promise<AsyncIterable<Json[]>>;
}

export function createPassing({ first, cache, metrics, wireOf, meterOf }: AskingParts): Passing {
  const meterFor = (plan: PassPlan, model: ResolvedModel, body: Json): Meter | undefined => {
    const answers = typeof body.n === "number" && body.n > 1 ? Math.min(body.n, 128) : 1;
    const most = body.max_completion_tokens ?? body.max_tokens;
    return meterOf(plan, model, () => sizeOf([body.messages, body.tools], most, answers));
  };

  return {
    async complete(plan, body, options) {
      const key = cache?.keyOf(plan.model, body);
      const known = key === undefined ? undefined : cache?.get(key);
      if (key !== undefined) metrics?.answerCache(known !== undefined);
      if (known !== undefined) return JSON.parse(known) as Json; // written below
      const { begun } = await first(
        [plan.model],
        async (model, account, { signal, hurry }) => {
          const provider = dialectOf(await wireOf(account), model);
          const meter = meterFor(plan, model, body);
          try {
            const completion = await provider.complete({ ...body, model: model.name }, { signal, hurry });
            meter?.counted(readUsage(completion.usage));
            meter?.received(meter ? JSON.stringify(completion.choices ?? "").length : 0);
            meter?.settle();
            return completion;
          } catch (error) {
            meter?.broke(signal.aborted);
            throw error;
          }
        },
        options,
      );
      if (key !== undefined && isWhole(begun)) {
        cache?.put(key, JSON.stringify({ ...begun, ...(begun.usage !== undefined && { usage: nothing }) }));
      }
      return begun;
    },

    async stream(plan, body, options) {
      const { begun } = await first(
        [plan.model],
        async (model, account, { signal, hurry }) => {
          const provider = dialectOf(await wireOf(account), model);
          const meter = meterFor(plan, model, body);
          const sent = { ...body, model: model.name, ...(meter && withUsage(body)) };
          try {
            const chunks = provider.stream(sent, { signal, hurry })[Symbol.asyncIterator]();
            return { chunks: resumed(await chunks.next(), chunks), meter };
          } catch (error) {
            meter?.broke(signal.aborted);
            throw error;
          }
        },
        options,
      );
      return begun.meter ? metered(begun.chunks, begun.meter, wantsUsage(body)) : begun.chunks;
    },
  };
}

const nothing = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

function dialectOf(wire: ModelWire, model: ResolvedModel): ChatCompletionsPassThrough {
  if (!wire.chatCompletions) throw new Error(`${model.id} is not spoken to by Chat Completions.`); // the route's own mistake
  return wire.chatCompletions;
}

/** Every choice came to its proper end, and none calls a tool. */
function isWhole({ choices }: Json): boolean {
  return (
    Array.isArray(choices) && choices.length > 0 && choices.every((it: Json) => it.finish_reason === "stop")
  );
}

function wantsUsage(body: Json): boolean {
  const options = body.stream_options as { include_usage?: unknown } | null | undefined; // judged by the provider
  return options?.include_usage === true;
}

/** What a stream cost is only known where it is asked for. */
function withUsage(body: Json): Json {
  return { stream_options: { ...(body.stream_options as Json | null | undefined), include_usage: true } };
}

/** The chunks as the caller asked for them: without the usage where only the budget wanted it. */
async function* metered(
  chunks: AsyncIterable<Json[]>,
  meter: Meter,
  showUsage: boolean,
): AsyncGenerator<Json[], void> {
  try {
    for await (const together of chunks) {
      const shown: Json[] = [];
      for (const chunk of together) {
        if (chunk.usage) meter.counted(readUsage(chunk.usage));
        const isUsageAlone = Array.isArray(chunk.choices) && chunk.choices.length === 0;
        if (!isUsageAlone) meter.received(charactersOf(chunk));
        if (showUsage) shown.push(chunk);
        else if (!isUsageAlone || !chunk.usage) {
          delete chunk.usage;
          shown.push(chunk);
        }
      }
      if (shown.length > 0) yield shown;
    }
  } finally {
    meter.settle();
  }
}

/** Roughly what a chunk takes without its text, characters. */
const emptyChunk = 60;

function charactersOf(chunk: Json): number {
  return Math.max(0, JSON.stringify(chunk.choices ?? "").length - emptyChunk);
}
