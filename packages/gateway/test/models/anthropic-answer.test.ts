import assert from "node:assert/strict";
import { test } from "node:test";
import {
  add,
  begin,
  called,
  counted,
  end,
  message,
  opaque,
  ping,
  read,
  said,
  sse,
  start,
  stop,
  thought,
} from "./anthropic-events.ts";
import { only, setUp, textOf } from "./wire-under-test.ts";

type Json = Record<string, unknown>;

const finish = (reason: string, more: Json = {}): Json => ({
  type: "finish",
  reason,
  usage: counted,
  ...more,
});
const delta = (index: number, id: string, name: string, piece: string): Json => ({
  type: "tool.delta",
  index,
  id,
  name,
  delta: piece,
});
const call = (index: number, id: string, name: string, json: string): Json => ({
  type: "tool.call",
  index,
  call: { id, name, arguments: json },
});

test("anthropic: thoughts, text and calls come in their order, each with what was signed", async (t) => {
  const events = await read(t, [
    begin,
    ping,
    ...thought(0, "EqQBCgIYAhIM1gbcDa9GJwZA", "Let me ", "see."),
    start(1, { type: "redacted_thinking", data: "EmwKAhgBEgy3va3pzix" }),
    stop(1),
    ...said(2, "I'll look", " twice."),
    ...called(3, "toolu_1", "look", "", '{"x"', ": 1}"),
    ...thought(4, "Ssecond", "And"),
    ...called(5, "toolu_2", "now", ""),
    ...end("tool_use"),
  ]);
  assert.deepEqual(events, [
    { type: "thinking", delta: "Let me " },
    { type: "thinking", delta: "see." },
    {
      type: "reasoning",
      block: { text: "Let me see.", opaque: opaque({ signature: "EqQBCgIYAhIM1gbcDa9GJwZA" }) },
    },
    { type: "reasoning", block: { text: "", opaque: opaque({ redactedData: "EmwKAhgBEgy3va3pzix" }) } },
    { type: "text", delta: "I'll look" },
    { type: "text", delta: " twice." },
    delta(0, "toolu_1", "look", ""),
    delta(0, "toolu_1", "look", '{"x"'),
    delta(0, "toolu_1", "look", ": 1}"),
    call(0, "toolu_1", "look", '{"x": 1}'),
    { type: "thinking", delta: "And" },
    { type: "reasoning", block: { text: "And", opaque: opaque({ signature: "Ssecond" }) } },
    delta(1, "toolu_2", "now", ""),
    call(1, "toolu_2", "now", "{}"),
    finish("tool_calls"),
  ]);
});

test("anthropic: calls whose pieces come in turns stay apart", async (t) => {
  const events = await read(t, [
    begin,
    start(0, { type: "tool_use", id: "a", name: "look", input: {} }),
    start(1, { type: "tool_use", id: "b", name: "now", input: {} }),
    add(0, "input_json_delta", { partial_json: '{"x":' }),
    add(1, "input_json_delta", { partial_json: '{"y":2}' }),
    add(0, "input_json_delta", { partial_json: "1}" }),
    stop(1),
    stop(0),
    ...end("tool_use"),
  ]);
  assert.deepEqual(
    only(events, "tool.call").map((it) => [it.index, it.call.id, it.call.arguments]),
    [
      [1, "b", '{"y":2}'],
      [0, "a", '{"x":1}'],
    ],
  );
});

test("anthropic: what is in a block from its beginning counts, and so does what is never closed", async (t) => {
  const events = await read(t, [
    begin,
    start(0, { type: "thinking", thinking: "hm", signature: "S0" }),
    stop(0),
    start(1, { type: "text", text: "Hel" }),
    add(1, "text_delta", { text: "lo" }),
    start(2, { type: "tool_use", id: "a", name: "look", input: { x: 1 } }),
    start(3, { type: "tool_use", id: "b", name: "look", input: {} }),
    add(3, "input_json_delta", { partial_json: '{"x": "cut o' }),
    ...end("max_tokens"),
  ]);
  assert.equal(textOf(events), "Hello");
  assert.deepEqual(only(events, "reasoning")[0]!.block, { text: "hm", opaque: opaque({ signature: "S0" }) });
  assert.deepEqual(
    only(events, "tool.call").map((it) => it.call.arguments),
    ['{"x":1}', '{"x": "cut o'],
  );
  assert.equal(only(events, "finish")[0]!.reason, "length");
});

test("anthropic: a thought without a signature has none, an empty one is no block", async (t) => {
  const events = await read(t, [
    begin,
    ...thought(0, "", "open"),
    ...thought(1, ""),
    ...thought(2, "Sonly"),
    ...end("end_turn"),
  ]);
  assert.deepEqual(
    only(events, "reasoning").map((it) => it.block),
    [{ text: "open" }, { text: "", opaque: opaque({ signature: "Sonly" }) }],
  );
});

test("anthropic: events, blocks and deltas of unknown types are passed over", async (t) => {
  const events = await read(t, [
    begin,
    { type: "something_new", index: 0, delta: { text: "x" } },
    { type: "content_block_start", index: 0 },
    start(1, { type: "server_tool_use", id: "s", name: "web_search", input: {} }),
    add(1, "input_json_delta", { partial_json: '{"query":"x"}' }),
    stop(1),
    start(2, { type: "web_search_tool_result", tool_use_id: "s", content: [] }),
    stop(2),
    start(3, { type: "text", text: "" }),
    add(3, "citations_delta", { citation: { type: "char_location", cited_text: "x" } }),
    add(3, "text_delta", { text: "" }),
    add(3, "text_delta", { text: null }),
    add(3, "text_delta", { text: "yes" }),
    { type: "content_block_delta", index: 3 },
    stop(3),
    stop(9),
    add(9, "thinking_delta", { thinking: "nowhere" }),
    ...end("end_turn"),
  ]);
  assert.deepEqual(events, [{ type: "text", delta: "yes" }, finish("stop")]);
});

