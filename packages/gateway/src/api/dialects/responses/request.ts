import type { ResponseItem, ResponseRequest, ThinkingLevel } from "openclaw-protocol";
import { GatewayError } from "../../../lib/errors.ts";
import { nearestThinking } from "../../../runtime/models/thinking.ts";
import type { ResponseFormat } from "../../../runtime/models/types.ts";
import type { ResolvedModel } from "../../../services/models/models.ts";
import type { AgentTurn, Translation } from "../dialect.ts";
import { agentHasTools, cannotHonour } from "../refusals.ts";
import { conversationOf } from "./items.ts";
import { offeredOf } from "./tools.ts";

/** Known to the dialect, and of no effect on an answer of ours: bookkeeping, or about tools that vendors run. */
const without = new Set([
  "include",
  "metadata",
  "safety_identifier",
  "service_tier",
  "user",
  "max_tool_calls",
]);

const honoured = new Set([
  ...["model", "input", "instructions", "previous_response_id", "store", "background", "stream"],
  ...["stream_options", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning", "temperature"],
  ...[
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "max_output_tokens",
    "prompt_cache_key",
    "truncation",
  ],
]);

/** What would change the answer and cannot be had here. */
const refused = new Set(["prompt", "conversation", "top_logprobs"]);

/** The request in no provider's dialect. References to items and earlier responses have been resolved. */
export function translate(body: ResponseRequest, model: ResolvedModel): Translation {
  const ignored = judgeFields(body, model.id);
  const { messages, ignored: items } = conversationOf(itemsOf(body));
  if (messages.length === 0) throw noInput();
  const { tools, choice, ignored: hosted } = offeredOf(body);
  const hints = hintsFor(body, model.api);
  return {
    ignored: [...ignored, ...items, ...hosted, ...hints.ignored],
    request: {
      messages: body.instructions ? [{ role: "system", content: body.instructions }, ...messages] : messages,
      tools,
      toolChoice: choice,
      parallelToolCalls: hints.parallelToolCalls,
      thinking: thinkingOf(body, model),
      temperature: body.temperature ?? undefined,
      topP: body.top_p ?? undefined,
      maxTokens: body.max_output_tokens ?? undefined,
      presencePenalty: body.presence_penalty ?? undefined,
      frequencyPenalty: body.frequency_penalty ?? undefined,
      verbosity: hints.verbosity,
      responseFormat: formatOf(body),
      cacheKey: body.prompt_cache_key ?? undefined,
    },
  };
}

/** What coding assistants always send and some vendors have no word for: told in `ignored` there, and left out. */
function hintsFor({ parallel_tool_calls: parallel, text }: ResponseRequest, api: string) {
  const hasVerbosity = api !== "anthropic-messages" && api !== "google-generative-ai";
  const hasParallel = api !== "google-generative-ai" || parallel !== false;
  const verbosity = text?.verbosity ?? undefined;
  return {
    verbosity: hasVerbosity ? verbosity : undefined,
    parallelToolCalls: hasParallel ? (parallel ?? undefined) : undefined,
    ignored: [
      ...(hasParallel ? [] : ["parallel_tool_calls"]),
      ...(hasVerbosity || verbosity === undefined || verbosity === "medium" ? [] : ["text.verbosity"]),
    ],
  };
}

/** What is said to an agent. */
export function turnOf(body: ResponseRequest): AgentTurn {
  const ignored = judgeFields(body, "An agent");
  for (const name of ["top_p", "presence_penalty", "frequency_penalty"] as const) {
    if (typeof body[name] === "number" && body[name] !== (name === "top_p" ? 1 : 0))
      throw cannotHonour(name, "An agent");
  }
  if (formatOf(body)) throw cannotHonour("text.format", "An agent");
  if (body.text?.verbosity && body.text.verbosity !== "medium")
    throw cannotHonour("text.verbosity", "An agent");
  const { tools, ignored: hosted } = offeredOf(body);
  if (tools) throw agentHasTools();
  const { messages, ignored: items } = conversationOf(itemsOf(body));
  if (messages.some((it) => it.role === "tool")) {
    throw new GatewayError("invalid_request", "A tool's output cannot be said to an agent.", {
      param: "input",
    });
  }
  const system = messages.flatMap((it) => (it.role === "system" ? [it.content] : []));
  return {
    system: body.instructions ? [body.instructions, ...system] : system,
    messages: messages.flatMap((it): AgentTurn["messages"][number][] => {
      if (it.role === "user") return [{ role: it.role, content: it.content }];
      return it.role === "assistant"
        ? [{ role: it.role, content: [{ type: "text", text: it.content }] }]
        : [];
    }),
    param: "input",
    user: body.user ?? undefined,
    thinking: wishOf(body),
    maxTokens: body.max_output_tokens ?? undefined,
    temperature: body.temperature ?? undefined,
    ignored: [...ignored, ...hosted, ...items],
  };
}

/** The input as items. */
export function itemsOf({ input }: Pick<ResponseRequest, "input">): ResponseItem[] {
  if (typeof input !== "string") return input ?? [];
  return [{ type: "message", role: "user", content: [{ type: "input_text", text: input }] }];
}

/** Refuses what changes an answer and cannot be honoured; the names of what nobody knows here. */
function judgeFields(body: ResponseRequest, by: string): string[] {
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (value === null || value === undefined || value === false || value === 0) continue;
    if (refused.has(name)) throw cannotHonour(name, by);
    const tier = name === "service_tier" && value !== "auto" && value !== "default";
    if ((!honoured.has(name) && !without.has(name)) || tier || name === "max_tool_calls") unknown.push(name);
  }
  if (body.truncation === "auto") unknown.push("truncation");
  if (body.include?.includes("message.output_text.logprobs")) throw cannotHonour("include", by);
  return unknown;
}

function wishOf({ reasoning }: ResponseRequest): ThinkingLevel | undefined {
  return reasoning?.effort === "none" ? "off" : (reasoning?.effort ?? undefined);
}

function thinkingOf(body: ResponseRequest, model: ResolvedModel): ThinkingLevel | undefined {
  const wish = wishOf(body);
  if (wish === undefined) return undefined;
  try {
    return nearestThinking(wish, model.levels);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new GatewayError(error.code, error.message, { param: "reasoning.effort", cause: error });
  }
}

function formatOf({ text }: ResponseRequest): ResponseFormat | undefined {
  const format = text?.format;
  if (!format || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "json" };
  const { name, description, schema, strict } = format;
  if (!schema) {
    throw new GatewayError("invalid_request", "text.format.schema is required.", {
      param: "text.format.schema",
    });
  }
  return {
    type: "json",
    schema,
    name,
    description: description ?? undefined,
    strict: strict ?? undefined,
  };
}

function noInput(): GatewayError {
  return new GatewayError("invalid_request", "There is nothing to answer. Send input.", { param: "input" });
}
