import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelRequest } from "../../src/runtime/models/types.ts";
import { begin, called, end, said, steps } from "./anthropic-events.ts";
import { failure, hello, key, only, setUp, textOf } from "./wire-under-test.ts";

type Test = Parameters<typeof setUp>[0];
type Json = Record<string, unknown>;

const older = "claude-3-5-sonnet";
const sonnet = "claude-sonnet-4-5";
const parameters = { type: "object", properties: { x: { type: "integer" } } };
const look = { name: "look", description: "Looks", parameters };
const tools = [look, { name: "now", description: "", parameters: { type: "object", properties: {} } }];
const schema = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const format = (more: Json = schema): ModelRequest["responseFormat"] => ({ type: "json", schema: more });
const map = { type: "object", additionalProperties: { type: "string" } };

async function sent(t: Test, model: string, more: Partial<ModelRequest>): Promise<Json> {
  const { ask, fake } = await setUp(t, "anthropic", { script: [{ text: "ok" }] });
  await ask({ model, ...more });
  return fake.requests[0]!.body;
}

async function refused(t: Test, model: string, more: Partial<ModelRequest>) {
  const { ask, fake } = await setUp(t, "anthropic");
  const { code, param } = await failure(ask({ model, ...more }));
  assert.equal(code, "invalid_request");
  assert.equal(fake.requests.length, 0);
  return param;
}

test("anthropic: a request has what is asked for and nothing else", async (t) => {
  const { ask, fake } = await setUp(t, "anthropic", { script: [{ text: "ok" }] });
  await ask({ cacheKey: "session", verbosity: "medium", presencePenalty: 0 });
  const { path, headers, body } = fake.requests[0]!;
  assert.equal(path, "/v1/messages");
  assert.equal(headers["x-api-key"], key);
  assert.equal(headers["anthropic-version"], "2023-06-01");
  assert.equal(headers["anthropic-beta"], undefined);
  assert.equal(headers.authorization, undefined);
  assert.deepEqual(body, {
    model: sonnet,
    max_tokens: 32_000,
    messages: [
      { role: "user", content: [{ type: "text", text: "hello", cache_control: { type: "ephemeral" } }] },
    ],
    stream: true,
  });
});

test("anthropic: sampling and stop sequences go by Anthropic's names", async (t) => {
  const body = await sent(t, older, { temperature: 0.5, topP: 1, topK: 40, stop: ["x", "y"] });
  assert.deepEqual([body.temperature, body.top_p, body.top_k], [0.5, undefined, 40]);
  assert.deepEqual(body.stop_sequences, ["x", "y"]);
  const other = await sent(t, older, { topP: 0.9, stop: [] });
  assert.deepEqual([other.temperature, other.top_p, other.stop_sequences], [undefined, 0.9, undefined]);
  const newest = await sent(t, "claude-opus-5", { temperature: 1, topP: 1 });
  assert.deepEqual([newest.temperature, newest.top_p], [undefined, undefined]);
});

test("anthropic: tools are streamed as they are written, and their choice is Anthropic's", async (t) => {
  const body = await sent(t, sonnet, { tools: [{ ...look, strict: true }, tools[1]!] });
  assert.deepEqual(body.tools, [
    {
      name: "look",
      description: "Looks",
      input_schema: parameters,
      eager_input_streaming: true,
      strict: true,
    },
    { name: "now", input_schema: tools[1]!.parameters, eager_input_streaming: true },
  ]);
  const alone = { disable_parallel_tool_use: true };
  const cases: [Partial<ModelRequest>, unknown][] = [
    [{ tools }, undefined],
    [{ tools, toolChoice: "auto" }, { type: "auto" }],
    [{ tools, toolChoice: "none" }, { type: "none" }],
    [{ tools, toolChoice: "required" }, { type: "any" }],
    [
      { tools, toolChoice: { name: "now" } },
      { type: "tool", name: "now" },
    ],
    [{ tools, parallelToolCalls: true }, undefined],
    [
      { tools, parallelToolCalls: false },
      { type: "auto", ...alone },
    ],
    [{ tools, parallelToolCalls: false, toolChoice: "none" }, { type: "none" }],
    [
      { tools, parallelToolCalls: false, toolChoice: "required" },
      { type: "any", ...alone },
    ],
    [
      { tools, parallelToolCalls: false, toolChoice: { name: "now" } },
      { type: "tool", name: "now", ...alone },
    ],
    [{ tools: [], parallelToolCalls: false, toolChoice: "required" }, undefined],
    [{ toolChoice: "none" }, undefined],
  ];
  for (const [more, choice] of cases) {
    assert.deepEqual((await sent(t, older, more)).tool_choice, choice, JSON.stringify(more));
  }
});

