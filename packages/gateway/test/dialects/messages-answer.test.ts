import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { messagesAnswer, messagesStreamEvent } from "openclaw-protocol";
import type { AnswerWriter } from "../../src/api/dialects/dialect.ts";
import { messages } from "../../src/api/dialects/messages/dialect.ts";
import { carriedBy, signatureOf, withoutOurs } from "../../src/api/dialects/messages/signature.ts";
import { GatewayError } from "../../src/lib/errors.ts";
import type { ModelEvent, PromptMessage } from "../../src/runtime/models/types.ts";
import type { ResolvedModel } from "../../src/services/models/models.ts";
import answers from "./fixtures/messages/answers.json" with { type: "json" };

/** Pieces of an answer, looked into as a client would. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the writer wrote
type Piece = Record<string, any>;

const body = { model: "some/model", max_tokens: 64, messages: [{ role: "user", content: "Hello" }] };

function writerFor(change: object = {}): AnswerWriter {
  return messages.writer(
    { id: "msg_1", created: 1, now: () => 1, model: "some/model" },
    { ...body, ...change },
  );
}

function written(events: readonly unknown[], change?: object) {
  const writer = writerFor(change);
  const pieces = events.flatMap((it) => writer.take(it as ModelEvent)) as Piece[]; // from a fixture
  return { pieces, whole: writer.whole() as Piece };
}

/** A piece in a word. */
function told(piece: Piece): string {
  switch (piece.type) {
    case "content_block_start":
      return `start ${piece.index} ${piece.content_block.type}`;
    case "content_block_delta": {
      const { delta } = piece;
      if (delta.type === "signature_delta") return `signature ${piece.index}`;
      if (delta.type === "input_json_delta") return `json ${delta.partial_json}`;
      return delta.type === "text_delta" ? `text ${delta.text}` : `thinking ${delta.thinking}`;
    }
    case "content_block_stop":
      return `stop ${piece.index}`;
    case "message_delta":
      return [piece.type, piece.delta.stop_reason, piece.delta.stop_sequence ?? ""].join(" ").trim();
    default:
      return piece.type;
  }
}

/** What a client makes of the events: one block at a time, each closed before the next begins. */
function gathered(pieces: readonly Piece[]): Piece {
  let message: Piece = {};
  let open = -1;
  for (const piece of pieces) {
    assert.ok(messagesStreamEvent.safeParse(piece).success, JSON.stringify(piece));
    if (piece.type === "message_start") message = structuredClone(piece.message);
    else if (piece.type === "content_block_start") {
      assert.equal(open, -1);
      assert.equal(piece.index, message.content.length);
      open = piece.index;
      message.content.push({ ...piece.content_block, json: "" });
    } else if (piece.type === "content_block_delta") {
      assert.equal(piece.index, open);
      const block = message.content[open];
      const { type: _, partial_json: json = "", ...delta } = piece.delta;
      block.json += json;
      for (const [name, value] of Object.entries(delta)) block[name] += value;
    } else if (piece.type === "content_block_stop") {
      assert.equal(piece.index, open);
      const { json, ...block } = message.content[open];
      message.content[open] = json === "" ? block : { ...block, input: JSON.parse(json) };
      open = -1;
    } else if (piece.type === "message_delta") {
      message = { ...message, ...piece.delta, usage: { ...message.usage, ...piece.usage } };
    }
  }
  return message;
}

describe("our events become a message", () => {
  for (const { name, events, stream, content, usage } of answers) {
    test(name, () => {
      const { pieces, whole } = written(events);
      assert.deepEqual(pieces.map(told), stream);
      assert.ok(messagesAnswer.safeParse(whole).success);
      assert.deepEqual(gathered(pieces), whole, "the stream tells what the whole answer is");
      const read = whole.content.map(({ signature, ...block }: Piece) =>
        signature === undefined ? block : { ...block, carried: carriedBy(signature) },
      );
      assert.deepEqual(read, content);
      for (const [key, value] of Object.entries(usage ?? {})) assert.deepEqual(whole.usage[key], value);
    });
  }
});

test("the beginning estimates the request, the end counts it", () => {
  const [first] = answers;
  const { pieces } = written(first!.events, { system: "x".repeat(400) });
  assert.ok(pieces[0]!.message.usage.input_tokens >= 100);
  assert.equal(pieces[0]!.message.id, "msg_1");
  assert.equal(pieces[0]!.message.model, "some/model");
  assert.equal(pieces.at(-2)!.usage.input_tokens, 6);
});

