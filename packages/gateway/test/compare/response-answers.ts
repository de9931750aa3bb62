import type { Json } from "../support/gateway.ts";
import { fingerprint } from "./fingerprint.ts";

const usage = {
  input_tokens: 12,
  input_tokens_details: { cached_tokens: 3, cache_write_tokens: 0 },
  output_tokens: 8,
  output_tokens_details: { reasoning_tokens: 5 },
  total_tokens: 20,
};

/** What a response says of what its body left out. */
const unsaid: Json = {
  background: false,
  error: null,
  frequency_penalty: 0,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  presence_penalty: 0,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: "default",
  temperature: 1,
  text: { format: { type: "text" }, verbosity: "medium" },
  tool_choice: "auto",
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: "disabled",
};

/** The output of a response: what tools, the model's name and the body ask for. */
function outputOf(body: Json): Json[] {
  const text = `Answer to ${fingerprint(body)}.`;
  const wantsSealed = body.include?.includes("reasoning.encrypted_content");
  const reasoning = {
    id: "rs_1",
    type: "reasoning",
    summary: [{ type: "summary_text", text: "Thinking **hard**" }],
    ...(wantsSealed && { encrypted_content: "gAAAA-sealed" }),
  };
  const part = { type: "output_text", text, annotations: annotationsOf(body), logprobs: [] };
  const message = { id: "msg_1", type: "message", role: "assistant", status: "completed", content: [part] };
  const calls = (body.tools ?? []).map((tool: Json, at: number) => {
    if (tool.type === "function") {
      const written = JSON.stringify({ text });
      return {
        id: `fc_${at}`,
        type: "function_call",
        call_id: `call_${at}`,
        name: tool.name,
        arguments: written,
        status: "completed",
      };
    }
    if (tool.type === "custom")
      return {
        id: `ctc_${at}`,
        type: "custom_tool_call",
        call_id: `call_${at}`,
        name: tool.name,
        input: "free",
        status: "completed",
      };
    return {
      id: `ws_${at}`,
      type: `${tool.type}_call`,
      status: "completed",
      action: { type: "search", query: "q" },
    };
  });
  const refusal = { ...message, content: [{ type: "refusal", refusal: "No." }] };
  const spoken = body.model === "refusal" ? refusal : message;
  const output = body.reasoning || body.model === "reasoning" ? [reasoning] : [];
  return calls.length > 0 && body.tool_choice !== "none" ? [...output, ...calls] : [...output, spoken];
}

function annotationsOf(body: Json): Json[] {
  const cited = {
    type: "url_citation",
    start_index: 0,
    end_index: 3,
    url: "https://a.example",
    title: "A ☂",
  };
  return body.model === "annotations" ? [cited] : [];
}

export function responseAnswer(body: Json): Json {
  const { model, input: _, stream: __, include: ___, ...echoed } = body;
  const ends: Record<string, Json> = {
    incomplete: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
    failed: { status: "failed", error: { code: "server_error", message: "It broke." } },
  };
  return {
    id: "resp_abc",
    object: "response",
    created_at: 1_700_000_000,
    completed_at: 1_700_000_002,
    ...unsaid,
    ...echoed,
    tools: ((body.tools ?? []) as Json[]).map((tool) =>
      tool.type === "function" ? { description: null, parameters: null, strict: true, ...tool } : tool,
    ),
    status: "completed",
    model: `${model}-2026-01-01`,
    output: outputOf(body),
    usage: model === "no-usage" ? null : usage,
    ...(model === "vendor" && { vendor_thing: { deep: [1, null, "x"] }, billing: { payer: "developer" } }),
    ...ends[String(model)],
  };
}

export function responseEvents(body: Json): Json[] {
  const whole = responseAnswer(body);
  const begun = {
    ...whole,
    status: "in_progress",
    completed_at: null,
    error: null,
    incomplete_details: null,
    output: [],
    usage: null,
  };
  const events: Json[] = [
    { type: "response.created", response: begun },
    { type: "response.in_progress", response: begun },
  ];
  if (body.model === "vendor") events.push({ type: "vendor:progress", percent: 50, deep: { a: [1] } });
  for (const [index, item] of (whole.output as Json[]).entries()) events.push(...itemEvents(item, index));
  events.push({ type: `response.${whole.status}`, response: whole });
  return events.map((event, at) => ({ ...event, sequence_number: at }));
}

function itemEvents(item: Json, index: number): Json[] {
  const at = { item_id: item.id, output_index: index };
  const open: Json = { ...item, status: "in_progress" };
  const events: Json[] = [];
  const pieces = (text: string) => text.match(/[\s\S]{1,6}/gu) ?? [];
  const tell = (type: string, text: string, end: Json, where: Json = {}) => {
    for (const delta of pieces(text))
      events.push({ type: `response.${type}.delta`, ...at, ...where, delta, obfuscation: "x1" });
    events.push({ type: `response.${type}.done`, ...at, ...where, ...end });
  };
  for (const [content_index, part] of (item.content ?? []).entries()) {
    const field = part.type === "refusal" ? "refusal" : "text";
    open.content = [];
    events.push({
      type: "response.content_part.added",
      ...at,
      content_index,
      part: { ...part, [field]: "" },
    });
    const logprobs = field === "text" && { logprobs: [] };
    tell(part.type, part[field], { [field]: part[field] }, { content_index, ...logprobs });
    events.push({ type: "response.content_part.done", ...at, content_index, part });
  }
  for (const [summary_index, part] of (item.summary ?? []).entries()) {
    open.summary = [];
    events.push({
      type: "response.reasoning_summary_part.added",
      ...at,
      summary_index,
      part: { ...part, text: "" },
    });
    tell("reasoning_summary_text", part.text, { text: part.text }, { summary_index });
    events.push({ type: "response.reasoning_summary_part.done", ...at, summary_index, part });
  }
  const { name, arguments: written, input } = item;
  if (item.type === "function_call") tell("function_call_arguments", written, { name, arguments: written });
  if (item.type === "custom_tool_call") tell("custom_tool_call_input", input, { input });
  if (String(item.type).endsWith("search_call"))
    events.push({ type: `response.${item.type}.searching`, ...at });
  return [
    { type: "response.output_item.added", output_index: index, item: open },
    ...events,
    { type: "response.output_item.done", output_index: index, item },
  ];
}