test("anthropic: the same tools are the same bytes in each request", async (t) => {
  const { ask, fake } = await setUp(t, "anthropic", { script: [{ text: "ok" }] });
  await ask({ tools });
  await ask({ tools: [...tools] });
  await ask({ tools });
  const [first, second, third] = fake.requests.map((it) => JSON.stringify(it.body));
  assert.equal(second, first);
  assert.equal(third, first);
});

test("anthropic: the caller's bound is of thoughts and answer together, and without one both have room", async (t) => {
  const cases: [string, Partial<ModelRequest>, unknown, unknown][] = [
    [sonnet, { maxTokens: 100 }, 100, undefined],
    [sonnet, { maxTokens: 100, thinking: "low" }, 100, undefined],
    [sonnet, { maxTokens: 2000, thinking: "high" }, 2000, 1600],
    [sonnet, { maxTokens: 10_000, thinking: "low", thinkingBudget: 5000 }, 10_000, 5000],
    [sonnet, { maxTokens: 10_000, thinking: "minimal", thinkingBudget: 10 }, 10_000, 1024],
    [sonnet, { maxTokens: 1_000_000, thinking: "high" }, 64_000, 16_384],
    ["in-house-1", { thinking: "low" }, 10_240, 2048],
    ["claude-opus-4-6", { maxTokens: 100, thinking: "low", thinkingBudget: 5000 }, 100, undefined],
  ];
  for (const [model, more, most, budget] of cases) {
    const { max_tokens, thinking } = await sent(t, model, more);
    const { budget_tokens } = (thinking ?? {}) as { budget_tokens?: number };
    assert.deepEqual([max_tokens, budget_tokens], [most, budget], `${model} ${JSON.stringify(more)}`);
  }
});

test("anthropic: what it cannot honour is refused by name", async (t) => {
  const cases: [string, Partial<ModelRequest>, string][] = [
    [sonnet, { topK: 5, thinking: "low" }, "top_k"],
    ["claude-opus-5", { topK: 5 }, "top_k"],
    ["claude-opus-5", { topP: 0.9 }, "top_p"],
    ["claude-opus-4-7", { temperature: 0.5 }, "temperature"],
    [sonnet, { temperature: -0.1 }, "temperature"],
    [sonnet, { verbosity: "low" }, "verbosity"],
    [sonnet, { tools, toolChoice: "required", thinking: "low" }, "tool_choice"],
    [sonnet, { tools, toolChoice: { name: "look" }, thinking: "low" }, "tool_choice"],
    ["claude-fable-5-1", { tools, toolChoice: { name: "look" } }, "tool_choice"],
    [older, { responseFormat: format(), thinking: "low" }, "response_format"],
    [sonnet, { responseFormat: format(map), thinking: "low" }, "response_format"],
    ["claude-sonnet-5-5", { responseFormat: format(map) }, "response_format"],
  ];
  for (const [model, more, param] of cases)
    assert.equal(await refused(t, model, more), param, `${model} ${JSON.stringify(more)}`);
});

test("anthropic: a model that can be held to a schema is, and says the JSON as its text", async (t) => {
  const body = await sent(t, "claude-opus-4-6", {
    responseFormat: { ...format()!, name: "place", description: "A place" },
    thinking: "high",
    tools,
    toolChoice: "auto",
  });
  assert.deepEqual(body.output_config, {
    effort: "high",
    format: { type: "json_schema", schema: { ...schema, description: "A place" } },
  });
  assert.deepEqual(body.tool_choice, { type: "auto" });
  assert.equal((body.tools as unknown[]).length, 2);
});

