import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelEvent } from "../../src/runtime/models/types.ts";
import { UpstreamFailure } from "../../src/runtime/models/upstream-failure.ts";
import type { FakeStep } from "../support/fake-model.ts";
import { failure, only, setUp, textOf } from "./wire-under-test.ts";

type Json = Record<string, unknown>;

/** A piece of an answer as Google sends it. */
const piece = (parts: Json[], more: Json = {}, beside: Json = {}): Json => ({
  candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
  modelVersion: "gemini-3.5-flash",
  responseId: "Kq0faYz_Ns",
  ...beside,
});
const usage = (more: Json = {}): Json => ({
  usageMetadata: {
    promptTokenCount: 10,
    candidatesTokenCount: 4,
    totalTokenCount: 14,
    promptTokensDetails: [{ modality: "TEXT", tokenCount: 10 }],
    ...more,
  },
});
const counted = { promptTokens: 10, completionTokens: 4, totalTokens: 14 };
const nothing = { promptTokens: 0, completionTokens: 0, totalTokens: 0 };
const stop = piece([{ text: "" }], { finishReason: "STOP" }, usage());
const opaque = (thoughtSignature: string) => ({ wire: "google", metadata: { google: { thoughtSignature } } });

/** With carriage returns, as Google has them. */
function steps(events: readonly Json[]): FakeStep[] {
  return [...events.map((it) => ({ raw: `data: ${JSON.stringify(it)}\r\n\r\n` })), { stop: true }];
}

type Test = Parameters<typeof setUp>[0];

async function read(t: Test, ...events: Json[]): Promise<ModelEvent[]> {
  const { ask } = await setUp(t, "google", { script: steps(events) });
  return ask();
}

async function failed(t: Test, ...events: Json[]) {
  const { ask } = await setUp(t, "google", { script: steps(events) });
  return failure(ask());
}

test("thoughts, text and calls come in their order, each with what was signed", async (t) => {
  const events = await read(
    t,
    piece([{ text: "**Looking**", thought: true }], {}, usage({ candidatesTokenCount: undefined })),
    piece([{ text: " at it", thought: true, thoughtSignature: "c2lnMQ==" }]),
    piece([{ text: "Let me " }, { text: "see." }]),
    piece([{ text: "again", thought: true }]),
    piece([{ functionCall: { name: "look", args: { x: 1 } }, thoughtSignature: "c2lnMg==" }]),
    piece([
      { functionCall: { id: "fc_7", name: "look", args: { x: 2 } } },
      { functionCall: { name: "now" } },
    ]),
    piece(
      [{ text: "" }],
      { finishReason: "STOP" },
      usage({ thoughtsTokenCount: 6, cachedContentTokenCount: 3, totalTokenCount: 20 }),
    ),
  );
  const calls = only(events, "tool.call").map((it) => it.call);
  assert.match(calls[0]!.id, /^call_[0-9a-z]{20}$/);
  assert.notEqual(calls[0]!.id, calls[2]!.id);
  const [first, third] = [calls[0]!.id, calls[2]!.id];
  const one = { id: first, name: "look", arguments: '{"x":1}' };
  const two = { id: "fc_7", name: "look", arguments: '{"x":2}' };
  const three = { id: third, name: "now", arguments: "{}" };
  assert.deepEqual(events, [
    { type: "thinking", delta: "**Looking**" },
    { type: "thinking", delta: " at it" },
    { type: "reasoning", block: { text: "**Looking** at it", opaque: opaque("c2lnMQ==") } },
    { type: "text", delta: "Let me " },
    { type: "text", delta: "see." },
    { type: "thinking", delta: "again" },
    { type: "reasoning", block: { text: "again" } },
    { type: "tool.delta", index: 0, id: first, name: "look", delta: '{"x":1}' },
    { type: "tool.call", index: 0, call: { ...one, opaque: opaque("c2lnMg==") } },
    { type: "tool.delta", index: 1, id: "fc_7", name: "look", delta: '{"x":2}' },
    { type: "tool.call", index: 1, call: two },
    { type: "tool.delta", index: 2, id: third, name: "now", delta: "{}" },
    { type: "tool.call", index: 2, call: three },
    {
      type: "finish",
      reason: "tool_calls",
      usage: { promptTokens: 10, completionTokens: 10, totalTokens: 20, reasoningTokens: 6, cachedTokens: 3 },
    },
  ]);
});

