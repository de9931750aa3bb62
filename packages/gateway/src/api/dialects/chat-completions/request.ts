import type { ChatCompletionRequest, ChatMessage, ThinkingLevel } from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import { nearestThinking } from "../../../runtime/models/thinking.ts";
import type { ModelRequest, PromptMessage, ToolChoice, UserPart } from "../../../runtime/models/types.ts";
import type { ResolvedModel } from "../../../services/models/models.ts";
import type { AgentTurn } from "../dialect.ts";
import { mediaOf } from "../media-url.ts";
import { agentHasTools, refuseOthers } from "../refusals.ts";

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
  "verbosity",
]);

const honouredByAgents = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "temperature",
  "max_tokens",
  "max_completion_tokens",
  "reasoning_effort",
]);

/** What is said to an agent, which has its own tools and settings. */
export function agentTurnOf(body: ChatCompletionRequest): AgentTurn {
  const { n, tools, ...rest } = body;
  if (tools?.length) throw agentHasTools();
  refuseOthers(n === 1 ? rest : { ...rest, n }, [honouredByAgents, bookkeeping], "An agent");
  const { messages } = body;
  if (messages.some((it) => it.role === "tool")) {
    throw new GatewayError("invalid_request", "A tool's message cannot be said to an agent.", {
      param: "messages",
    });
  }
  return {
    system: messages.flatMap((it) =>
      it.role === "system" || it.role === "developer" ? [textOf(it.content)] : [],
    ),
    messages: messages.flatMap((it, index) =>
      it.role === "user" || it.role === "assistant"
        ? [{ role: it.role, content: partsOf(it.content ?? "", index) }]
        : [],
    ),
    param: "messages",
    user: body.user ?? undefined,
    thinking: thinkingWish(body),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    temperature: body.temperature ?? undefined,
  };
}

/** The request in no provider's dialect, for wires that do not speak this one. */
export function modelRequestOf(
  body: ChatCompletionRequest,
  model: ResolvedModel,
): Omit<ModelRequest, "model"> {
  const { n, ...rest } = body;
  if (n !== null && n !== undefined && n !== 1) {
    throw new GatewayError("invalid_request", `${model.id} gives one choice at a time: n must be 1.`, {
      param: "n",
    });
  }
  refuseOthers(rest, [honoured, bookkeeping], model.id);
  return {
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
    verbosity: body.verbosity ?? undefined,
    responseFormat: formatOf(body),
  };
}

/** The thinking level that a caller's `reasoning_effort` wishes for. */
function thinkingWish(body: Pick<ChatCompletionRequest, "reasoning_effort">): ThinkingLevel | undefined {
  return body.reasoning_effort === "none" ? "off" : (body.reasoning_effort ?? undefined);
}

function thinkingOf(body: ChatCompletionRequest, model: ResolvedModel): ThinkingLevel | undefined {
  const wish = thinkingWish(body);
  if (wish === undefined) return undefined;
  try {
    return nearestThinking(wish, model.levels);
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
  const { name, schema, description, strict } = format.json_schema ?? {};
  return {
    type: "json",
    name,
    schema: schema ?? undefined,
    description: description ?? undefined,
    strict: strict ?? undefined,
  };
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
      const media = partsOf(message.content, index).filter((it) => it.type !== "text");
      return {
        role: "tool",
        toolCallId: message.tool_call_id,
        name,
        result: textOf(message.content),
        isError: false,
        ...(media.length > 0 && { media }),
      };
    }
  }
}

type Content = Extract<ChatMessage, { role: "user" }>["content"];

/** The text of a message, its other parts left out. */
function textOf(content: Content): string {
  if (typeof content === "string") return content;
  return content
    .flatMap((part) => (part.type === "text" && "text" in part ? [String(part.text)] : []))
    .join("");
}

/** What a message is made of. Pictures and files may be data URLs or addresses. */
function partsOf(content: Content, index: number): UserPart[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content.map((part, at) => partOf(part, `messages[${index}].content[${at}]`));
}

function partOf(part: Exclude<Content, string>[number], param: string): UserPart {
  // The shapes below were checked by the schema of the part.
  if (part.type === "text" && "text" in part) return { type: "text", text: String(part.text) };
  if (part.type === "refusal" && "refusal" in part) return { type: "text", text: String(part.refusal) };
  if (part.type === "image_url" && "image_url" in part) {
    const { url } = part.image_url as { url: string };
    return { type: "image", ...mediaOf(url, `${param}.image_url.url`) };
  }
  if (part.type === "input_audio" && "input_audio" in part) {
    const { data, format } = part.input_audio as { data: string; format: string };
    return { type: "file", mimeType: `audio/${format === "mp3" ? "mpeg" : format}`, data, param };
  }
  if (part.type === "file" && "file" in part) {
    const { file_data: data, filename: name } = part.file as { file_data?: string; filename?: string };
    if (data !== undefined) {
      const media = /^data:/i.test(data) ? mediaOf(data, `${param}.file.file_data`) : { data, param };
      return { type: "file", ...(name !== undefined && { name }), ...media };
    }
    throw new GatewayError("invalid_request", "Files are taken with their bytes only. Send file_data.", {
      param: `${param}.file.file_data`,
    });
  }
  throw new GatewayError("invalid_request", `Parts of type "${part.type}" are not understood here.`, {
    param: `${param}.type`,
  });
}
