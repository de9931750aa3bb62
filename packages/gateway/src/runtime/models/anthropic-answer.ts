import type { Usage } from "openclaw-protocol";
import { wire } from "./anthropic-turns.ts";
import { pack } from "./opaque.ts";
import { createUsageReader } from "./pass-usage.ts";
import type { ModelEvent } from "./types.ts";

type Json = Record<string, unknown>;
type Finish = Extract<ModelEvent, { type: "finish" }>;

/** Turns the events of one message into ours. */
export interface MessageReader {
  take(event: Json, events: ModelEvent[]): void;
  /** What is left to say once the stream has ended. */
  end(): ModelEvent[];
}

/** A block of the answer that has begun. */
interface Block {
  type: unknown;
  /** Of a call: its place among the calls; -1 of others. */
  index: number;
  id: string;
  name: string;
  /** What was thought, or the input of a call, so far. */
  text: string;
  signature: string;
  /** The input of a call, where it came at once and not in pieces. */
  input: unknown;
}

/** The others end a turn in good order: https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
const reasons: Readonly<Record<string, Finish["reason"]>> = {
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "content_filter",
};

/**
 * `answerTool`: the tool by which the answer itself is given. What is written for it is the text of the answer, and
 * what is said beside it is none.
 */
export function createMessageReader(answerTool: string | undefined): MessageReader {
  const usageReader = createUsageReader("messages");
  const blocks = new Map<unknown, Block>();
  let usage: Usage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 };
  let reasoningTokens = 0;
  let calls = 0;
  let isAnswered = false;
  let beside = "";
  let reason: unknown;
  let stopSequence: unknown;

  function say(delta: unknown, events: ModelEvent[]): void {
    if (typeof delta !== "string" || delta === "") return;
    if (answerTool === undefined) events.push({ type: "text", delta });
    else beside += delta;
  }

  function think(block: Block | undefined, delta: unknown, events: ModelEvent[]): void {
    if (!block || typeof delta !== "string" || delta === "") return;
    block.text += delta;
    events.push({ type: "thinking", delta });
  }

  function begin(raw: Json, events: ModelEvent[]): Block {
    const { type, input } = raw;
    const isCall = type === "tool_use" && raw.name !== answerTool;
    const index = isCall ? calls++ : -1;
    const id = text(raw.id);
    const name = text(raw.name);
    const block = { type, index, id, name, text: "", signature: text(raw.signature), input };
    if (isCall) events.push({ type: "tool.delta", index, id, name, delta: "" });
    else if (type === "text") say(raw.text, events);
    else if (type === "thinking") think(block, raw.thinking, events);
    else if (type === "redacted_thinking") {
      const opaque = pack(wire, { [wire]: { redactedData: raw.data } });
      events.push({ type: "reasoning", block: { text: "", opaque } });
    } else if (type === "tool_use") isAnswered = true;
    return block;
  }

  function add(block: Block | undefined, delta: Json, events: ModelEvent[]): void {
    if (delta.type === "text_delta") say(delta.text, events);
    else if (delta.type === "thinking_delta") think(block, delta.thinking, events);
    else if (block && delta.type === "signature_delta") block.signature += text(delta.signature);
    else if (block?.type === "tool_use" && delta.type === "input_json_delta") {
      const piece = text(delta.partial_json);
      if (piece === "") return;
      block.text += piece;
      const { index, id, name } = block;
      if (index >= 0) events.push({ type: "tool.delta", index, id, name, delta: piece });
      else events.push({ type: "text", delta: piece });
    }
  }

  function finish(block: Block, events: ModelEvent[]): void {
    const { type, index, id, name, signature } = block;
    if (type === "thinking" && (block.text !== "" || signature !== "")) {
      const opaque = signature === "" ? undefined : pack(wire, { [wire]: { signature } });
      events.push({ type: "reasoning", block: { text: block.text, ...(opaque && { opaque }) } });
    }
    if (type !== "tool_use") return;
    const written = block.text === "" ? JSON.stringify(block.input ?? {}) : block.text;
    if (index >= 0) events.push({ type: "tool.call", index, call: { id, name, arguments: written } });
    else if (block.text === "") events.push({ type: "text", delta: written });
  }

  return {
    take(event, events) {
      const { type, index } = event;
      if (type === "content_block_delta") add(blocks.get(index), object(event.delta), events);
      else if (type === "content_block_start") blocks.set(index, begin(object(event.content_block), events));
      else if (type === "content_block_stop") {
        const block = blocks.get(index);
        blocks.delete(index);
        if (block) finish(block, events);
      } else if (type === "message_start" || type === "message_delta") {
        usage = usageReader.take(event) ?? usage;
        const thought = object(object(event.usage).output_tokens_details).thinking_tokens;
        if (typeof thought === "number") reasoningTokens = thought;
        const delta = object(event.delta);
        reason = delta.stop_reason ?? reason;
        stopSequence = delta.stop_sequence ?? stopSequence;
      }
    },
    end() {
      const events: ModelEvent[] = [];
      for (const block of blocks.values()) finish(block, events);
      if (beside !== "" && !isAnswered) events.push({ type: "text", delta: beside });
      events.push({
        type: "finish",
        reason: reasons[text(reason)] ?? (calls > 0 ? "tool_calls" : "stop"),
        usage: reasoningTokens > 0 ? { ...usage, reasoningTokens } : usage,
        ...(typeof stopSequence === "string" && { stopSequence }),
      });
      return events;
    },
  };
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {}; // just checked
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