test("the signature of what was said is a block without text, before the end", async (t) => {
  const signed = piece([{ text: "", thoughtSignature: "c2ln" }], { finishReason: "STOP" }, usage());
  assert.deepEqual(await read(t, piece([{ text: "Hello" }]), signed), [
    { type: "text", delta: "Hello" },
    { type: "reasoning", block: { text: "", opaque: opaque("c2ln") } },
    { type: "finish", reason: "stop", usage: counted },
  ]);
  assert.deepEqual(only(await read(t, signed), "reasoning"), [], "nothing was said");
});

test("what is unknown or empty is passed over", async (t) => {
  const events = await read(
    t,
    { newThing: { candidates: "soon" } },
    {},
    { candidates: [] },
    { candidates: [{ index: 0 }] },
    { candidates: [{ content: {} }] },
    piece([
      { text: "" },
      { text: "", thought: true },
      { functionCall: { args: {} } },
      { functionCall: 7 } as Json,
    ]),
    piece([{ executableCode: { code: "1" } }, { inlineData: { mimeType: "image/png", data: "QQ==" } }]),
    piece([{ text: "a" }], { safetyRatings: [], groundingMetadata: {} }),
    stop,
  );
  assert.deepEqual(events, [
    { type: "text", delta: "a" },
    { type: "finish", reason: "stop", usage: counted },
  ]);
});

test("pieces that all say STOP, as older models send them, are read to the last", async (t) => {
  const events = await read(
    t,
    piece([{ text: "a" }], { finishReason: "STOP" }, usage({ candidatesTokenCount: 1 })),
    piece([{ text: "b" }], { finishReason: "STOP" }, usage()),
  );
  assert.equal(textOf(events), "ab");
  assert.deepEqual(only(events, "finish"), [{ type: "finish", reason: "stop", usage: counted }]);
});

test("usage counts wherever it comes", async (t) => {
  const late = await read(t, piece([{ text: "a" }], { finishReason: "STOP" }), usage());
  assert.deepEqual(only(late, "finish")[0]!.usage, counted);
  const none = await read(t, piece([{ text: "a" }], { finishReason: "STOP" }));
  assert.deepEqual(only(none, "finish")[0]!.usage, nothing);
});

