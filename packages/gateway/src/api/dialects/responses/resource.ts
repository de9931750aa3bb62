import type { Usage } from "openclaw-protocol";
import type { AnswerHead, Json } from "../dialect.ts";

export type ResponseStatus = "queued" | "in_progress" | "completed" | "failed" | "incomplete" | "cancelled";

/** What of a response can change while it is made. */
export interface ResponseState {
  status: ResponseStatus;
  output: readonly Json[];
  usage?: Usage | undefined;
  /** Unix seconds. */
  completedAt?: number | undefined;
  incomplete?: "max_output_tokens" | "content_filter" | undefined;
  error?: { code: string; message: string } | undefined;
}

/** A response, with what was asked for beside what was said. Every field is there, as some clients insist. */
export function responseOf(head: AnswerHead, body: Json, state: ResponseState): Json {
  const given = <T>(name: string, otherwise: T): unknown => body[name] ?? otherwise;
  const text = (body.text ?? {}) as { format?: Json | null; verbosity?: string | null }; // judged before
  const reasoning = (body.reasoning ?? {}) as { effort?: string | null; summary?: string | null }; // likewise
  return {
    id: head.id,
    object: "response",
    created_at: head.created,
    completed_at: state.completedAt ?? null,
    status: state.status,
    background: given("background", false),
    error: state.error ?? null,
    incomplete_details: state.incomplete ? { reason: state.incomplete } : null,
    instructions: given("instructions", null),
    max_output_tokens: given("max_output_tokens", null),
    max_tool_calls: given("max_tool_calls", null),
    model: head.model,
    output: state.output,
    parallel_tool_calls: given("parallel_tool_calls", true),
    previous_response_id: given("previous_response_id", null),
    prompt_cache_key: given("prompt_cache_key", null),
    reasoning: { effort: reasoning.effort ?? null, summary: reasoning.summary ?? null },
    safety_identifier: given("safety_identifier", null),
    service_tier: "default",
    store: given("store", true),
    temperature: given("temperature", 1),
    text: {
      format: formatOf(text.format),
      verbosity: text.verbosity ?? "medium",
    },
    tool_choice: given("tool_choice", "auto"),
    tools: ((body.tools ?? []) as Json[]).map(toolOf),
    top_logprobs: given("top_logprobs", 0),
    top_p: given("top_p", 1),
    presence_penalty: given("presence_penalty", 0),
    frequency_penalty: given("frequency_penalty", 0),
    truncation: given("truncation", "disabled"),
    usage: state.usage ? usageOf(state.usage) : null,
    ...(body.user ? { user: body.user } : {}),
    metadata: given("metadata", {}),
  };
}

/** Our count as the dialect's. */
export function usageOf(usage: Usage): Json {
  return {
    input_tokens: usage.promptTokens,
    input_tokens_details: { cached_tokens: usage.cachedTokens ?? 0, cache_write_tokens: 0 },
    output_tokens: usage.completionTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: usage.totalTokens,
  };
}

function formatOf(format: Json | null | undefined): Json {
  if (!format) return { type: "text" };
  if (format.type !== "json_schema") return format;
  const { description, ...rest } = format; // a text where it is there at all
  return { ...rest, ...(description != null && { description }), strict: format.strict ?? false };
}

function toolOf(tool: Json): Json {
  if (tool.type !== "function") return tool;
  const { description = null, parameters = null, strict = null } = tool;
  return { ...tool, description, parameters, strict };
}
