import { lowestEffort } from "./catalog.ts";
import { responsesInput } from "./responses-input.ts";
import type { ModelRequest, ResponseFormat, ToolChoice, ToolSchema } from "./types.ts";
import { unsupported } from "./unsupported.ts";

type Json = Record<string, unknown>;

/** The body of a request. Throws `invalid_request` for what the API or the model cannot honour. */
export function responsesBody(request: ModelRequest, stream = true): Json {
  refuseUnknown(request);
  const { model, maxTokens, cacheKey, responseFormat, verbosity } = request;
  const thinks = reasons(request);
  return {
    model,
    input: responsesInput(request.messages, { thoughts: thinks }), // a model that does not reason refuses them
    stream,
    store: false, // so the thoughts come encrypted and go back with the conversation
    ...(thinks && { include: ["reasoning.encrypted_content"] }),
    ...toolSettings(request),
    ...(thinks && reasoningOf(request)),
    ...sampling(request, thinks),
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    ...((responseFormat || verbosity) && {
      text: {
        ...(responseFormat && { format: formatOf(responseFormat) }),
        ...(verbosity && { verbosity }),
      },
    }),
    ...(cacheKey !== undefined && { prompt_cache_key: cacheKey }),
  };
}

function refuseUnknown(request: ModelRequest): void {
  const why = "the Responses API has no such parameter";
  if (request.seed !== undefined) throw unsupported("seed", why);
  if (request.stop?.length) throw unsupported("stop", why);
  if (request.presencePenalty) throw unsupported("presence_penalty", why);
  if (request.frequencyPenalty) throw unsupported("frequency_penalty", why);
  if (request.topK !== undefined) throw unsupported("top_k", why);
}

function sampling({ model, thinking, temperature, topP }: ModelRequest, thinks: boolean): Json {
  const isOff = effortOf({ model, thinking }) === "none" && /^gpt-5\.\d/.test(model);
  if (!thinks || isOff) {
    return {
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { top_p: topP }),
    };
  }
  if (temperature !== undefined && temperature !== 1)
    throw unsupported("temperature", "it reasons with 1 only");
  if (topP !== undefined && topP !== 1) throw unsupported("top_p", "it reasons with 1 only");
  return {};
}

function toolSettings({ tools, toolChoice, parallelToolCalls }: ModelRequest): Json {
  if (tools === undefined || tools.length === 0) return {};
  return {
    tools: tools.map(toolOf),
    ...(toolChoice !== undefined && { tool_choice: toolChoiceOf(toolChoice) }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
  };
}

/** Here a tool is strict unless it says otherwise, which would make optional parameters required. */
function toolOf({ name, description, parameters, strict }: ToolSchema): Json {
  return { type: "function", name, description, parameters, strict: strict ?? false };
}

function toolChoiceOf(choice: ToolChoice): unknown {
  return typeof choice === "string" ? choice : { type: "function", name: choice.name };
}

function formatOf({ schema, name, description, strict }: ResponseFormat): Json {
  if (schema === undefined) return { type: "json_object" };
  return {
    type: "json_schema",
    name: name ?? "response",
    ...(description !== undefined && { description }),
    schema,
    strict: strict ?? false,
  };
}

function reasoningOf(request: ModelRequest): Json {
  const effort = effortOf(request);
  const asked = isThinking(request);
  if (effort === undefined && !asked) return {};
  return {
    reasoning: {
      ...(effort !== undefined && { effort }),
      ...(asked && { summary: "auto" }), // else it thinks in silence
    },
  };
}

/** `minimal` is GPT-5's alone; those after it begin at `low`. */
function effortOf({ model, thinking }: Pick<ModelRequest, "model" | "thinking">): string | undefined {
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
