import assert from "node:assert/strict";
import { test } from "node:test";
import { ContextOverflow } from "../../src/runtime/models/context-overflow.ts";
import { UpstreamFailure } from "../../src/runtime/models/upstream-failure.ts";
import {
  begin,
  call,
  completed,
  done,
  event,
  finish,
  look,
  message,
  opaque,
  read,
  response,
  said,
  sse,
  thought,
  toolCall,
  toolDelta,
} from "./responses-events.ts";
import { failure, only, setUp, textOf } from "./wire-under-test.ts";

type Json = Record<string, unknown>;

test("responses: every reason to stop", async (t) => {
  const end = (type: string, reason?: string): Json =>
    event(type, { response: response({ incomplete_details: reason === undefined ? null : { reason } }) });
  const refusal = event("refusal.delta", { output_index: 0, item_id: "msg_1", delta: "no" });
  const called = done(1, call("a", "{}"));
  const cases: [Json[], string][] = [
    [[end("completed")], "stop"],
    [[end("incomplete", "max_output_tokens")], "length"],
    [[called, end("incomplete", "max_output_tokens")], "length"],
    [[end("incomplete", "content_filter")], "content_filter"],
    [[end("incomplete", "something_new")], "stop"],
    [[end("incomplete")], "stop"],
    [[refusal, end("completed")], "content_filter"],
    [[refusal, called, end("completed")], "tool_calls"],
    [[called, end("completed")], "tool_calls"],
    [[end("failed", "max_output_tokens")], "length"],
  ];
  for (const [events, reason] of cases) {
    const all = await read(t, [...begin, ...said(0, "a"), ...events]);
    assert.deepEqual(
      only(all, "finish").map((it) => it.reason),
      [reason],
    );
    assert.equal(all.at(-1)!.type, "finish");
  }
});

test("responses: an answer without usage counts nothing", async (t) => {
  const events = await read(t, [
    ...begin,
    ...said(0, "a"),
    event("completed", { response: { status: "completed" } }),
  ]);
  assert.deepEqual(only(events, "finish")[0]!.usage, {
    promptTokens: 0,
    completionTokens: 0,
    totalTokens: 0,
  });
});

test("responses: a character that arrives in two reads is whole", async (t) => {
  const { ask, fake } = await setUp(t, "responses");
  const bytes = Buffer.from(sse([...begin, ...said(0, "grün 🌱"), completed]));
  const middle = bytes.indexOf(Buffer.from("🌱")) + 2;
  fake.serve((answer) => {
    answer.writeHead(200, { "content-type": "text/event-stream" });
    answer.write(bytes.subarray(0, middle));
    setTimeout(() => answer.end(bytes.subarray(middle)), 30);
  });
  assert.equal(textOf(await ask()), "grün 🌱");
});

test("responses: a provider that answers in one body is read as one that streams", async (t) => {
  const { ask, fake } = await setUp(t, "responses");
  const output = [
    thought("rs_1", { summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "sealed" }),
    { ...message, content: [{ type: "output_text", text: "whole", annotations: [] }] },
    call("a", '{"x":1}'),
  ];
  fake.script([{ status: 200, body: response({ output }) }]);
  assert.deepEqual(await ask({ tools: [look] }), [
    { type: "thinking", delta: "hm" },
    {
      type: "reasoning",
      block: { text: "hm", opaque: opaque({ itemId: "rs_1", reasoningEncryptedContent: "sealed" }) },
    },
    { type: "text", delta: "whole" },
    toolDelta(0, "a", ""),
    toolDelta(0, "a", '{"x":1}'),
    toolCall(0, "a", '{"x":1}'),
    finish("tool_calls"),
  ]);
  const cut = response({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
  fake.script([{ status: 200, body: cut }]);
  assert.deepEqual(await ask(), [finish("length")]);
  const failed = response({ status: "failed", error: { code: "server_error", message: "fell over" } });
  fake.script([{ status: 200, body: failed }]);
  assert.match((await failure(ask())).message, /fell over/);
  fake.script([{ status: 200, body: { error: { message: "no such thing" } } }]);
  assert.match((await failure(ask())).message, /no such thing/);
});

test("responses: an error's code says what is wrong, within the stream and at its end", async (t) => {
  const { ask, fake } = await setUp(t, "responses");
  const cases: [code: string, expected: string, fault?: string][] = [
    ["server_error", "upstream_error", "down"],
    ["rate_limit_exceeded", "rate_limited", "limit"],
    ["insufficient_quota", "rate_limited", "money"],
    ["server_is_overloaded", "upstream_error", "down"],
    ["invalid_api_key", "upstream_error", "key"],
    ["invalid_prompt", "invalid_request"],
    ["image_parse_error", "invalid_request"],
    ["model_not_found", "not_found", "model"],
  ];
  for (const [code, expected, fault] of cases) {
    const error = { code, message: "what went wrong" };
    const frames = [
      { type: "error", ...error, param: null },
      { type: "error", error: { type: "some_error", ...error } },
      { error },
      event("failed", { response: response({ status: "failed", error }) }),
    ];
    for (const frame of frames) {
      fake.script([{ raw: sse([...begin, ...said(0, "a"), frame]) }, { stop: true }]);
      const thrown = await failure(ask());
      assert.equal(thrown.code, expected, code);
      if (fault) assert.equal(thrown instanceof UpstreamFailure && thrown.fault, fault, code);
    }
  }
  const error = { code: "context_length_exceeded", message: "Your input exceeds the context window." };
  fake.script([{ raw: sse([{ type: "error", error }]) }, { stop: true }]);
  assert.ok((await failure(ask())) instanceof ContextOverflow);
});

test("responses: an answer that stops before its end is cut off, [DONE] or not", async (t) => {
  for (const end of ["", "data: [DONE]\n\n"]) {
    const { ask } = await setUp(t, "responses", {
      script: [{ raw: sse([...begin, ...said(0, "a")]) + end }, { stop: true }],
    });
    assert.match((await failure(ask())).message, /ended its answer early/);
  }
});
