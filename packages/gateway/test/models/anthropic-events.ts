import type { TestContext } from "node:test";
import type { ModelEvent, ModelRequest } from "../../src/runtime/models/types.ts";
import type { FakeStep } from "../support/fake-model.ts";
import { setUp } from "./wire-under-test.ts";

type Json = Record<string, unknown>;

/** As https://platform.claude.com/docs/en/build-with-claude/streaming shows them. */
export const sse = (events: readonly Json[]): string =>
  events.map((it) => `event: ${it.type}\ndata: ${JSON.stringify(it)}\n\n`).join("");

export const message = (more: Json = {}): Json => ({
  id: "msg_01HCDu5LRGeP2o7s2xGmxyx8",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5-20250929",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: {
    input_tokens: 11,
    cache_creation_input_tokens: 7,
    cache_read_input_tokens: 5,
    cache_creation: { ephemeral_5m_input_tokens: 7, ephemeral_1h_input_tokens: 0 },
    output_tokens: 3,
    service_tier: "standard",
  },
  ...more,
});
export const begin: Json = { type: "message_start", message: message() };
export const ping: Json = { type: "ping" };
export const start = (index: number, block: Json): Json => ({
  type: "content_block_start",
  index,
  content_block: block,
});
export const add = (index: number, type: string, more: Json): Json => ({
  type: "content_block_delta",
  index,
  delta: { type, ...more },
});
export const stop = (index: number): Json => ({ type: "content_block_stop", index });
export const said = (index: number, ...pieces: string[]): Json[] => [
  start(index, { type: "text", text: "" }),
  ...pieces.map((text) => add(index, "text_delta", { text })),
  stop(index),
];
export const thought = (index: number, signature: string, ...pieces: string[]): Json[] => [
  start(index, { type: "thinking", thinking: "", signature: "" }),
  ...pieces.map((thinking) => add(index, "thinking_delta", { thinking })),
  ...(signature === "" ? [] : [add(index, "signature_delta", { signature })]),
  stop(index),
];
export const called = (index: number, id: string, name: string, ...pieces: string[]): Json[] => [
  start(index, { type: "tool_use", id, name, input: {} }),
  ...pieces.map((json) => add(index, "input_json_delta", { partial_json: json })),
  stop(index),
];
export const end = (
  stop_reason: string | null,
  more: Json = {},
  usage: Json = { output_tokens: 15 },
): Json[] => [
  { type: "message_delta", delta: { stop_reason, stop_sequence: null, ...more }, usage },
  { type: "message_stop" },
];

/** Of `begin` and `end`. */
export const counted = { promptTokens: 23, completionTokens: 15, totalTokens: 38, cachedTokens: 5 };
export const opaque = (fields: Json) => ({ wire: "anthropic", metadata: { anthropic: fields } });

export function steps(events: readonly Json[]): FakeStep[] {
  return [{ raw: sse(events) }, { stop: true }];
}

/** What the wire makes of a stream of these events. */
export async function read(
  t: TestContext,
  events: readonly Json[],
  more: Partial<ModelRequest> = {},
): Promise<ModelEvent[]> {
  const { ask } = await setUp(t, "anthropic", { script: steps(events) });
  return ask(more);
}
