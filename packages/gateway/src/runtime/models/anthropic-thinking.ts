import { hasEffort, hasFixedSampling } from "./anthropic-models.ts";
import { factsOf } from "./catalog.ts";
import type { ModelRequest } from "./types.ts";

/** How a request says how hard to think. */
export interface Thinking {
  thinking?: {
    type: "adaptive" | "enabled" | "disabled" | "between_tools";
    budget_tokens?: number;
    display?: "summarized";
  };
  effort?: "low" | "medium" | "high" | "xhigh";
}

/** Thinking of models that take a budget, in tokens. */
const budgets = { minimal: 1024, low: 2048, medium: 8192, high: 16_384, xhigh: 32_000 } as const;
const leastBudget = 1024;
const usualAnswer = 8192;
const longestUsualAnswer = 32_000;

/**
 * Three generations: up to 4.5 a budget; from 4.6 an effort; of the newest some cannot stop thinking, and there
 * `off` becomes the least that they know. Source: https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
export function thinkingOf({ model, thinking, thinkingBudget }: ModelRequest): Thinking {
  if (thinking === undefined) return {};
  if (thinking === "off") {
    if (/sonnet-5-5/.test(model)) return { thinking: { type: "between_tools" }, effort: "low" };
    if (/opus-5-5|fable-5/.test(model)) return { effort: "low" };
    return /claude-(opus|sonnet|haiku)-5/.test(model) ? { thinking: { type: "disabled" } } : {};
  }
  if (!hasEffort(model)) {
    const budget = Math.max(leastBudget, thinkingBudget ?? budgets[thinking]);
    return { thinking: { type: "enabled", budget_tokens: budget } };
  }
  const display = hasFixedSampling(model) ? { display: "summarized" as const } : {}; // else the thoughts stay empty
  return { thinking: { type: "adaptive", ...display }, effort: thinking === "minimal" ? "low" : thinking };
}

/** `max_tokens`: the answer and the thinking budget; together they must not pass what the model can give. */
export function mostTokens({ model, maxTokens }: ModelRequest, { thinking }: Thinking): number {
  const budget = thinking?.budget_tokens ?? 0;
  const facts = factsOf("anthropic", model);
  const known = facts.name !== undefined;
  const most = known ? facts.maxTokens - budget : Number.POSITIVE_INFINITY;
  const usual = known ? Math.min(facts.maxTokens, longestUsualAnswer) : usualAnswer;
  return Math.max(1, Math.min(maxTokens ?? usual, most)) + budget;
}
