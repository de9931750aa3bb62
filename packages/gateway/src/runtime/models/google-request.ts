import { conversationOf } from "./google-contents.ts";
import { isGemini25, thinkingConfig } from "./google-models.ts";
import { googleSchema, hasParameters } from "./google-schema.ts";
import type { ModelRequest, ResponseFormat, ToolSchema } from "./types.ts";
import { unsupported } from "./unsupported.ts";

type Json = Record<string, unknown>;

/**
 * The bodies of `streamGenerateContent`: https://ai.google.dev/api/generate-content. Tools are put into JSON once for
 * each list of them. Throws `invalid_request` for what Gemini cannot honour.
 */
export function createGoogleBodies(): (request: ModelRequest) => string {
  const toolTexts = new WeakMap<readonly ToolSchema[], string>();

  function toolsText(tools: readonly ToolSchema[]): string {
    const known = toolTexts.get(tools);
    if (known !== undefined) return known;
    const text = JSON.stringify([{ functionDeclarations: tools.map(declarationOf) }]);
    toolTexts.set(tools, text);
    return text;
  }

  return (request) => {
    refuse(request);
    const { tools = [] } = request;
    const body = JSON.stringify({
      ...conversationOf(request),
      ...(tools.length > 0 && toolConfigOf(request)),
      generationConfig: generationConfigOf(request),
    });
    return tools.length === 0 ? body : withField(body, "tools", toolsText(tools));
  };
}

/** A body of a JSON object with a further field, whose value is in JSON already. */
export function withField(body: string, name: string, json: string): string {
  return `${body.slice(0, -1)},"${name}":${json}}`;
}

/** What follows the `baseUrl`. A name with a slash is whole: `tunedModels/mine`. */
export function pathOf(model: string, method: string): string {
  const name = model.includes("/") ? model : `models/${model}`;
  return `/${name.split("/").map(encodeURIComponent).join("/")}:${method}`;
}

function refuse(request: ModelRequest): void {
  const { model, verbosity } = request;
  if (request.parallelToolCalls === false && request.tools?.length)
    throw unsupported("parallel_tool_calls", "Gemini decides by itself");
  if (verbosity !== undefined && verbosity !== "medium")
    throw unsupported("verbosity", "Gemini has no such parameter");
  if (!isGemini25(model)) return;
  if (request.presencePenalty) throw unsupported("presence_penalty", "Gemini 2.5 has no such parameter");
  if (request.frequencyPenalty) throw unsupported("frequency_penalty", "Gemini 2.5 has no such parameter");
}

/** Fields that are undefined are left out when it is put into JSON. */
function generationConfigOf(request: ModelRequest): Json {
  return {
    maxOutputTokens: request.maxTokens,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    presencePenalty: request.presencePenalty || undefined,
    frequencyPenalty: request.frequencyPenalty || undefined,
    stopSequences: request.stop,
    seed: request.seed,
    ...(request.responseFormat && formatOf(request.responseFormat)),
    thinkingConfig: thinkingConfig(request),
  };
}

/** Google has no field for the name and the description of a format; within the schema both have a place. */
function formatOf({ schema, name, description }: ResponseFormat): Json {
  const responseMimeType = "application/json";
  if (schema === undefined) return { responseMimeType };
  return {
    responseMimeType,
    responseJsonSchema: { title: name, description, ...googleSchema(schema) },
  };
}

function declarationOf({ name, description, parameters }: ToolSchema): Json {
  const schema: Json = { type: "object", ...googleSchema(parameters) };
  return { name, description, ...(hasParameters(schema) && { parametersJsonSchema: schema }) };
}

/** `VALIDATED`: as `AUTO`, but a call keeps to its schema. */
function toolConfigOf({ tools = [], toolChoice }: ModelRequest): Json {
  const isStrict = tools.some((it) => it.strict === true);
  const config = (functionCallingConfig: Json): Json => ({ toolConfig: { functionCallingConfig } });
  if (typeof toolChoice === "object") return config({ mode: "ANY", allowedFunctionNames: [toolChoice.name] });
  if (toolChoice === "none") return config({ mode: "NONE" });
  if (toolChoice === "required") return config({ mode: "ANY" });
  if (isStrict) return config({ mode: "VALIDATED" });
  return toolChoice === undefined ? {} : config({ mode: "AUTO" });
}
