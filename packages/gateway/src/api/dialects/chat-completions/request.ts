import type { ChatCompletionRequest, ChatMessage, ThinkingLevel } from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import { nearestThinking } from "../../../runtime/models/thinking.ts";
import type { ModelRequest, PromptMessage, ToolChoice, UserPart } from "../../../runtime/models/types.ts";
import type { ResolvedModel } from "../../../services/models/models.ts";

/** Parameters that real clients send for OpenAI's own bookkeeping; leaving them out changes no answer. */
const bookkeeping = new Set([
  "metadata",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
  "service_tier",
  "store",
  "user",
]);

/** Refuses by name every parameter that is set and not among those that are honoured. */
export function refuseOthers(body: Record<string, unknown>, honoured: ReadonlySet<string>, by: string): void {
  for (const [name, value] of Object.entries(body)) {
    if (
      value === null ||
      value === undefined ||
      value === false ||
      honoured.has(name) ||
      bookkeeping.has(name)
    )
      continue;
    throw new GatewayError("invalid_request", `${by} cannot honour the parameter ${name}. Leave it out.`, {
      param: name,
    });
  }
}

const honoured = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "response_format",
  "temperature",
  "top_p",
  "max_tokens",
  "max_completion_tokens",
  "presence_penalty",
  "frequency_penalty",
  "stop",
  "seed",
  "reasoning_effort",
]);

/** The request in no provider's dialect, for wires that do not speak this one. */
export function modelRequestOf(body: ChatCompletionRequest, model: ResolvedModel): ModelRequest {
  const { n, ...rest } = body;
  if (n !== null && n !== undefined && n !== 1) {
    throw new GatewayError("invalid_request", `${model.id} gives one choice at a time: n must be 1.`, {
      param: "n",
    });
  }
  refuseOthers(rest, honoured, model.id);
  return {
    model: model.name,
    messages: promptOf(body.messages),
    tools: body.tools?.map(({ function: it }) => ({
      name: it.name,
      description: it.description ?? "",
      parameters: it.parameters ?? { type: "object", properties: {} },
      strict: it.strict ?? undefined,
    })),
    toolChoice: toolChoiceOf(body),
    parallelToolCalls: body.parallel_tool_calls ?? undefined,
    thinking: thinkingOf(body, model),
    temperature: body.temperature ?? undefined,
    topP: body.top_p ?? undefined,
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    stop: typeof body.stop === "string" ? [body.stop] : (body.stop ?? undefined),
    seed: body.seed ?? undefined,
    presencePenalty: body.presence_penalty ?? undefined,
    frequencyPenalty: body.frequency_penalty ?? undefined,
    responseFormat: formatOf(body),
  };
}

/** The thinking level that a caller's `reasoning_effort` wishes for. */
export function thinkingWish(
  body: Pick<ChatCompletionRequest, "reasoning_effort">,
): ThinkingLevel | undefined {
  return body.reasoning_effort === "none" ? "off" : (body.reasoning_effort ?? undefined);
}

function thinkingOf(body: ChatCompletionRequest, model: ResolvedModel): ThinkingLevel | undefined {
  const wish = thinkingWish(body);
  if (wish === undefined) return undefined;
  try {
    return nearestThinking(wish, model.facts.thinking);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new GatewayError(error.code, error.message, { param: "reasoning_effort", cause: error });
  }
}

function toolChoiceOf(body: ChatCompletionRequest): ToolChoice | undefined {
  const choice = body.tool_choice ?? undefined;
  return typeof choice === "object" ? { name: choice.function.name } : choice;
}

function formatOf(body: ChatCompletionRequest): ModelRequest["responseFormat"] {
  const format = body.response_format;
  if (!format || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "json" };
  const spec = format.json_schema as { name?: string; schema?: Record<string, unknown> } | undefined; // OpenAI's shape; what is missing is undefined
  return { type: "json", schema: spec?.schema, name: spec?.name };
}

function promptOf(messages: readonly ChatMessage[]): PromptMessage[] {
  const toolNames = new Map<string, string>();
  return messages.map((message, index) => promptMessageOf(message, index, toolNames));
}

/** `toolNames` remembers the calls seen so far: a tool message names its call by id alone. */
function promptMessageOf(message: ChatMessage, index: number, toolNames: Map<string, string>): PromptMessage {
  switch (message.role) {
    case "system":
    case "developer":
      return { role: "system", content: textOf(message.content) };
    case "user":
      return { role: "user", content: partsOf(message.content, index) };
    case "assistant": {
      const toolCalls = (message.tool_calls ?? []).map((call) => {
        toolNames.set(call.id, call.function.name);
        return { id: call.id, name: call.function.name, arguments: call.function.arguments };
      });
      return {
        role: "assistant",
        content: textOf(message.content ?? ""),
        ...(toolCalls.length > 0 && { toolCalls }),
      };
    }
    case "tool": {
      const name = toolNames.get(message.tool_call_id);
      if (name === undefined) {
        throw new GatewayError(
          "invalid_request",
          "This tool message answers no tool call that stands before it.",
          {
            param: `messages[${index}].tool_call_id`,
          },
        );
      }
      return {
        role: "tool",
        toolCallId: message.tool_call_id,
        name,
        result: textOf(message.content),
        isError: false,
      };
    }
  }
}

type Content = Extract<ChatMessage, { role: "user" }>["content"];

/** The text of a message, its other parts left out. */
export function textOf(content: Content): string {
  if (typeof content === "string") return content;
  return content
    .flatMap((part) => (part.type === "text" && "text" in part ? [String(part.text)] : []))
    .join("");
}

/** What a user's message is made of. Pictures may be data URLs or addresses. */
export function partsOf(content: Content, index: number): UserPart[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.map((part, at): UserPart => {
    if (part.type === "text" && "text" in part) return { type: "text", text: String(part.text) };
    if (part.type === "image_url" && "image_url" in part) {
      const { url } = part.image_url as { url: string }; // checked by the schema of the part
      const [, mimeType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? [];
      return data === undefined ? { type: "image", url } : { type: "image", mimeType, data };
    }
    throw new GatewayError("invalid_request", `Parts of type "${part.type}" are not understood here.`, {
      param: `messages[${index}].content[${at}].type`,
    });
  });
}
