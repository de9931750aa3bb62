import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelRequest, PromptMessage } from "../../src/runtime/models/types.ts";
import type { FakeStep } from "../support/fake-model.ts";
import { ask, failure, hello, key, only, setUp, textOf } from "./wire-under-test.ts";

const tools = [{ name: "look", description: "Looks", parameters: { type: "object", properties: {} } }];

test("responses: parameters reach the provider under its names, and nothing is stored there", async (t) => {
  const { wire, fake } = await setUp(t, "responses");
  await ask(wire, "gpt-4.1", {
    messages: [{ role: "system", content: "be kind" }, ...hello("").messages],
    tools,
    toolChoice: { name: "look" },
    parallelToolCalls: false,
    temperature: 0.5,
    topP: 0.9,
    maxTokens: 70,
    stop: [],
    presencePenalty: 0,
    responseFormat: { type: "json", name: "seen", schema: { type: "object", properties: {} } },
  });
  const { path, headers, body } = fake.requests[0]!;
  assert.equal(path, "/v1/responses");
  assert.equal(headers.authorization, `Bearer ${key}`);
  assert.deepEqual([body.model, body.stream, body.store], ["gpt-4.1", true, false]);
  assert.deepEqual([body.temperature, body.top_p, body.max_output_tokens], [0.5, 0.9, 70]);
  assert.deepEqual(body.tool_choice, { type: "function", name: "look" });
  assert.equal(body.parallel_tool_calls, false);
  assert.deepEqual((body.input as unknown[])[0], { role: "system", content: "be kind" });
  assert.equal((body.tools as { strict: unknown }[])[0]!.strict, false);
  const { format } = body.text as { format: Record<string, unknown> };
  assert.deepEqual([format.type, format.name, format.strict], ["json_schema", "seen", false]);
  assert.deepEqual([body.reasoning, body.include], [undefined, undefined]);
});

test("responses: a thinking level is an effort with a summary, for models of any name", async (t) => {
  const { wire, fake } = await setUp(t, "responses");
  const sent = async (model: string, thinking: ModelRequest["thinking"]) => {
    await ask(wire, model, { thinking });
    const { reasoning, include } = fake.requests.at(-1)!.body;
    return [reasoning, include !== undefined];
  };
  assert.deepEqual(await sent("gpt-5", "minimal"), [{ effort: "minimal", summary: "auto" }, true]);
  assert.deepEqual(await sent("gpt-5.4", "xhigh"), [{ effort: "xhigh", summary: "auto" }, true]);
  assert.deepEqual(await sent("gpt-5.4", "minimal"), [{ effort: "low", summary: "auto" }, true]);
  assert.deepEqual(await sent("gpt-6-luna", "minimal"), [{ effort: "low", summary: "auto" }, true]);
  assert.deepEqual(await sent("in-house-1", "high"), [{ effort: "high", summary: "auto" }, true]);
  assert.deepEqual(await sent("gpt-5.4", "off"), [{ effort: "none" }, true]);
  assert.deepEqual(await sent("o3", "off"), [{ effort: "low" }, true]);
  assert.deepEqual(await sent("gpt-5", undefined), [undefined, true]);
  assert.deepEqual(await sent("gpt-5-chat-latest", undefined), [undefined, false]);
  assert.deepEqual(await sent("in-house-1", "off"), [undefined, false]);
});

test("responses: a model that can stop reasoning takes a temperature then", async (t) => {
  const { wire, fake } = await setUp(t, "responses");
  await ask(wire, "gpt-5.4", { thinking: "off", temperature: 0.5 });
  assert.equal(fake.requests[0]!.body.temperature, 0.5);
  await ask(wire, "gpt-5.4", { thinking: "low", temperature: 1 });
  assert.equal(fake.requests[1]!.body.temperature, undefined);
});

test("responses: reasoning tokens are counted", async (t) => {
  const usage = { prompt: 9, completion: 8, cached: 4, reasoning: 5 };
  const { ask } = await setUp(t, "responses", { script: [{ text: "a" }, { usage }] });
  const { usage: counted, reason } = only(await ask(), "finish")[0]!;
  assert.equal(reason, "stop");
  assert.deepEqual(counted, {
    promptTokens: 9,
    completionTokens: 8,
    totalTokens: 17,
    reasoningTokens: 5,
    cachedTokens: 4,
  });
});