test("thoughts that shall be omitted still carry what their provider wants back", () => {
  const { pieces, whole } = written(answers[0]!.events, {
    thinking: { type: "adaptive", display: "omitted" },
  });
  assert.deepEqual(
    pieces.map(told).filter((it) => it.startsWith("thinking")),
    [],
  );
  assert.equal(whole.content[0].thinking, "");
  assert.ok(carriedBy(whole.content[0].signature)?.opaque);
});

test("what thoughts and calls carry is there again when a client sends its answer back", () => {
  for (const { content: _, events } of answers) {
    const { whole } = written(events);
    const results = whole.content.flatMap((it: Piece) =>
      it.type === "tool_use" ? [{ type: "tool_result", tool_use_id: it.id, content: "ok" }] : [],
    );
    const { request } = messages.translate(
      {
        ...body,
        messages: [
          ...body.messages,
          { role: "assistant", content: whole.content },
          { role: "user", content: [...results, { type: "text", text: "?" }] },
        ],
      },
      {
        id: "some/model",
        api: "google-generative-ai",
        facts: { thinking: ["off"] },
        levels: ["off"],
      } as unknown as ResolvedModel,
    );
    const said = request.messages.find((it) => it.role === "assistant") as
      | Extract<PromptMessage, { role: "assistant" }>
      | undefined; // found by its role
    const calls = (events as ModelEvent[]).flatMap((it) => (it.type === "tool.call" ? [it.call] : []));
    assert.deepEqual(
      (said?.toolCalls ?? []).map(({ id, opaque }) => [id, opaque]),
      calls.map(({ id, opaque }) => [id, opaque]),
    );
    const thoughts = (events as ModelEvent[]).flatMap((it) => (it.type === "reasoning" ? [it.block] : []));
    for (const [at, thought] of thoughts.entries()) assert.deepEqual(said?.reasoning?.[at], thought);
  }
});

test("signatures that are not ours carry nothing, and ours are taken out for the vendor", () => {
  for (const it of ["", "EqQBCgIYAhIM", "oc1.", "oc1.e30x", "oc1.WzFd", undefined]) {
    assert.equal(carriedBy(it), undefined, String(it));
  }
  assert.deepEqual(carriedBy(signatureOf({})), {});
  const theirs = { type: "thinking", thinking: "a", signature: "EqQB" };
  const ours = { type: "thinking", thinking: "b", signature: signatureOf({ opaque: 1 }) };
  const said = {
    messages: [
      { role: "user", content: "x" },
      { role: "assistant", content: [theirs, ours] },
    ],
  };
  assert.deepEqual(withoutOurs(said).messages[1]!.content, [theirs]);
  assert.equal(said.messages[1]!.content.length, 2);
});

test("a provider's own answer gets our name of the model, and nothing else changes", () => {
  const start = { type: "message_start", message: { type: "message", id: "msg_x", model: "claude" } };
  messages.relabel(start, "anthropic/claude");
  assert.deepEqual(start.message, { type: "message", id: "msg_x", model: "anthropic/claude" });
  const whole = { type: "message", id: "chat-1", model: "claude" };
  messages.relabel(whole, "anthropic/claude");
  assert.deepEqual(whole, { type: "message", id: "msg_chat-1", model: "anthropic/claude" });
  const delta = { type: "message_delta", delta: {} };
  messages.relabel(delta, "anthropic/claude");
  assert.deepEqual(delta, { type: "message_delta", delta: {} });
  assert.equal(messages.encode(delta), 'event: message_delta\ndata: {"type":"message_delta","delta":{}}\n\n');
});

test("errors stand in the vendor's envelope, with our code beside them and parameters by their names here", () => {
  const error = new GatewayError("invalid_request", "stop cannot be used with this model: x.", {
    param: "stop",
  });
  assert.deepEqual(messages.failure(error.toDetail("req-1"), error.status), {
    type: "error",
    error: {
      type: "invalid_request_error",
      message: "stop_sequences cannot be used with this model: x.",
      code: "invalid_request",
      param: "stop_sequences",
      requestId: "req-1",
    },
    request_id: "req-1",
  });
  const types = Object.fromEntries(
    (["unauthorized", "forbidden", "not_found", "payload_too_large", "rate_limited"] as const).map((code) => {
      const { error: detail } = messages.failure(
        new GatewayError(code, "x").toDetail(),
        new GatewayError(code, "x").status,
      ) as Piece;
      return [code, detail.type];
    }),
  );
  assert.deepEqual(types, {
    unauthorized: "authentication_error",
    forbidden: "permission_error",
    not_found: "not_found_error",
    payload_too_large: "request_too_large",
    rate_limited: "rate_limit_error",
  });
});