test("anthropic: another model, or one whose schema is too free, gives its answer by a tool", async (t) => {
  const alone = { disable_parallel_tool_use: true };
  const names = ({ tools }: Json) => (tools as { name: string }[] | undefined)?.map((it) => it.name);
  for (const [model, given] of [
    [older, schema],
    [sonnet, map],
  ] as const) {
    const body = await sent(t, model, { responseFormat: { ...format(given)!, description: "A place" } });
    assert.equal(body.output_config, undefined);
    assert.deepEqual(body.tools, [{ name: "json", description: "A place", input_schema: given }]);
    assert.deepEqual(body.tool_choice, { type: "tool", name: "json", ...alone });
  }
  const both = await sent(t, older, { responseFormat: format(), tools });
  assert.deepEqual([names(both), both.tool_choice], [["look", "now", "json"], { type: "any", ...alone }]);
  const none = await sent(t, older, { responseFormat: format(), tools, toolChoice: "none" });
  assert.deepEqual(none.tool_choice, { type: "tool", name: "json", ...alone });
  const forced = await sent(t, older, { responseFormat: format(), tools, toolChoice: { name: "now" } });
  assert.deepEqual([names(forced), forced.tool_choice], [["look", "now"], { type: "tool", name: "now" }]);
  const taken = await sent(t, older, { responseFormat: format(), tools: [{ ...look, name: "json" }] });
  assert.deepEqual(names(taken), ["json", "json_"]);
});

test("anthropic: what is written for the answer's tool is the text, and what is said beside it is none", async (t) => {
  const { wire, fake } = await setUp(t, "anthropic");
  const read = async (...events: Json[]) => {
    fake.script(steps([begin, ...events]));
    const all = [];
    const request = { model: older, messages: [], responseFormat: format(), tools };
    for await (const it of wire.stream(request, { signal: new AbortController().signal })) all.push(it);
    return all;
  };
  const answer = called(1, "toolu_1", "json", '{"city"', ':"Oslo"}');
  const events = await read(...said(0, "Here:"), ...answer, ...said(2, "Done."), ...end("tool_use"));
  assert.deepEqual(
    events.map((it) => (it.type === "finish" ? it.reason : it)),
    [{ type: "text", delta: '{"city"' }, { type: "text", delta: ':"Oslo"}' }, "stop"],
  );
  assert.equal(textOf(await read(...called(0, "a", "json"), ...end("tool_use"))), "{}");
  const cut = await read(...called(0, "a", "json", '{"ci'), ...end("max_tokens"));
  assert.deepEqual([textOf(cut), only(cut, "finish")[0]!.reason], ['{"ci', "length"]);
  const other = await read(...called(0, "a", "look", "{}"), ...end("tool_use"));
  assert.deepEqual([only(other, "tool.call").length, only(other, "finish")[0]!.reason], [1, "tool_calls"]);
  assert.equal(textOf(await read(...said(0, "I ", "cannot."), ...end("refusal"))), "I cannot.");
});

test("a model that cannot hold its calls to a schema is sent tools without that wish", async (t) => {
  const { tools: given } = await sent(t, older, { tools: [{ ...look, strict: true }] });
  assert.equal("strict" in (given as object[])[0]!, false);
});

test("a step of calls whose thoughts are lost is answered without thinking, as Anthropic would refuse it else", async (t) => {
  const step = (reasoning?: { text: string; opaque: unknown }[]): ModelRequest["messages"] => [
    ...hello("").messages,
    {
      role: "assistant",
      content: "",
      toolCalls: [{ id: "a", name: "look", arguments: "{}" }],
      ...(reasoning && { reasoning }),
    },
    { role: "tool", toolCallId: "a", name: "look", result: "1", isError: false },
  ];
  const signed = { wire: "anthropic", metadata: { anthropic: { signature: "s" } } };
  const lost = await sent(t, sonnet, { messages: step(), thinking: "low" });
  const kept = await sent(t, sonnet, { messages: step([{ text: "hm", opaque: signed }]), thinking: "low" });
  assert.equal(lost.thinking, undefined);
  assert.deepEqual(kept.thinking, { type: "enabled", budget_tokens: 2048 });
});