test("responses: thoughts without a summary go back too, but to no model that does not reason", async (t) => {
  const { wire, fake } = await setUp(t, "responses", { script: [{ reasoning: "" }, { text: "ok" }] });
  const first = await ask(wire, "gpt-5", { thinking: "low" });
  assert.deepEqual(only(first, "thinking"), []);
  const reasoning = only(first, "reasoning").map((it) => it.block);
  const messages: PromptMessage[] = [
    ...hello("").messages,
    { role: "assistant", content: "ok", reasoning },
    ...hello("").messages,
  ];
  await ask(wire, "gpt-5", { messages });
  const input = fake.requests[1]!.body.input as { type?: string; encrypted_content?: string }[];
  assert.equal(input.find((it) => it.type === "reasoning")?.encrypted_content, "fake-signature");
  await ask(wire, "gpt-4.1", { messages });
  assert.doesNotMatch(JSON.stringify(fake.requests[2]!.body), /fake-signature/);
});

test("responses: a thought of several parts goes back as one", async (t) => {
  const event = (type: string, more: object): FakeStep => ({
    raw: `data: ${JSON.stringify({ type: `response.${type}`, output_index: 0, ...more })}\n\n`,
  });
  const part = (index: number, delta: string): FakeStep[] => {
    const at = { item_id: "rs_1", summary_index: index };
    return [
      event("reasoning_summary_part.added", at),
      event("reasoning_summary_text.delta", { ...at, delta }),
      event("reasoning_summary_part.done", at),
    ];
  };
  const item = { type: "reasoning", id: "rs_1" };
  const script = [
    event("output_item.added", { item }),
    ...part(0, "one"),
    ...part(1, "two"),
    event("output_item.done", { item: { ...item, encrypted_content: "sealed" } }),
    { text: "ok" },
  ];
  const { wire, fake } = await setUp(t, "responses", { script });
  const blocks = only(await ask(wire, "gpt-5"), "reasoning").map((it) => it.block);
  assert.deepEqual(
    blocks.map((it) => it.text),
    ["one", "two"],
  );
  const said: PromptMessage = { role: "assistant", content: "ok", reasoning: blocks };
  await ask(wire, "gpt-5", { messages: [...hello("").messages, said, ...hello("").messages] });
  const input = fake.requests[1]!.body.input as { type?: string }[];
  const summary = ["one", "two"].map((text) => ({ type: "summary_text", text }));
  assert.deepEqual(
    input.filter((it) => it.type === "reasoning"),
    [{ ...item, encrypted_content: "sealed", summary }],
  );
});

test("responses: a refusal is told as text and ends the answer as filtered", async (t) => {
  const refusal = (delta: string): FakeStep => ({
    raw: `data: ${JSON.stringify({ type: "response.refusal.delta", item_id: "msg_0", delta })}\n\n`,
  });
  const { ask } = await setUp(t, "responses", { script: [{ text: "" }, refusal("I can"), refusal("not")] });
  const events = await ask();
  assert.equal(textOf(events), "I cannot");
  assert.equal(only(events, "finish")[0]!.reason, "content_filter");
});

test("responses: a failure within the stream is told with its own words, early or late", async (t) => {
  const failed = {
    type: "response.failed",
    sequence_number: 9,
    response: { error: { code: "server_error", message: "the model fell over" } },
  };
  const error = { type: "error", sequence_number: 9, code: "rate_limit_exceeded", message: "too fast" };
  const step = (value: unknown): FakeStep => ({ raw: `data: ${JSON.stringify(value)}\n\n` });
  const { ask, fake } = await setUp(t, "responses");
  for (const before of [[], [{ text: "a" }]]) {
    fake.script([...before, step(failed)]);
    const first = await failure(ask());
    assert.equal(first.code, "upstream_error");
    assert.match(first.message, /fell over/);
    fake.script([...before, step(error)]);
    assert.equal((await failure(ask())).code, "rate_limited");
  }
});

test("responses: a failure that gives no reason is a failure all the same", async (t) => {
  const failed = { type: "response.failed", sequence_number: 9, response: { error: null } };
  const { ask } = await setUp(t, "responses", {
    script: [{ text: "a" }, { raw: `data: ${JSON.stringify(failed)}\n\n` }, { stop: true }],
  });
  assert.equal((await failure(ask())).code, "upstream_error");
});
