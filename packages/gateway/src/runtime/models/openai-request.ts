import { GatewayError } from "../../lib/errors.ts";
import { lowestEffort } from "./catalog.ts";
import type { ModelRequest, PromptMessage, UserPart } from "./types.ts";

type Json = Record<string, unknown>;

/** Where providers that speak Chat Completions differ. */
export interface Dialect {
  maxTokens: "max_tokens" | "max_completion_tokens";
  /** `effort`: `reasoning_effort`; `object`: `reasoning: {effort}`; `none`: the model decides. */
  thinking: "effort" | "object" | "none";
  /** Whether thoughts of earlier steps are given back as `reasoning_content`. */
  returnsThinking: boolean;
}

const usual: Dialect = { maxTokens: "max_tokens", thinking: "effort", returnsThinking: false };

const dialects: Record<string, Partial<Dialect>> = {
  openai: { maxTokens: "max_completion_tokens" },
  openrouter: { thinking: "object" },
  deepseek: { thinking: "none", returnsThinking: true },
  moonshot: { thinking: "none", returnsThinking: true },
};

/** How a provider wants what the dialect leaves open. */
export function dialectOf(provider: string): Dialect {
  return { ...usual, ...dialects[provider] };
}

/** Our request as the body of a streamed Chat Completion. */
export function chatBody(request: ModelRequest, provider: string, dialect: Dialect): Json {
  const { tools, toolChoice, responseFormat } = request;
  const hasTools = tools !== undefined && tools.length > 0;
  return {
    model: request.model,
    messages: request.messages.map((it) => chatMessage(it, dialect)),
    stream: true,
    stream_options: { include_usage: true },
    ...(hasTools && { tools: tools.map((it) => ({ type: "function", function: it })) }),
    ...(hasTools && toolChoice !== undefined && { tool_choice: toolChoiceOf(toolChoice) }),
    ...(hasTools &&
      request.parallelToolCalls !== undefined && { parallel_tool_calls: request.parallelToolCalls }),
    ...thinkingOf(request, provider, dialect),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(request.maxTokens !== undefined && { [dialect.maxTokens]: request.maxTokens }),
    ...(request.stop !== undefined && { stop: request.stop }),
    ...(request.seed !== undefined && { seed: request.seed }),
    ...(request.presencePenalty !== undefined && { presence_penalty: request.presencePenalty }),
    ...(request.frequencyPenalty !== undefined && { frequency_penalty: request.frequencyPenalty }),
    ...(responseFormat && { response_format: formatOf(responseFormat) }),
  };
}

function toolChoiceOf(choice: NonNullable<ModelRequest["toolChoice"]>): unknown {
  return typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } };
}

function formatOf({ schema, name }: NonNullable<ModelRequest["responseFormat"]>): Json {
  if (schema === undefined) return { type: "json_object" };
  return { type: "json_schema", json_schema: { name: name ?? "answer", schema } };
}

function thinkingOf({ model, thinking }: ModelRequest, provider: string, dialect: Dialect): Json {
  if (thinking === undefined || dialect.thinking === "none") return {};
  const effort = thinking === "off" ? lowestEffort(provider, model) : thinking;
  if (effort === undefined) return {};
  return dialect.thinking === "object" ? { reasoning: { effort } } : { reasoning_effort: effort };
}

function chatMessage(message: PromptMessage, dialect: Dialect): Json {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.content };
    case "user":
      return { role: "user", content: userContent(message.content) };
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: message.result };
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
            id: it.id,
            type: "function",
            function: { name: it.name, arguments: it.arguments },
          })),
        }),
      };
    }
  }
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
