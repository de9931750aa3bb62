import type { TestContext } from "node:test";
import type { ModelEvent, ModelRequest } from "../../src/runtime/models/types.ts";
import { setUp } from "./wire-under-test.ts";

type Json = Record<string, unknown>;

/** As https://developers.openai.com/api/reference/resources/responses/streaming-events shows them. */
export const event = (type: string, more: Json = {}): Json => ({ type: `response.${type}`, ...more });
export const sse = (events: readonly Json[]): string =>
  events
    .map((it, index) => `event: ${it.type}\ndata: ${JSON.stringify({ sequence_number: index, ...it })}\n\n`)
    .join("");
const usage = {
  input_tokens: 75,
  input_tokens_details: { cached_tokens: 64 },
  output_tokens: 300,
  output_tokens_details: { reasoning_tokens: 256 },
  total_tokens: 375,
};
export const response = (more: Json = {}): Json => ({
  id: "resp_67c9fdcecf488190bdd9a0409de3a1ec07b8b0ad4e5eb654",
  object: "response",
  created_at: 1741290958,
  status: "completed",
  error: null,
  incomplete_details: null,
  model: "gpt-5-2025-08-07",
  output: [],
  usage,
  ...more,
});
export const begin = [
  event("created", { response: response({ status: "in_progress", usage: null }) }),
  event("in_progress", { response: response({ status: "in_progress", usage: null }) }),
];
export const completed = event("completed", { response: response() });

export const message = { type: "message", id: "msg_1", role: "assistant" };
export const added = (at: number, item: Json): Json => event("output_item.added", { output_index: at, item });
export const done = (at: number, item: Json): Json => event("output_item.done", { output_index: at, item });
export const said = (at: number, ...deltas: string[]): Json[] => [
  added(at, { ...message, status: "in_progress", content: [] }),
  event("content_part.added", { output_index: at, item_id: "msg_1", content_index: 0 }),
  ...deltas.map((delta) =>
    event("output_text.delta", { output_index: at, item_id: "msg_1", content_index: 0, delta }),
  ),
  event("output_text.done", { output_index: at, item_id: "msg_1", content_index: 0, text: deltas.join("") }),
  done(at, {
    ...message,
    status: "completed",
    content: [{ type: "output_text", text: deltas.join(""), annotations: [] }],
  }),
];
export const thought = (id: string, more: Json = {}): Json => ({
  type: "reasoning",
  id,
  summary: [],
  ...more,
});
export const call = (id: string, json: string) => ({
  type: "function_call",
  id: `fc_${id}`,
  call_id: id,
  name: "look",
  arguments: json,
});
export const piece = (at: number, id: string, delta: string): Json =>
  event("function_call_arguments.delta", { output_index: at, item_id: `fc_${id}`, delta });

export const opaque = (fields: Json) => ({ wire: "openai", metadata: { openai: fields } });
const counted = {
  promptTokens: 75,
  completionTokens: 300,
  totalTokens: 375,
  reasoningTokens: 256,
  cachedTokens: 64,
};
export const finish = (reason: string): Json => ({ type: "finish", reason, usage: counted });
export const toolCall = (index: number, id: string, json: string): Json => ({
  type: "tool.call",
  index,
  call: { id, name: "look", arguments: json, opaque: opaque({ itemId: `fc_${id}` }) },
});
export const toolDelta = (index: number, id: string, delta: string): Json => ({
  type: "tool.delta",
  index,
  id,
  name: "look",
  delta,
});
export const look = { name: "look", description: "Looks", parameters: { type: "object" } };

/** What the wire makes of a stream of these events. */
export async function read(
  t: TestContext,
  events: readonly Json[],
  more: Partial<ModelRequest> = {},
): Promise<ModelEvent[]> {
  const { ask } = await setUp(t, "responses", { script: [{ raw: sse(events) }, { stop: true }] });
  return ask({ tools: [look], ...more });
}
