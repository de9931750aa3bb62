import { createOpenAI } from "@ai-sdk/openai";
import type { JSONObject } from "@ai-sdk/provider";
import { createSdkWire, unsupported } from "./ai-sdk.ts";
import { sdkBaseUrl } from "./ai-sdk-fetch.ts";
import { lowestEffort } from "./catalog.ts";
import type { ModelRequest, ModelWire, ProviderSettings, WirePorts } from "./types.ts";
import { createUpstream } from "./upstream.ts";
import type { WireLimits } from "./wire-limits.ts";

/** Names that the SDK takes for OpenAI's own tools where one is forced. */
const hostedTools =
  /^(code_interpreter|file_search|image_generation|web_search|web_search_preview|mcp|apply_patch)$/;

/** OpenAI's Responses API, without its storage: https://developers.openai.com/api/reference/resources/responses */
export function createOpenAiResponses(
  provider: ProviderSettings,
  ports: WirePorts,
  limits?: Partial<WireLimits>,
): ModelWire {
  const apiKey = provider.apiKey?.reveal() ?? ""; // given even when empty: else the SDK looks into the environment
  const headers = apiKey === "" ? { Authorization: "" } : {}; // else a keyless provider gets a bare "Bearer"
  const wire = createSdkWire(
    {
      key: "openai",
      model: (id, fetch) => createOpenAI({ baseURL: sdkBaseUrl, apiKey, headers, fetch }).responses(id),
      settings: settingsOf,
    },
    createUpstream(provider, ports, limits),
  );
  return { ...wire, stream: (request, options) => wire.stream(adapted(request), options) };
}

function adapted(request: ModelRequest): ModelRequest {
  return {
    ...request,
    // Here a tool is strict unless it says otherwise, which would make optional parameters required.
    tools: request.tools?.map((tool) => ({ ...tool, strict: tool.strict ?? false })),
    // A model that does not reason refuses the thoughts of one that did.
    messages: reasons(request)
      ? request.messages
      : request.messages.map((it) => (it.role === "assistant" ? { ...it, reasoning: [] } : it)),
  };
}

/** Checked here: the SDK's own warnings come after the provider has begun to answer. */
function settingsOf(request: ModelRequest) {
  const { model, seed, stop, temperature, topP, toolChoice, parallelToolCalls } = request;
  if (seed !== undefined) throw unsupported("seed", "the Responses API has no such parameter");
  if (stop?.length) throw unsupported("stop", "the Responses API has no such parameter");
  if (request.presencePenalty)
    throw unsupported("presence_penalty", "the Responses API has no such parameter");
  if (request.frequencyPenalty)
    throw unsupported("frequency_penalty", "the Responses API has no such parameter");
  if (typeof toolChoice === "object" && hostedTools.test(toolChoice.name))
    throw unsupported("tool_choice", `${toolChoice.name} would be OpenAI's own tool here`);
  const effort = effortOf(request);
  const fixed = reasons(request) && !(effort === "none" && /^gpt-5\.\d/.test(model));
  if (fixed && temperature !== undefined && temperature !== 1)
    throw unsupported("temperature", "it reasons with 1 only");
  if (fixed && topP !== undefined && topP !== 1) throw unsupported("top_p", "it reasons with 1 only");
  const options: JSONObject = {
    store: false, // so the thoughts come encrypted and go back with the conversation
    systemMessageMode: "system",
    strictJsonSchema: false,
    passThroughUnsupportedFiles: true,
    forceReasoning: reasons(request),
    ...(effort !== undefined && { reasoningEffort: effort }),
    ...(isThinking(request) && { reasoningSummary: "auto" }), // else it thinks in silence
    ...(parallelToolCalls !== undefined && request.tools?.length && { parallelToolCalls }),
    ...(request.cacheKey !== undefined && { promptCacheKey: request.cacheKey }),
  };
  return {
    temperature: fixed ? undefined : temperature,
    topP: fixed ? undefined : topP,
    stopSequences: undefined,
    presencePenalty: undefined,
    frequencyPenalty: undefined,
    providerOptions: { openai: options },
  };
}

/** `minimal` is GPT-5's alone; those after it begin at `low`. */
function effortOf({ model, thinking }: ModelRequest): string | undefined {
  if (thinking === "off") return lowestEffort("openai", model);
  return thinking === "minimal" && /^gpt-(5\.\d|[6-9])/.test(model) ? "low" : thinking;
}

function isThinking({ thinking }: ModelRequest): boolean {
  return thinking !== undefined && thinking !== "off";
}

/** OpenAI's own reasoning models by their names; of others a thinking level says so. */
function reasons(request: ModelRequest): boolean {
  return isThinking(request) || /^(o\d|gpt-[5-9](?!-chat))/.test(request.model);
}