test("each reason to finish is one of ours", async (t) => {
  const reasons: Record<string, string> = {
    STOP: "stop",
    OTHER: "stop",
    FINISH_REASON_UNSPECIFIED: "stop",
    NO_IMAGE: "stop",
    IMAGE_OTHER: "stop",
    SOMETHING_NEW: "stop",
    MAX_TOKENS: "length",
    CONTINUATION: "length",
    SAFETY: "content_filter",
    RECITATION: "content_filter",
    LANGUAGE: "content_filter",
    BLOCKLIST: "content_filter",
    PROHIBITED_CONTENT: "content_filter",
    SPII: "content_filter",
    IMAGE_SAFETY: "content_filter",
    IMAGE_PROHIBITED_CONTENT: "content_filter",
    IMAGE_RECITATION: "content_filter",
  };
  for (const [finishReason, reason] of Object.entries(reasons)) {
    const events = await read(t, piece([], { finishReason }));
    assert.deepEqual(events, [{ type: "finish", reason, usage: nothing }], finishReason);
  }
  const called = piece([{ functionCall: { name: "look" } }]);
  for (const [finishReason, reason] of [
    ["STOP", "tool_calls"],
    ["OTHER", "tool_calls"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content_filter"],
  ] as const) {
    const events = await read(t, called, piece([], { finishReason }));
    assert.equal(only(events, "finish")[0]!.reason, reason, `a call and ${finishReason}`);
  }
});

test("an answer that is nothing but a call that cannot be read is a failure, to be asked for elsewhere", async (t) => {
  const broken = "MALFORMED_FUNCTION_CALL UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS MALFORMED_RESPONSE";
  for (const finishReason of broken.split(" ")) {
    const error = await failed(t, piece([], { finishReason }, usage()));
    assert.ok(error instanceof UpstreamFailure, finishReason);
    assert.match(error.message, new RegExp(finishReason));
    const said = await read(t, piece([{ text: "a" }]), piece([], { finishReason }));
    assert.equal(only(said, "finish")[0]!.reason, "stop", "what was said stands");
  }
  const finishMessage = "Malformed function call: look(x=";
  const error = await failed(t, piece([], { finishReason: "MALFORMED_FUNCTION_CALL", finishMessage }));
  assert.match(error.message, /Malformed function call: look/);
});

test("a prompt that is refused ends as content_filter, with what was counted", async (t) => {
  const blocked = {
    promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
    ...usage({ candidatesTokenCount: 0 }),
  };
  const finish = {
    type: "finish",
    reason: "content_filter",
    usage: { promptTokens: 10, completionTokens: 0, totalTokens: 10 },
  };
  assert.deepEqual(await read(t, blocked), [finish]);
  assert.deepEqual(
    await read(t, { promptFeedback: blocked.promptFeedback }, usage({ candidatesTokenCount: 0 })),
    [finish],
  );
  const unconfirmed = { promptFeedback: { blockReason: "BLOCK_REASON_UNSPECIFIED" } };
  assert.equal(only(await read(t, unconfirmed, stop), "finish")[0]!.reason, "stop");
});

test("a stream that ends without a reason was cut", async (t) => {
  for (const events of [[], [piece([{ text: "a" }])], [usage()]]) {
    assert.match((await failed(t, ...events)).message, /ended its answer early/);
  }
});

test("an error object before or amid the stream is told by its number, or by Google's word for it", async (t) => {
  const cases: [Json, string, RegExp][] = [
    [
      { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" },
      "upstream_error",
      /\(503\).*overloaded/,
    ],
    [{ message: "Quota exceeded", status: "RESOURCE_EXHAUSTED" }, "rate_limited", /Quota exceeded/],
    [{ code: 429, message: "Slow down", status: "RESOURCE_EXHAUSTED" }, "rate_limited", /Slow down/],
    [{ code: 400, message: "Bad thing", status: "INVALID_ARGUMENT" }, "invalid_request", /^Bad thing$/],
    [{ code: 403, message: "No", status: "PERMISSION_DENIED" }, "upstream_error", /GEMINI_API_KEY/],
    [{ message: "Odd", status: "CANCELLED" }, "upstream_error", /failed while it answered.*Odd/],
    [
      { code: 400, message: "The input token count (9) exceeds the maximum number of tokens allowed (8)." },
      "invalid_request",
      /exceeds the maximum/,
    ],
  ];
  for (const [error, code, message] of cases) {
    for (const before of [[], [piece([{ text: "a" }])]]) {
      const thrown = await failed(t, ...before, { error });
      assert.equal(thrown.code, code, JSON.stringify(error));
      assert.match(thrown.message, message);
    }
  }
});

test("a letter that is split between two reads stays whole", async (t) => {
  const whole = Buffer.from(
    [piece([{ text: "für 🦀" }]), stop].map((it) => `data: ${JSON.stringify(it)}\r\n\r\n`).join(""),
  );
  const { ask, fake } = await setUp(t, "google");
  fake.serve((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const middle = whole.indexOf("🦀") + 2;
    response.write(whole.subarray(0, middle));
    setTimeout(() => response.end(whole.subarray(middle)), 10);
  });
  assert.equal(textOf(await ask()), "für 🦀");
});

test("an answer in one JSON body says the same as a stream", async (t) => {
  const { ask, fake } = await setUp(t, "google", {
    script: [{ text: "a" }, { call: { name: "look", arguments: { x: 1 } } }, { unstreamed: true }],
  });
  const events = await ask();
  assert.equal(textOf(events), "a");
  assert.equal(only(events, "tool.call")[0]!.call.arguments, '{"x":1}');
  assert.equal(only(events, "finish")[0]!.reason, "tool_calls");
  fake.script([{ status: 200, body: { promptFeedback: { blockReason: "SAFETY" } } }]);
  assert.equal(only(await ask(), "finish")[0]!.reason, "content_filter");
  fake.script([{ status: 200, body: { hello: "world" } }]);
  assert.match((await failure(ask())).message, /not a completion/);
  fake.script([{ status: 200, body: { error: { code: 503, message: "Overloaded" } } }]);
  assert.match((await failure(ask())).message, /Overloaded/);
});

test("an answer that is longer than a request may bring is asked for to its end", async (t) => {
  const { ask, fake } = await setUp(t, "google", {
    script: (_, count) =>
      steps(
        count === 0
          ? [piece([{ text: "one " }], { finishReason: "CONTINUATION", continuationToken: 'tok"1' }, usage())]
          : [piece([{ text: "two" }]), stop],
      ),
  });
  const events = await ask({ maxTokens: 200_000 });
  assert.equal(textOf(events), "one two");
  assert.deepEqual(only(events, "finish"), [
    { type: "finish", reason: "stop", usage: { promptTokens: 20, completionTokens: 8, totalTokens: 28 } },
  ]);
  const [first, second] = fake.requests.map((it) => it.body);
  assert.deepEqual(second, { ...first, continuationToken: 'tok"1' });
});
