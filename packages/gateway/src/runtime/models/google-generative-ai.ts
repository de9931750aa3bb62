import { createGoogleGenerativeAI } from "@ai-sdk/google";
import type { JSONObject } from "@ai-sdk/provider";
import type { ThinkingLevel } from "openclaw-protocol";
import { createSdkWire, unsupported } from "./ai-sdk.ts";
import { sdkBaseUrl } from "./ai-sdk-fetch.ts";
import type { ModelRequest, ModelWire, ProviderSettings, WirePorts } from "./types.ts";
import { createUpstream } from "./upstream.ts";
import type { WireLimits } from "./wire-limits.ts";

/** Thinking of Gemini 2.5, in tokens. */
const budgets = { minimal: 1024, low: 4096, medium: 8192, high: 24_576, xhigh: 24_576 } as const;
const leastOfPro = 128;

/** Google's Gemini API: https://ai.google.dev/api/generate-content */
export function createGoogleGenerativeAi(
  provider: ProviderSettings,
  ports: WirePorts,
  limits?: Partial<WireLimits>,
): ModelWire {
  const apiKey = provider.apiKey?.reveal() ?? ""; // given even when empty: else the SDK looks into the environment
  return createSdkWire(
    {
      key: "google",
      model: (id, fetch) => createGoogleGenerativeAI({ baseURL: sdkBaseUrl, apiKey, fetch })(id),
      settings: settingsOf,
    },
    createUpstream(provider, ports, limits),
  );
}

function settingsOf(request: ModelRequest) {
  const { model, presencePenalty, frequencyPenalty, thinking } = request;
  if (request.parallelToolCalls === false && request.tools?.length) {
    throw unsupported("parallel_tool_calls", "Gemini decides by itself");
  }
  if (/gemini-2\.5/.test(model)) {
    if (presencePenalty) throw unsupported("presence_penalty", "Gemini 2.5 has no such parameter");
    if (frequencyPenalty) throw unsupported("frequency_penalty", "Gemini 2.5 has no such parameter");
  }
  const thinkingConfig = thinking === undefined ? undefined : thinkingOf(model, thinking);
  return {
    presencePenalty: presencePenalty || undefined,
    frequencyPenalty: frequencyPenalty || undefined,
    ...(thinkingConfig && { providerOptions: { google: { thinkingConfig } } }),
  };
}

/** Gemini 2.5 takes a budget, later ones a level; neither Pro can stop thinking. */
function thinkingOf(model: string, level: ThinkingLevel): JSONObject | undefined {
  const isPro = /-pro\b/.test(model);
  if (/gemini-2\.5/.test(model)) {
    if (level === "off") return { thinkingBudget: isPro ? leastOfPro : 0 };
    return { thinkingBudget: budgets[level], includeThoughts: true };
  }
  // Of an unknown name the owner's config says that it thinks; nothing says how it would stop.
  if (level === "off" && !/gemini-([3-9]|\d\d)/.test(model)) return undefined;
  if (level === "off") return { thinkingLevel: isPro ? "low" : "minimal" };
  return { thinkingLevel: level === "xhigh" ? "high" : level, includeThoughts: true };
}
