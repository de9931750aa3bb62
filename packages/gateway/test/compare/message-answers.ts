import type { Json } from "../support/gateway.ts";
import { fingerprint } from "./fingerprint.ts";

const usage = {
  input_tokens: 11,
  output_tokens: 7,
  cache_creation_input_tokens: 2,
  cache_read_input_tokens: 1,
  cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 0 },
  service_tier: "standard",
};

export function messageAnswer(body: Json): Json {
  const text = `Answer to ${fingerprint(body)}. ünï 🎈`;
  const content: Json[] = [];
  if (body.thinking?.type === "enabled")
    content.push(
      { type: "thinking", thinking: "Let me see.", signature: "EqQBCg==" },
      { type: "redacted_thinking", data: "Emwk" },
    );
  content.push({
    type: "text",
    text,
    ...(body.model === "annotations" && { citations: [{ type: "char_location", cited_text: "c" }] }),
  });
  let stop: string = "end_turn";
  for (const [at, tool] of ((body.tools ?? []) as Json[]).entries()) {
    stop = "tool_use";
    content.push({
      type: "tool_use",
      id: `toolu_${at}`,
      name: tool.name,
      input: { text, nested: { a: [null, 1.5] } },
    });
  }
  if (body.stop_sequences) stop = "stop_sequence";
  if (["max_tokens", "refusal", "pause_turn", "made_up"].includes(body.model)) stop = body.model;
  return {
    id: "msg_01abc",
    type: "message",
    role: "assistant",
    model: `${body.model}-2026-01-01`,
    content,
    stop_reason: stop,
    stop_sequence: body.stop_sequences?.[0] ?? null,
    usage,
    ...(body.model === "vendor" && { container: { id: "c_1" }, context_management: { applied_edits: [] } }),
  };
}

export function messageEvents(body: Json): Json[] {
  const { content, stop_reason, stop_sequence, ...rest } = messageAnswer(body);
  const events: Json[] = [
    { type: "message_start", message: { ...rest, content: [], stop_reason: null, stop_sequence: null } },
    { type: "ping" },
  ];
  for (const [index, block] of (content as Json[]).entries()) {
    const { start, deltas } = piecesOf(block);
    events.push({ type: "content_block_start", index, content_block: start });
    for (const delta of deltas) events.push({ type: "content_block_delta", index, delta });
    events.push({ type: "content_block_stop", index });
  }
  if (body.model === "vendor") events.push({ type: "vendor_event", anything: [1, { b: null }] });
  events.push({
    type: "message_delta",
    delta: { stop_reason, stop_sequence },
    usage: { output_tokens: 7, server: 1 },
  });
  return [...events, { type: "message_stop" }];
}

function piecesOf(block: Json): { start: Json; deltas: Json[] } {
  const pieces = (text: string): string[] => text.match(/[\s\S]{1,8}/gu) ?? [];
  switch (block.type) {
    case "text":
      return {
        start: { ...block, text: "" },
        deltas: pieces(block.text).map((text) => ({ type: "text_delta", text })),
      };
    case "thinking": {
      const thoughts = pieces(block.thinking).map((thinking) => ({ type: "thinking_delta", thinking }));
      const signed = { type: "signature_delta", signature: block.signature };
      return { start: { type: "thinking", thinking: "", signature: "" }, deltas: [...thoughts, signed] };
    }
    case "tool_use": {
      const deltas = ["", ...pieces(JSON.stringify(block.input))];
      return {
        start: { ...block, input: {} },
        deltas: deltas.map((partial_json) => ({ type: "input_json_delta", partial_json })),
      };
    }
    default:
      return { start: block, deltas: [] };
  }
}
