import { hash } from "node:crypto";
import type { ThinkingLevel } from "openclaw-protocol";
import { nearestThinking } from "../../runtime/models/thinking.ts";
import type { ModelEvent, ModelRequest } from "../../runtime/models/types.ts";
import type { Spender } from "../budgets.ts";
import type { Begin } from "./attempts.ts";
import { sizeOf } from "./call-size.ts";
import { createEmbedding, type Embedding } from "./embedding.ts";
import { type Meter, meterEvent } from "./meter.ts";
import type { ResolvedModel } from "./models.ts";
import { type AskingDeps, createParts } from "./parts.ts";
import { createPassing, type Passing } from "./passing.ts";
import { createRecording } from "./recording.ts";
import { resumed } from "./resumed.ts";

/** Who asks which models, and on whose account. */
export interface AskPlan extends Spender {
  /** `provider/model` ids in order: the choice, then its fallbacks. */
  candidates: readonly string[];
  /** A wish, lowered to what each model has; undefined: the model's own way. */
  thinking: ThinkingLevel | undefined;
  /** Lets providers find again what they keep of the session's prompt. */
  sessionId?: number | undefined;
  /** Only answers come from the answer cache. */
  purpose: "answer" | "compaction";
  /** `thinking` is a level of the one candidate already. */
  isLevel?: boolean | undefined;
  /** Nobody reads the answer before it is whole. */
  whole?: boolean | undefined;
  /** Tells which model answers, just before its first event. */
  onModel?(model: ResolvedModel, thinking: ThinkingLevel): void;
}

/** The one way to the models, for runs and for silent calls. */
export interface Asking {
  /**
   * One call: the first model and key that begins to answer. What fails before its first event is tried with the next
   * one where that may help, and a short wait is preferred to an error; afterwards every failure is final. A refusal
   * of the request itself is final at once, and so is a `ContextOverflow`. Throws `budget_exceeded` where no model is
   * left that may still be paid for. The usage of an answer from the cache is nothing, for nothing was sent.
   */
  ask(
    plan: AskPlan,
    request: Omit<ModelRequest, "model" | "thinking">,
    options: { signal: AbortSignal },
  ): AsyncIterable<ModelEvent>;
}

export function createAsking(deps: AskingDeps): Asking & Passing & Embedding {
  const parts = createParts(deps);
  const { first, cache, metrics, wireOf, meterOf } = parts;

  async function* ask(
    plan: AskPlan,
    request: Omit<ModelRequest, "model" | "thinking">,
    options: { signal: AbortSignal },
  ): AsyncGenerator<ModelEvent, void> {
    const { candidates, thinking } = plan;
    const kept = plan.purpose === "answer" ? cache : undefined;
    const keyFor = (model: string) => kept?.keyOf(model, { ...request, thinking });
    const wanted = keyFor(candidates[0] ?? "");
    const known = wanted && kept?.get(wanted);
    if (wanted !== undefined) metrics?.answerCache(known !== undefined);
    if (known !== undefined) {
      const model = await deps.models.resolve(candidates[0]!); // its key was made of it
      plan.onModel?.(model, levelOf(thinking, model) ?? "off");
      yield* JSON.parse(known) as ModelEvent[]; // written by the recording below
      return;
    }
    const { model, begun } = await first(candidates, beginning(plan, request), options);
    const { events, meter, level } = begun;
    if (model.id !== candidates[0]) metrics?.failedOver();
    const key = model.id === candidates[0] ? wanted : keyFor(model.id);
    const recording = key === undefined ? undefined : createRecording();
    try {
      plan.onModel?.(model, level ?? "off");
      for await (const event of events) {
        if (meter) meterEvent(meter, event);
        recording?.take(event);
        // Before the last event is handed on: whoever has it need not come back for more.
        const answer = event.type === "finish" ? recording?.whole() : undefined;
        if (key !== undefined && answer !== undefined) kept?.put(key, answer);
        yield event;
      }
    } finally {
      meter?.settle();
    }
  }

  function beginning(plan: AskPlan, request: Omit<ModelRequest, "model" | "thinking">) {
    const cacheKey = cacheKeyOf(plan);
    const begin: Begin<{
      events: AsyncIterable<ModelEvent>;
      meter: Meter | undefined;
      level: ThinkingLevel | undefined;
    }> = async (model, key, options) => {
      const wire = await wireOf(key);
      const level = plan.isLevel ? plan.thinking : levelOf(plan.thinking, model);
      const size = () => sizeOf([request.messages, request.tools], request.maxTokens);
      const meter = meterOf(plan, model, size);
      try {
        const sent = { ...request, model: model.name, thinking: level, cacheKey };
        const events = wire.stream(sent, { ...options, whole: plan.whole })[Symbol.asyncIterator]();
        return { events: resumed(await events.next(), events), meter, level };
      } catch (error) {
        meter?.broke(options.signal.aborted);
        throw error;
      }
    };
    return begin;
  }

  return { ask, ...createPassing(parts), ...createEmbedding(parts) };
}

/** `xhigh` is refused when it is asked for, before any call; a fallback that lacks it gives what it has. */
function levelOf(wish: ThinkingLevel | undefined, { facts }: ResolvedModel): ThinkingLevel | undefined {
  if (wish === undefined) return undefined;
  const possible = wish === "xhigh" && !facts.thinking.includes(wish) ? "high" : wish;
  return nearestThinking(possible, facts.thinking);
}

function cacheKeyOf({ agentId, sessionId }: AskPlan): string | undefined {
  if (sessionId === undefined) return undefined;
  return hash("sha256", `openclaw ${agentId ?? ""} ${sessionId}`).slice(0, 32);
}
