import assert from "node:assert/strict";
import { test } from "node:test";
import { ContextOverflow } from "../../src/runtime/models/context-overflow.ts";
import { UpstreamFailure } from "../../src/runtime/models/upstream-failure.ts";
import { begin, called, end, message, said, sse, start, steps, stop } from "./anthropic-events.ts";
import { failure, setUp, textOf } from "./wire-under-test.ts";

type Json = Record<string, unknown>;

const error = (type: string, text: string): Json => ({ type: "error", error: { type, message: text } });

test("anthropic: an error in a stream is what its status would have told, at once or amid the answer", async (t) => {
  const { ask, fake } = await setUp(t, "anthropic");
  const cases: [Json, string, string | undefined][] = [
    [error("overloaded_error", "Overloaded"), "upstream_error", "down"],
    [error("api_error", "Internal server error"), "upstream_error", "down"],
    [error("timeout_error", "Too slow"), "upstream_error", "down"],
    [error("rate_limit_error", "Too fast"), "rate_limited", "limit"],
    [error("billing_error", "No money"), "upstream_error", "money"],
    [error("authentication_error", "invalid x-api-key"), "upstream_error", "key"],
    [error("permission_error", "Not yours"), "upstream_error", "key"],
    [error("not_found_error", "model: claude-9"), "not_found", "model"],
    [error("invalid_request_error", "messages: odd"), "invalid_request", undefined],
    [error("request_too_large", "Too large"), "payload_too_large", undefined],
    [error("something_new", "New"), "upstream_error", "down"],
    [{ type: "error" }, "upstream_error", "down"],
    [{ error: { message: "A proxy's" } }, "upstream_error", "down"],
  ];
  for (const [event, code, fault] of cases) {
    for (const before of [[], [begin, ...said(0, "a")]]) {
      fake.script(steps([...before, event]));
      const thrown = await failure(ask());
      assert.equal(thrown.code, code, JSON.stringify(event));
      assert.equal(
        thrown instanceof UpstreamFailure ? thrown.fault : undefined,
        fault,
        JSON.stringify(event),
      );
    }
  }
});

test("anthropic: what a proxy says of its own failure is told", async (t) => {
  const { ask } = await setUp(t, "anthropic", {
    script: steps([begin, { error: { message: "Out of breath" } }]),
  });
  assert.match((await failure(ask())).message, /Out of breath/);
});

test("anthropic: a prompt that is too long is told as such within a stream", async (t) => {
  const { ask } = await setUp(t, "anthropic", {
    script: steps([error("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum")]),
  });
  assert.ok((await failure(ask())) instanceof ContextOverflow);
});

test("anthropic: an error as a whole body with a good status is a failure, and so is what is no message", async (t) => {
  const { ask, fake } = await setUp(t, "anthropic");
  fake.script([{ status: 200, body: error("overloaded_error", "Overloaded") }]);
  assert.match((await failure(ask())).message, /529.*Overloaded/);
  fake.script([{ status: 200, body: { object: "chat.completion", choices: [] } }]);
  assert.match((await failure(ask())).message, /not a completion/);
});

test("anthropic: a stream that ends before its reason to stop is cut, one without its last event is not", async (t) => {
  const { ask, fake } = await setUp(t, "anthropic");
  const cut = [
    [],
    [begin],
    [begin, ...said(0, "a")],
    [begin, ...said(0, "a"), { type: "message_delta", delta: { stop_reason: null }, usage: {} }],
  ];
  for (const events of cut) {
    fake.script(steps(events));
    assert.match((await failure(ask())).message, /early/);
  }
  fake.script(steps([begin, ...said(0, "a"), end("end_turn")[0]!]));
  assert.equal(textOf(await ask()), "a");
});

test("anthropic: an event that is no JSON object is garbage", async (t) => {
  const { ask, fake } = await setUp(t, "anthropic");
  for (const broken of ["{oops", "[1]", "null"]) {
    fake.script([
      { raw: `${sse([begin, start(0, { type: "text", text: "" })])}data: ${broken}\n\n` },
      { stop: true },
    ]);
    assert.match((await failure(ask())).message, /broken event/);
  }
});

test("anthropic: nothing is waited for after the last event", async (t) => {
  const { ask } = await setUp(t, "anthropic", {
    script: [{ raw: sse([begin, ...said(0, "a"), ...end("end_turn")]) }, { hang: true }],
  });
  assert.equal(textOf(await ask()), "a");
});

test("anthropic: bodies and answers are handed on as they are, and events of a stream with their pings", async (t) => {
  const { wire, fake } = await setUp(t, "anthropic");
  const signal = new AbortController().signal;
  const { messages, "count-tokens": count } = wire.passThrough!;
  const body = { model: "m", max_tokens: 1, messages: [], vendor_thing: { deep: [1, null] } };
  const stream = async () => {
    const all: Json[] = [];
    for await (const together of messages!.stream(body, { signal })) all.push(...together);
    return all;
  };

  fake.script([{ status: 200, body: message() }]);
  const headers = { "anthropic-beta": "thing-2026-01-01" };
  assert.deepEqual(await messages!.complete(body, { signal, headers }), message());
  const asked = fake.requests.at(-1)!;
  assert.deepEqual([asked.path, asked.body], ["/v1/messages", body]);
  assert.equal(asked.headers["anthropic-version"], "2023-06-01");
  assert.equal(asked.headers["anthropic-beta"], "thing-2026-01-01");
  fake.script([{ status: 200, body: { input_tokens: 5 } }]);
  assert.match((await failure(messages!.complete(body, { signal }))).message, /not a completion/);

  const events = [begin, { type: "ping" }, ...said(0, "a"), { type: "something_new" }, ...end("end_turn")];
  fake.script([{ raw: sse(events) }, { hang: true }]);
  assert.deepEqual(await stream(), events);
  assert.deepEqual(fake.requests.at(-1)!.body, { ...body, stream: true });
  fake.script(steps([begin, error("overloaded_error", "Overloaded")]));
  assert.match((await failure(stream())).message, /529/);
  fake.script(steps([begin]));
  assert.match((await failure(stream())).message, /early/);

  fake.script([{ status: 200, body: { input_tokens: 5 } }]);
  assert.deepEqual(await count!.complete(body, { signal }), { input_tokens: 5 });
  assert.equal(fake.requests.at(-1)!.path, "/v1/messages/count_tokens");
  fake.script([{ status: 200, body: message() }]);
  assert.match((await failure(count!.complete(body, { signal }))).message, /not a completion/);
});

test("anthropic: a provider that does not stream gives the events of a stream", async (t) => {
  const { wire, fake } = await setUp(t, "anthropic");
  const content = [
    { type: "text", text: "Hello" },
    { type: "tool_use", id: "toolu_1", name: "look", input: { x: 1 } },
    { type: "redacted_thinking", data: "R1" },
  ];
  const usage = { input_tokens: 1, output_tokens: 2 };
  fake.script([{ status: 200, body: message({ content, stop_reason: "tool_use", usage }) }]);
  const events: Json[] = [];
  const signal = new AbortController().signal;
  for await (const it of wire.passThrough!.messages!.stream({ model: "m" }, { signal })) events.push(...it);
  assert.deepEqual(events, [
    { type: "message_start", message: message({ usage }) },
    ...said(0, "Hello"),
    ...called(1, "toolu_1", "look", '{"x":1}'),
    start(2, { type: "redacted_thinking", data: "R1" }),
    stop(2),
    ...end("tool_use", {}, usage),
  ]);
});
