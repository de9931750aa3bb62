import { hasEffort, hasFixedSampling } from "./anthropic-models.ts";
import { factsOf } from "./catalog.ts";
import { unpack } from "./opaque.ts";
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
export function thinkingOf(request: ModelRequest): Thinking {
  const { model, thinking, thinkingBudget, maxTokens } = request;
  if (thinking === undefined) return {};
  if (thinking === "off") {
    if (/sonnet-5-5/.test(model)) return { thinking: { type: "between_tools" }, effort: "low" };
    if (/opus-5-5|fable-5/.test(model)) return { effort: "low" };
    return /claude-(opus|sonnet|haiku)-5/.test(model) ? { thinking: { type: "disabled" } } : {};
  }
  if (!hasEffort(model)) {
    if (hasLostThoughts(request)) return {};
    // The caller's bound is of thoughts and answer together: a fifth is left for the answer.
    const room = maxTokens === undefined ? Number.POSITIVE_INFINITY : Math.floor(maxTokens * 0.8);
    const budget = Math.min(Math.max(leastBudget, thinkingBudget ?? budgets[thinking]), room);
    return budget < leastBudget ? {} : { thinking: { type: "enabled", budget_tokens: budget } };
  }
  const display = hasFixedSampling(model) ? { display: "summarized" as const } : {}; // else the thoughts stay empty
  return { thinking: { type: "adaptive", ...display }, effort: thinking === "minimal" ? "low" : thinking };
}

/**
 * Whether a step of calls is answered whose thoughts are not there any more: callers of other dialects do not keep
 * them, and a model that thinks by a budget then refuses to go on thinking.
 */
function hasLostThoughts({ messages }: ModelRequest): boolean {
  if (messages.at(-1)?.role !== "tool") return false;
  const step = messages.findLast((it) => it.role === "assistant");
  return step?.role === "assistant" && !step.reasoning?.some((it) => unpack("anthropic", it.opaque));
}

/** `max_tokens`: thoughts and answer together, within the caller's bound and what the model can give. */
export function mostTokens({ model, maxTokens }: ModelRequest, { thinking }: Thinking): number {
  const facts = factsOf("anthropic", model);
  const known = facts.name !== undefined;
  const most = known ? facts.maxTokens : Number.POSITIVE_INFINITY;
  const usual = known ? Math.min(facts.maxTokens, longestUsualAnswer) : usualAnswer;
  const asked = maxTokens ?? usual + (thinking?.budget_tokens ?? 0);
  return Math.max(1, Math.min(asked, most));
}
