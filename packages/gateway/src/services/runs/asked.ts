import type { Usage } from "openclaw-protocol";
import { costOf } from "../../runtime/models/cost.ts";
import type { ModelFacts } from "../../runtime/models/types.ts";
import type { Asking, AskPlan } from "../models/asking.ts";
import type { ResolvedModel } from "../models/models.ts";
import type { Summarise } from "./context.ts";
import type { Window } from "./conversation.ts";

/** Tokens kept free for the answer when a conversation is measured against the context window. */
const answerAtMost = 16_384;

/** What there is room for in one request. */
export function windowOf(
  facts: ModelFacts,
  {
    system,
    maxTokens,
    contextTokens,
    kitCharacters,
  }: {
    system: string;
    /** Most tokens of the answer, where the caller says so. */
    maxTokens?: number | undefined;
    /** The agent's own limit. */
    contextTokens?: number | undefined;
    /** What the tools' descriptions take. */
    kitCharacters?: number | undefined;
  },
): Window {
  const limit = Math.min(facts.contextWindow, contextTokens ?? Infinity);
  const answer = Math.min(maxTokens ?? facts.maxTokens, answerAtMost, limit / 2);
  return {
    system,
    limitTokens: limit,
    answerTokens: Math.floor(answer),
    kitCharacters,
  };
}

/** Summaries are asked of the same models and paid from the same budgets as the answers. */
export function createSummarise(
  asking: Asking,
  plan: AskPlan,
  model: ResolvedModel,
  onSpent: (usage: Usage, cost: number) => void,
): Summarise {
  return async (messages, { signal, maxTokens }) => {
    let answering = model;
    const silent: AskPlan = {
      ...plan,
      thinking: "off",
      purpose: "compaction",
      onModel(it) {
        answering = it;
      },
    };
    let text = "";
    for await (const event of asking.ask(silent, { messages, maxTokens }, { signal })) {
      if (event.type === "text") text += event.delta;
      if (event.type === "finish") onSpent(event.usage, costOf(event.usage, answering.facts.cost));
    }
    return text;
  };
}
