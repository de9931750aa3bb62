import { createAnthropic } from "@ai-sdk/anthropic";
import type { JSONObject } from "@ai-sdk/provider";
import { createSdkWire, unsupported } from "./ai-sdk.ts";
import { sdkBaseUrl } from "./ai-sdk-fetch.ts";
import { factsOf } from "./catalog.ts";
import type { ModelRequest, ModelWire, ProviderSettings, WirePorts } from "./types.ts";
import { createUpstream } from "./upstream.ts";
import type { WireLimits } from "./wire-limits.ts";

/** Thinking of models that take a budget, in tokens. */
const budgets = { minimal: 1024, low: 2048, medium: 8192, high: 16_384, xhigh: 32_000 } as const;
const usualAnswer = 8192;
const longestUsualAnswer = 32_000;

/** Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages */
export function createAnthropicMessages(
  provider: ProviderSettings,
  ports: WirePorts,
  limits?: Partial<WireLimits>,
): ModelWire {
  const apiKey = provider.apiKey?.reveal() ?? ""; // given even when empty: else the SDK looks into the environment
  return createSdkWire(
    {
      key: "anthropic",
      model: (id, fetch) => createAnthropic({ baseURL: sdkBaseUrl, apiKey, fetch })(id),
      settings: settingsOf,
      cacheHint: { anthropic: { cacheControl: { type: "ephemeral" } } },
    },
    createUpstream(provider, ports, limits),
  );
}

function settingsOf(request: ModelRequest) {
  const { model, temperature, topP, parallelToolCalls, responseFormat } = request;
  if (request.seed !== undefined) throw unsupported("seed", "Anthropic has no such parameter");
  if (request.presencePenalty) throw unsupported("presence_penalty", "Anthropic has no such parameter");
  if (request.frequencyPenalty) throw unsupported("frequency_penalty", "Anthropic has no such parameter");
  if (responseFormat && !responseFormat.schema)
    throw unsupported("response_format", "Anthropic needs a JSON Schema");
  const forced =
    request.tools?.length &&
    request.toolChoice !== undefined &&
    !["auto", "none"].includes(String(request.toolChoice));
  if (forced && /(sonnet|opus)-5-5|fable-5-1/.test(model))
    throw unsupported("tool_choice", "it cannot be forced to call a tool");
  const options = thinkingOf(request);
  const thinks = options.thinking !== undefined && options.thinking.type !== "disabled";
  const fixed = thinks || hasFixedSampling(model);
  if (fixed && temperature !== undefined && temperature !== 1)
    throw unsupported("temperature", "it thinks with 1 only");
  if (fixed && topP !== undefined && topP !== 1) throw unsupported("top_p", "it thinks with 1 only");
  if (temperature !== undefined && temperature > 1)
    throw unsupported("temperature", "Anthropic's goes from 0 to 1");
  if (temperature !== undefined && topP !== undefined && topP !== 1)
    throw unsupported("top_p", "temperature is given too");
  if (parallelToolCalls !== undefined) options.disableParallelToolUse = !parallelToolCalls;
  return {
    temperature: fixed ? undefined : temperature,
    topP: fixed || temperature !== undefined ? undefined : topP,
    presencePenalty: undefined,
    frequencyPenalty: undefined,
    maxOutputTokens: answerTokens(request, options.thinking?.budgetTokens ?? 0),
    providerOptions: { anthropic: options as JSONObject }, // made of JSON values only
  };
}

interface Options {
  thinking?: {
    type: "adaptive" | "enabled" | "disabled" | "between_tools";
    budgetTokens?: number;
    display?: "summarized";
  };
  effort?: "low" | "medium" | "high" | "xhigh";
  disableParallelToolUse?: boolean;
}

/**
 * Three generations: up to 4.5 a budget; from 4.6 an effort; of the newest some cannot stop thinking, and there
 * `off` becomes the least that they know.
 */
function thinkingOf({ model, thinking }: ModelRequest): Options {
  if (thinking === undefined) return {};
  if (thinking === "off") {
    if (/sonnet-5-5/.test(model)) return { thinking: { type: "between_tools" }, effort: "low" };
    if (/opus-5-5|fable-5/.test(model)) return { effort: "low" };
    return /claude-(opus|sonnet|haiku)-5/.test(model) ? { thinking: { type: "disabled" } } : {};
  }
  if (!hasEffort(model)) return { thinking: { type: "enabled", budgetTokens: budgets[thinking] } };
  const display = hasFixedSampling(model) ? { display: "summarized" as const } : {}; // else the thoughts stay empty
  return { thinking: { type: "adaptive", ...display }, effort: thinking === "minimal" ? "low" : thinking };
}

function hasEffort(model: string): boolean {
  return /claude-(opus|sonnet|haiku|fable)-(4-[6-9]|[5-9])/.test(model);
}

function hasFixedSampling(model: string): boolean {
  return /claude-(opus|sonnet|haiku|fable)-(4-[7-9]|[5-9])/.test(model);
}

/** Without the thinking budget, which the SDK adds: together they must not pass what the model can give. */
function answerTokens({ model, maxTokens }: ModelRequest, budget: number): number {
  const facts = factsOf("anthropic", model);
  const known = facts.name !== undefined;
  const most = known ? facts.maxTokens - budget : Number.POSITIVE_INFINITY;
  const usual = known ? Math.min(facts.maxTokens, longestUsualAnswer) : usualAnswer;
  return Math.max(1, Math.min(maxTokens ?? usual, most));
}
