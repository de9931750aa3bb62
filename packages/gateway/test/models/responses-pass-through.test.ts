import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, key, setUp } from "./wire-under-test.ts";

type Json = Record<string, unknown>;

const signal = new AbortController().signal;
const body = { model: "m", input: "hi", vendor_thing: { deep: [1, null] } };
const sse = (...events: Json[]): string =>
  events.map((it) => `event: ${it.type}\ndata: ${JSON.stringify(it)}\n\n`).join("");

async function all(stream: AsyncIterable<Json[]>): Promise<Json[]> {
  const events: Json[] = [];
  for await (const together of stream) events.push(...together);
  return events;
}

test("responses: a body reaches the provider as it is, and its answer the caller", async (t) => {
  const { wire, fake } = await setUp(t, "responses", { script: [{ text: "hello" }] });
  const { responses } = wire.passThrough!;
  const answer = await responses!.complete(body, { signal, headers: { "x-vendor": "1" } });
  const { path, headers, body: sent } = fake.requests[0]!;
  assert.deepEqual(
    [path, headers.authorization, headers["x-vendor"]],
    ["/v1/responses", `Bearer ${key}`, "1"],
  );
  assert.deepEqual(sent, body);
  assert.equal(answer.object, "response");
  fake.script([{ status: 200, body: { object: "response", status: "failed", error: { message: "x" } } }]);
  assert.equal((await responses!.complete(body, { signal })).status, "failed");
  fake.script([{ status: 200, body: { object: "list" } }]);
  assert.equal((await failure(responses!.complete(body, { signal }))).code, "upstream_error");
});

test("responses: a stream is handed on event by event, whatever it ends with", async (t) => {
  const { wire, fake } = await setUp(t, "responses");
  for (const end of ["completed", "incomplete", "failed"]) {
    const events = [
      { type: "response.created", response: { id: "r" } },
      { type: "response.unheard_of", thing: [1] },
      { type: `response.${end}`, response: { error: end === "failed" ? { message: "x" } : null } },
    ];
    fake.script([{ raw: sse(...events) }, { hang: true }]); // nothing is waited for after the end
    assert.deepEqual(await all(wire.passThrough!.responses!.stream(body, { signal })), events);
  }
  assert.deepEqual(fake.requests[0]!.body, { ...body, stream: true });
});

test("responses: an error event and an early end of a stream are failures", async (t) => {
  const { wire, fake } = await setUp(t, "responses");
  const error = { type: "error", code: "rate_limit_exceeded", message: "too fast" };
  const stream = () => all(wire.passThrough!.responses!.stream(body, { signal }));
  fake.script([{ raw: sse({ type: "response.created" }, error) }, { stop: true }]);
  assert.equal((await failure(stream())).code, "rate_limited");
  fake.script([{ raw: sse({ type: "response.created" }) }, { stop: true }]);
  assert.match((await failure(stream())).message, /early/);
});

test("responses: a provider that does not stream gives the events of a stream", async (t) => {
  const { wire, fake } = await setUp(t, "responses");
  const content = [
    { type: "output_text", text: "whole", annotations: [] },
    { type: "refusal", refusal: "but no" },
  ];
  const output = [
    { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }] },
    { type: "message", id: "msg_1", role: "assistant", content },
    { type: "function_call", id: "fc_1", call_id: "c", name: "look", arguments: "{}" },
    { type: "web_search_call", id: "ws_1" },
  ];
  const whole = {
    object: "response",
    id: "r",
    status: "completed",
    error: null,
    output,
    usage: { input_tokens: 1 },
  };
  fake.script([{ status: 200, body: whole }]);
  const events = await all(wire.passThrough!.responses!.stream(body, { signal }));
  assert.deepEqual(
    events.map((it) => String(it.type).replace("response.", "")),
    [
      "created",
      "output_item.added",
      "reasoning_summary_part.added",
      "reasoning_summary_text.delta",
      "reasoning_summary_text.done",
      "reasoning_summary_part.done",
      "output_item.done",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "content_part.added",
      "refusal.delta",
      "refusal.done",
      "content_part.done",
      "output_item.done",
      "output_item.added",
      "function_call_arguments.delta",
      "function_call_arguments.done",
      "output_item.done",
      "output_item.added",
      "output_item.done",
      "completed",
    ],
  );
  assert.deepEqual(
    events.map((it) => it.sequence_number),
    events.map((_, index) => index),
  );
  assert.deepEqual(events.at(-1)!.response, whole);
  assert.deepEqual((events[0]!.response as Json).output, []);
  for (const [status, end] of [
    ["incomplete", "incomplete"],
    ["failed", "failed"],
    ["cancelled", "failed"],
  ]) {
    fake.script([{ status: 200, body: { object: "response", status, error: { code: "x" }, output: [] } }]);
    const last = (await all(wire.passThrough!.responses!.stream(body, { signal }))).at(-1)!;
    assert.equal(last.type, `response.${end}`);
  }
});

test("responses: a compaction and embeddings are handed on too", async (t) => {
  const { wire, fake } = await setUp(t, "responses");
  const { compact, embeddings } = wire.passThrough!;
  const compaction = { id: "r", object: "response.compaction", output: [], usage: {} };
  fake.script([{ status: 200, body: compaction }]);
  assert.deepEqual(await compact!.complete(body, { signal }), compaction);
  assert.equal((await failure(embeddings!.complete(body, { signal }))).code, "upstream_error");
  fake.script([{ status: 200, body: { object: "list", data: [] } }]);
  assert.deepEqual(await embeddings!.complete(body, { signal }), { object: "list", data: [] });
  assert.equal((await failure(compact!.complete(body, { signal }))).code, "upstream_error");
  assert.deepEqual(
    fake.requests.map((it) => it.path),
    ["/v1/responses/compact", "/v1/embeddings", "/v1/embeddings", "/v1/responses/compact"],
  );
});

test("responses: without a key none is sent with a body that is handed on", async (t) => {
  const { wire, fake } = await setUp(t, "responses", {
    script: [{ text: "a" }],
    provider: { apiKey: undefined },
  });
  await wire.passThrough!.responses!.complete(body, { signal });
  assert.equal(fake.requests[0]!.headers.authorization, undefined);
});
