import { GatewayError } from "../../lib/errors.ts";
import { lowestEffort } from "./catalog.ts";
import { besideResults } from "./result-media.ts";
import type { ModelRequest, PromptMessage, ResponseFormat, ToolSchema, UserPart } from "./types.ts";

type Json = Record<string, unknown>;

/** Where providers that speak Chat Completions differ. */
export interface Dialect {
  maxTokens: "max_tokens" | "max_completion_tokens";
  /** `effort`: `reasoning_effort`; `object`: `reasoning: {effort}`; `none`: the model decides. */
  thinking: "effort" | "object" | "none";
  /** Whether thoughts of earlier steps are given back as `reasoning_content`. */
  returnsThinking: boolean;
  /** Whether it takes `prompt_cache_key`. */
  cacheKey?: boolean;
  /** Templates of open models want user and assistant to take turns: messages of the user in a row become one. */
  alternates?: boolean;
  /** Ids of calls must be nine letters and digits. */
  nineCharacterIds?: boolean;
}

const usual: Dialect = { maxTokens: "max_tokens", thinking: "effort", returnsThinking: false };

const dialects: Record<string, Partial<Dialect>> = {
  openai: { maxTokens: "max_completion_tokens", cacheKey: true },
  openrouter: { thinking: "object" },
  deepseek: { thinking: "none", returnsThinking: true },
  moonshot: { thinking: "none", returnsThinking: true },
  mistral: { nineCharacterIds: true },
  ollama: { alternates: true },
  lmstudio: { alternates: true },
  vllm: { alternates: true },
  llamacpp: { alternates: true },
};

/** How a provider wants what the dialect leaves open. */
export function dialectOf(provider: string): Dialect {
  return { ...usual, ...dialects[provider] };
}

/** What a request says, as the dialect wants it told. */
export function chatMessages(request: ModelRequest, dialect: Dialect): readonly PromptMessage[] {
  const messages = besideResults(request.messages);
  return dialect.alternates ? inTurns(messages) : messages;
}

export function chatTool(tool: ToolSchema): Json {
  return { type: "function", function: tool };
}

/** Everything of a body that follows its messages and its tools. */
export function chatSettings(request: ModelRequest, provider: string, dialect: Dialect): Json {
  const { tools, toolChoice, responseFormat } = request;
  const hasTools = tools !== undefined && tools.length > 0;
  return {
    ...(hasTools && toolChoice !== undefined && { tool_choice: toolChoiceOf(toolChoice) }),
    ...(hasTools &&
      request.parallelToolCalls !== undefined && { parallel_tool_calls: request.parallelToolCalls }),
    ...thinkingOf(request, provider, dialect),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(request.maxTokens !== undefined && { [dialect.maxTokens]: request.maxTokens }),
    ...(request.stop !== undefined && { stop: request.stop }),
    ...(request.topK !== undefined && { top_k: request.topK }),
    ...(request.verbosity !== undefined && { verbosity: request.verbosity }),
    ...(request.seed !== undefined && { seed: request.seed }),
    ...(request.presencePenalty !== undefined && { presence_penalty: request.presencePenalty }),
    ...(request.frequencyPenalty !== undefined && { frequency_penalty: request.frequencyPenalty }),
    ...(responseFormat && { response_format: formatOf(responseFormat) }),
    ...(dialect.cacheKey && request.cacheKey !== undefined && { prompt_cache_key: request.cacheKey }),
  };
}

function toolChoiceOf(choice: NonNullable<ModelRequest["toolChoice"]>): unknown {
  return typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } };
}

function formatOf({ schema, name, description, strict }: ResponseFormat): Json {
  if (schema === undefined) return { type: "json_object" };
  const spec = {
    name: name ?? "answer",
    schema,
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  };
  return { type: "json_schema", json_schema: spec };
}

function thinkingOf({ model, thinking }: ModelRequest, provider: string, dialect: Dialect): Json {
  if (thinking === undefined || dialect.thinking === "none") return {};
  const effort = thinking === "off" ? lowestEffort(provider, model) : thinking;
  if (effort === undefined) return {};
  return dialect.thinking === "object" ? { reasoning: { effort } } : { reasoning_effort: effort };
}