test("anthropic: every reason to stop", async (t) => {
  const look = called(1, "a", "look", "{}");
  const cases: [string, Json[], string][] = [
    ["end_turn", [], "stop"],
    ["stop_sequence", [], "stop"],
    ["pause_turn", [], "stop"],
    ["something_new", [], "stop"],
    ["max_tokens", [], "length"],
    ["model_context_window_exceeded", [], "length"],
    ["refusal", [], "content_filter"],
    ["tool_use", look, "tool_calls"],
    ["end_turn", look, "tool_calls"],
    ["max_tokens", look, "length"],
    ["tool_use", [], "stop"],
  ];
  for (const [given, more, reason] of cases) {
    const events = await read(t, [begin, ...said(0, "a"), ...more, ...end(given)]);
    assert.deepEqual(events.at(-1), finish(reason), given);
    assert.equal(only(events, "finish").length, 1);
  }
});

test("anthropic: a reason to stop stands, whatever else is told after it", async (t) => {
  const late = { type: "message_delta", delta: {}, usage: { output_tokens: 15 } };
  const events = await read(t, [
    begin,
    ...said(0, "a"),
    end("max_tokens")[0]!,
    late,
    { type: "message_stop" },
  ]);
  assert.deepEqual(events.at(-1), finish("length"));
});

test("anthropic: the stop sequence that ended the answer is told", async (t) => {
  const events = await read(t, [
    begin,
    ...said(0, "a"),
    ...end("stop_sequence", { stop_sequence: "\n\nHuman:" }),
  ]);
  assert.deepEqual(events.at(-1), finish("stop", { stopSequence: "\n\nHuman:" }));
});

test("anthropic: usage is put together of what is told at the beginning, late and twice", async (t) => {
  const usageOf = async (first: Json | undefined, ...later: Json[]) => {
    const events = await read(t, [
      { type: "message_start", message: { ...message(), usage: first } },
      ...later.map((usage) => ({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage })),
      { type: "message_stop" },
    ]);
    return only(events, "finish")[0]!.usage;
  };
  assert.deepEqual(await usageOf({ input_tokens: 4, output_tokens: 1 }, { output_tokens: 6 }), {
    promptTokens: 4,
    completionTokens: 6,
    totalTokens: 10,
  });
  const late = {
    input_tokens: 4,
    cache_read_input_tokens: 3,
    cache_creation_input_tokens: 2,
    output_tokens: 6,
  };
  const all = { promptTokens: 9, completionTokens: 6, totalTokens: 15, cachedTokens: 3 };
  assert.deepEqual(await usageOf(undefined, late), all);
  assert.deepEqual(await usageOf({ input_tokens: 1, output_tokens: 0 }, { output_tokens: 2 }, late), all);
  assert.deepEqual(
    await usageOf({ input_tokens: 4 }, { output_tokens: 6, output_tokens_details: { thinking_tokens: 5 } }),
    { promptTokens: 4, completionTokens: 6, totalTokens: 10, reasoningTokens: 5 },
  );
  assert.deepEqual(await usageOf(undefined), { promptTokens: 0, completionTokens: 0, totalTokens: 0 });
});

test("anthropic: characters and events that are cut in pieces come whole", async (t) => {
  const { ask, fake } = await setUp(t, "anthropic");
  const bytes = Buffer.from(sse([begin, ...said(0, "naïve 🦞 ", "日本"), ...end("end_turn")]));
  for (const size of [1, 3, 100]) {
    fake.serve((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size));
      response.end();
    });
    assert.equal(textOf(await ask()), "naïve 🦞 日本");
  }
});

test("anthropic: one JSON body instead of a stream says the same", async (t) => {
  const { ask, fake } = await setUp(t, "anthropic");
  const whole = message({
    content: [
      { type: "thinking", thinking: "hm", signature: "S1" },
      { type: "redacted_thinking", data: "R1" },
      { type: "text", text: "Hello" },
      { type: "tool_use", id: "toolu_1", name: "look", input: { x: 1 } },
      { type: "tool_use", id: "toolu_2", name: "now", input: {} },
    ],
    stop_reason: "tool_use",
    usage: { input_tokens: 18, cache_read_input_tokens: 5, output_tokens: 15 },
  });
  fake.script([{ status: 200, body: whole }]);
  assert.deepEqual(await ask(), [
    { type: "thinking", delta: "hm" },
    { type: "reasoning", block: { text: "hm", opaque: opaque({ signature: "S1" }) } },
    { type: "reasoning", block: { text: "", opaque: opaque({ redactedData: "R1" }) } },
    { type: "text", delta: "Hello" },
    delta(0, "toolu_1", "look", ""),
    delta(0, "toolu_1", "look", '{"x":1}'),
    call(0, "toolu_1", "look", '{"x":1}'),
    delta(1, "toolu_2", "now", ""),
    delta(1, "toolu_2", "now", "{}"),
    call(1, "toolu_2", "now", "{}"),
    finish("tool_calls"),
  ]);
});
