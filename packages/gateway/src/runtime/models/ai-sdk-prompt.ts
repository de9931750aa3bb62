import type {
  LanguageModelV3FilePart,
  LanguageModelV3Message,
  LanguageModelV3Prompt,
  LanguageModelV3ToolCallPart,
  SharedV3ProviderOptions,
} from "@ai-sdk/provider";
import { GatewayError } from "../../lib/errors.ts";
import type { PromptMessage, UserPart } from "./types.ts";

/** What a wire gives its own reasoning and tool calls to carry, marked so that no other wire reads it. */
interface Opaque {
  wire: string;
  metadata: SharedV3ProviderOptions;
}

/** Packs what a provider wants back, as an `opaque` value. */
export function pack(wire: string, metadata: SharedV3ProviderOptions | undefined): Opaque | undefined {
  return metadata && Object.keys(metadata).length > 0 ? { wire, metadata } : undefined;
}

function unpack(wire: string, opaque: unknown): SharedV3ProviderOptions | undefined {
  if (typeof opaque !== "object" || opaque === null) return undefined;
  const { wire: from, metadata } = opaque as Partial<Opaque>; // checked by its mark
  return from === wire ? metadata : undefined;
}

/**
 * Our conversation as an SDK's prompt. System messages are gathered in front, where every provider takes them.
 * `cacheHint` marks the system text and the end of the conversation as worth caching, and where the last request
 * ended: providers look for what they keep only a little way back from a mark.
 */
export function sdkPrompt(
  wire: string,
  messages: readonly PromptMessage[],
  cacheHint?: SharedV3ProviderOptions,
): LanguageModelV3Prompt {
  const hint = cacheHint && { providerOptions: cacheHint };
  const system = messages.flatMap((it) => (it.role === "system" && it.content !== "" ? [it.content] : []));
  const prompt: LanguageModelV3Message[] = [];
  if (system.length > 0) prompt.push({ role: "system", content: system.join("\n\n"), ...hint });
  for (const message of messages) {
    if (message.role === "user") {
      const parts = message.content.map(userPart);
      const last = prompt.at(-1);
      if (last?.role === "user")
        last.content.push(...parts); // roles alternate for every provider
      else prompt.push({ role: "user", content: parts });
    } else if (message.role === "assistant")
      prompt.push({ role: "assistant", content: assistantParts(wire, message) });
    else if (message.role === "tool") {
      const { toolCallId, name, result, isError } = message;
      const part = {
        type: "tool-result",
        toolCallId,
        toolName: name,
        output: { type: isError ? "error-text" : "text", value: result },
      } as const;
      const last = prompt.at(-1);
      if (last?.role === "tool") last.content.push(part);
      else prompt.push({ role: "tool", content: [part] });
    }
  }
  if (hint) {
    const answer = prompt.findLastIndex((it) => it.role === "assistant");
    for (const end of [prompt[answer - 1], prompt.at(-1)]) {
      if (end && end.role !== "system") Object.assign(end, hint);
    }
  }
  return prompt;
}

type AssistantParts = Extract<LanguageModelV3Message, { role: "assistant" }>["content"];

function assistantParts(
  wire: string,
  message: Extract<PromptMessage, { role: "assistant" }>,
): AssistantParts {
  const parts: AssistantParts = [];
  for (const { text, opaque } of message.reasoning ?? []) {
    const providerOptions = unpack(wire, opaque);
    if (providerOptions) parts.push({ type: "reasoning", text, providerOptions }); // unsigned thoughts are refused upstream
  }
  if (message.content !== "") parts.push({ type: "text", text: message.content });
  for (const { id, name, arguments: json, opaque } of message.toolCalls ?? []) {
    const providerOptions = unpack(wire, opaque);
    const call: LanguageModelV3ToolCallPart = {
      type: "tool-call",
      toolCallId: id,
      toolName: name,
      input: argumentsOf(json),
    };
    parts.push(providerOptions ? { ...call, providerOptions } : call);
  }
  return parts;
}

/** Providers want an object; what a model once wrote amiss is kept as text within one. */
function argumentsOf(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // not JSON: kept below
  }
  return { malformed: json };
}

function userPart(part: UserPart): { type: "text"; text: string } | LanguageModelV3FilePart {
  if (part.type === "text") return { type: "text", text: part.text };
  const inline = /^data:([^;,]+);base64,(.*)$/s.exec(part.url ?? "");
  const data = inline ? inline[2]! : part.data;
  const mediaType =
    inline?.[1] ?? part.mimeType ?? (part.type === "image" ? "image/*" : "application/octet-stream");
  const filename = part.type === "file" && part.name !== undefined ? { filename: part.name } : {};
  if (data !== undefined) return { type: "file", mediaType, data, ...filename };
  const url = URL.parse(part.url ?? "");
  if (url && /^https?:$/.test(url.protocol)) return { type: "file", mediaType, data: url, ...filename };
  throw new GatewayError("invalid_request", "An attachment has neither bytes nor an http(s) URL.", {
    param: "attachments",
  });
}