/** The user's messages in a row as one, with a blank line between their texts. */
function inTurns(messages: readonly PromptMessage[]): PromptMessage[] {
  const turns: PromptMessage[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (message.role !== "user" || last?.role !== "user") turns.push(message);
    else turns[turns.length - 1] = { role: "user", content: joined(last.content, message.content) };
  }
  return turns;
}

function joined(before: readonly UserPart[], after: readonly UserPart[]): UserPart[] {
  const end = before.at(-1);
  const begin = after[0];
  if (end?.type !== "text" || begin?.type !== "text") return [...before, ...after];
  const text = `${end.text}\n\n${begin.text}`;
  return [...before.slice(0, -1), { type: "text", text }, ...after.slice(1)];
}

/** Mistral takes no other ids than those of its own form, but a conversation may have begun with another provider. */
function callId(id: string, { nineCharacterIds }: Dialect): string {
  if (!nineCharacterIds || /^[a-zA-Z0-9]{9}$/.test(id)) return id;
  let [high, low] = [0x811c9dc5, 0x01000193]; // FNV-1a, in two halves
  for (let index = 0; index < id.length; index++) {
    high = Math.imul(high ^ id.charCodeAt(index), 0x01000193) >>> 0;
    low = Math.imul(low ^ id.charCodeAt(index), 0x85ebca6b) >>> 0;
  }
  return (high * 2 ** 16 + (low % 2 ** 16)).toString(36).padStart(9, "0").slice(-9);
}

export function chatMessage(message: PromptMessage, dialect: Dialect): Json {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.content };
    case "user":
      return { role: "user", content: userContent(message.content) };
    case "tool":
      return {
        role: "tool",
        tool_call_id: callId(message.toolCallId, dialect),
        content: resultText(message),
      };
    case "assistant": {
      const { content, reasoning = [], toolCalls = [] } = message;
      const thoughts =
        dialect.returnsThinking && toolCalls.length > 0 ? reasoning.map((it) => it.text).join("\n") : "";
      return {
        role: "assistant",
        content: content === "" && toolCalls.length > 0 ? null : content,
        ...(thoughts !== "" && { reasoning_content: thoughts }),
        ...(toolCalls.length > 0 && {
          tool_calls: toolCalls.map((it) => ({
            id: callId(it.id, dialect),
            type: "function",
            function: { name: it.name, arguments: it.arguments },
          })),
        }),
      };
    }
  }
}

/** The dialect has no word for a failure: one that says nothing of itself is called so. */
function resultText({ result, isError }: Extract<PromptMessage, { role: "tool" }>): string {
  return isError && result.trim() === "" ? "The tool failed and said nothing." : result;
}

/** Plain text stays a string: not every provider reads parts. */
function userContent(parts: readonly UserPart[]): unknown {
  if (parts.every((it) => it.type === "text")) return parts.map((it) => it.text).join("\n");
  return parts.map(userPart);
}

function userPart(part: UserPart): Json {
  if (part.type === "text") return { type: "text", text: part.text };
  const { mimeType = part.type === "image" ? "image/png" : "application/octet-stream", data, url } = part;
  const link = url ?? `data:${mimeType};base64,${data ?? ""}`;
  if (part.type === "image" || mimeType.startsWith("image/"))
    return { type: "image_url", image_url: { url: link } };
  if (data !== undefined) {
    const name = part.name ?? "file";
    if (mimeType.startsWith("text/") || mimeType === "application/json") {
      return { type: "text", text: `File ${name}:\n${Buffer.from(data, "base64").toString()}` };
    }
    if (mimeType === "application/pdf") return { type: "file", file: { filename: name, file_data: link } };
    const format = audioFormats[mimeType];
    if (format) return { type: "input_audio", input_audio: { data, format } };
  }
  throw new GatewayError(
    "invalid_request",
    `An attachment of the type ${mimeType}${url ? " given by URL" : ""} cannot be sent to this model. Send text, an image, a PDF, WAV or MP3 with its bytes.`,
    { param: "attachments" },
  );
}

const audioFormats: Record<string, string> = {
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/mpeg": "mp3",
  "audio/mp3": "mp3",
};
