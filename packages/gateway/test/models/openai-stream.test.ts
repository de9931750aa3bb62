import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelEvent, PromptMessage } from "../../src/runtime/models/types.ts";
import { ask, key, only, setUp, textOf } from "./wire-under-test.ts";

/** Events as a provider may send them, each line one JSON text or `[DONE]`. */
function events(...data: unknown[]) {
  return data.map((it) => ({ raw: `data: ${typeof it === "string" ? it : JSON.stringify(it)}\n\n` }));
}

const delta = (it: unknown, finish: string | null = null) => ({
  choices: [{ index: 0, delta: it, finish_reason: finish }],
});
const piece = (it: object, finish: string | null = null) => delta({ tool_calls: [it] }, finish);

test("text comes delta by delta, and the usage after the finish reason", async (t) => {
  const { ask } = await setUp(t, "openai", {
    script: [
      { text: "Hel" },
      { text: "lo" },
      { usage: { prompt: 9, completion: 4, cached: 3, reasoning: 2 } },
    ],
  });
  assert.deepEqual(await ask(), [
    { type: "text", delta: "Hel" },
    { type: "text", delta: "lo" },
    {
      type: "finish",
      reason: "stop",
      usage: { promptTokens: 9, completionTokens: 4, totalTokens: 13, reasoningTokens: 2, cachedTokens: 3 },
    },
  ]);
});

test("the last usage counts where each chunk has one", async (t) => {
  const usage = (n: number) => ({ usage: { prompt_tokens: 5, completion_tokens: n, total_tokens: 5 + n } });
  const { ask, fake } = await setUp(t, "openai");
  fake.script([
    ...events({ ...delta({ content: "a" }), ...usage(1) }, { ...delta({}, "stop"), ...usage(2) }, "[DONE]"),
    { stop: true },
  ]);
  assert.deepEqual(only(await ask(), "finish")[0]?.usage, {
    promptTokens: 5,
    completionTokens: 2,
    totalTokens: 7,
  });
});

test("thinking that a provider leaves out of completion_tokens is counted", async (t) => {
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 35,
    completion_tokens_details: { reasoning_tokens: 20 },
  };
  const { ask } = await setUp(t, "openai", {
    script: [...events({ ...delta({ content: "a" }, "stop"), usage }, "[DONE]"), { stop: true }],
  });
  assert.deepEqual(only(await ask(), "finish")[0]?.usage, {
    promptTokens: 10,
    completionTokens: 25,
    totalTokens: 35,
    reasoningTokens: 20,
  });
});

test("thinking is read from reasoning_content and reasoning, and ends as one block", async (t) => {
  const { ask } = await setUp(t, "openai", {
    script: [
      ...events(
        delta({ reasoning_content: "so " }),
        delta({ reasoning: "so" }),
        delta({ content: "yes" }, "stop"),
        "[DONE]",
      ),
      { stop: true },
    ],
  });
  assert.deepEqual((await ask()).slice(0, 4), [
    { type: "thinking", delta: "so " },
    { type: "thinking", delta: "so" },
    { type: "reasoning", block: { text: "so so" } },
    { type: "text", delta: "yes" },
  ]);
});

/** Ids differ where they were made up; names and arguments do not. */
function calls(list: readonly ModelEvent[]) {
  return only(list, "tool.call").map(({ index, call }) => [index, call.name, call.arguments]);
}

test("parallel calls are told apart however a provider numbers them", async (t) => {
  const two = [
    [0, "a", '{"x":1}'],
    [1, "b", '{"y":2}'],
  ];
  const cases: Record<string, unknown[]> = {
    "by index, interleaved, arguments in pieces": [
      piece({ index: 0, id: "1", function: { name: "a", arguments: "" } }),
      piece({ index: 1, id: "2", function: { name: "b", arguments: '{"y"' } }),
      piece({ index: 0, function: { arguments: '{"x"' } }),
      piece({ index: 1, function: { arguments: ":2}" } }),
      piece({ index: 0, function: { arguments: ":1}" } }, "tool_calls"),
    ],
    "all with index 0 and ids of their own": [
      piece({ index: 0, id: "1", function: { name: "a", arguments: '{"x":1}' } }),
      piece({ index: 0, id: "2", function: { name: "b", arguments: '{"y":2}' } }, "tool_calls"),
    ],
    "without index": [
      piece({ id: "1", function: { name: "a", arguments: '{"x":1}' } }),
      piece({ id: "2", function: { name: "b", arguments: '{"y"' } }),
      piece({ function: { arguments: ":2}" } }, "tool_calls"),
    ],
    "without index and id": [
      piece({ function: { name: "a", arguments: '{"x":1}' } }),
      piece({ function: { name: "b", arguments: '{"y":2}' } }, "stop"),
    ],
    "with an empty id in later pieces": [
      piece({ index: 0, id: "1", function: { name: "a", arguments: '{"x":' } }),
      piece({ index: 0, id: "", function: { name: "", arguments: "1}" } }),
      piece({ index: 1, id: "2", function: { name: "b", arguments: '{"y":2}' } }, "tool_calls"),
    ],
    "with the name and id in every piece": [
      piece({ index: 0, id: "1", function: { name: "a", arguments: '{"x":' } }),
      piece({ index: 0, id: "1", function: { name: "a", arguments: "1}" } }),
      piece({ index: 1, id: "2", function: { name: "b", arguments: '{"y":2}' } }, "tool_calls"),
    ],
    "with arguments as objects": [
      piece({ index: 0, function: { name: "a", arguments: { x: 1 } } }),
      piece({ index: 1, function: { name: "b", arguments: { y: 2 } } }, "tool_calls"),
    ],
  };
  const { ask, fake } = await setUp(t, "openai");
  for (const [what, chunks] of Object.entries(cases)) {
    fake.script([...events(...chunks, "[DONE]"), { stop: true }]);
    const answer = await ask();
    assert.deepEqual(calls(answer), two, what);
    assert.equal(only(answer, "finish")[0]?.reason, "tool_calls", what);
    const ids = only(answer, "tool.call").map((it) => it.call.id);
    assert.equal(new Set(ids).size, 2, what);
    assert.ok(
      ids.every((it) => it !== ""),
      what,
    );
    for (const [index, , json] of two) {
      const pieces = only(answer, "tool.delta").filter((it) => it.index === index);
      assert.equal(pieces.map((it) => it.delta).join(""), json, what);
      assert.ok(
        pieces.every((it) => it.id === ids[index as number]),
        what,
      );
    }
  }
});

test("a call without arguments has an empty object", async (t) => {
  const { ask } = await setUp(t, "openai", { script: [{ call: { name: "now", pieces: [] } }] });
  assert.deepEqual(calls(await ask()), [[0, "now", "{}"]]);
});

test("an answer in plain JSON is read though a stream was asked for", async (t) => {
  const { ask } = await setUp(t, "openai", {
    script: [{ unstreamed: true }, { text: "whole" }, { call: { name: "a" } }],
  });
  const answer = await ask();
  assert.equal(textOf(answer), "whole");
  assert.deepEqual(calls(answer), [[0, "a", "{}"]]);
});

test("characters cut in the middle by the network are put together", async (t) => {
  const { ask, fake } = await setUp(t, "openai");
  fake.serve(async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const bytes = Buffer.from(
      `data: ${JSON.stringify(delta({ content: "äöü 🦀 €" }, "stop"))}\r\n\r\ndata: [DONE]\r\n\r\n`,
    );
    for (const byte of bytes) {
      response.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    response.end();
  });
  assert.equal(textOf(await ask()), "äöü 🦀 €");
});

test("a stream that ends with a finish reason but without [DONE] is whole", async (t) => {
  const { ask } = await setUp(t, "openai", {
    script: [...events(delta({ content: "a" }, "length")), { stop: true }],
  });
  assert.equal(only(await ask(), "finish")[0]?.reason, "length");
});

test("a stream that stays open after [DONE] is not waited for", async (t) => {
  const { ask } = await setUp(t, "openai", {
    script: [...events(delta({ content: "a" }, "stop"), "[DONE]"), { hang: true }],
  });
  assert.equal(textOf(await ask()), "a");
});

const conversation: PromptMessage[] = [
  { role: "system", content: "be kind" },
  {
    role: "user",
    content: [
      { type: "text", text: "what is this?" },
      { type: "image", mimeType: "image/jpeg", data: "aGk=" },
      { type: "image", url: "https://example.com/a.png" },
      { type: "file", mimeType: "application/pdf", data: "aGk=", name: "a.pdf" },
    ],
  },
  {
    role: "assistant",
    content: "",
    reasoning: [{ text: "hm" }],
    toolCalls: [{ id: "c1", name: "look", arguments: '{"a":1}' }],
  },
  { role: "tool", toolCallId: "c1", name: "look", result: "a cat", isError: false },
  { role: "assistant", content: "a cat" },
  { role: "user", content: [{ type: "text", text: "thanks" }] },
];

test("a conversation is put into the provider's words", async (t) => {
  const { ask, fake } = await setUp(t, "openai");
  await ask({ messages: conversation });
  assert.deepEqual(fake.requests[0]!.body.messages, [
    { role: "system", content: "be kind" },
    {
      role: "user",
      content: [
        { type: "text", text: "what is this?" },
        { type: "image_url", image_url: { url: "data:image/jpeg;base64,aGk=" } },
        { type: "image_url", image_url: { url: "https://example.com/a.png" } },
        { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,aGk=" } },
      ],
    },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: '{"a":1}' } }],
    },
    { role: "tool", tool_call_id: "c1", content: "a cat" },
    { role: "assistant", content: "a cat" },
    { role: "user", content: "thanks" },
  ]);
  assert.equal(fake.requests[0]!.headers.authorization, `Bearer ${key}`);
  assert.equal(fake.requests[0]!.path, "/v1/chat/completions");
});

test("every parameter reaches the provider under its name", async (t) => {
  const { wire, fake } = await setUp(t, "openai");
  const parameters = { type: "object", properties: {} };
  await ask(wire, "gpt-5.2", {
    tools: [{ name: "look", description: "Looks", parameters }],
    toolChoice: { name: "look" },
    parallelToolCalls: false,
    thinking: "high",
    temperature: 0.5,
    topP: 0.9,
    maxTokens: 7,
    stop: ["x"],
    seed: 1,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    responseFormat: { type: "json", name: "cat", schema: { type: "object" } },
  });
  const { messages: _, ...body } = fake.requests[0]!.body;
  assert.deepEqual(body, {
    model: "gpt-5.2",
    stream: true,
    stream_options: { include_usage: true },
    tools: [{ type: "function", function: { name: "look", description: "Looks", parameters } }],
    tool_choice: { type: "function", function: { name: "look" } },
    parallel_tool_calls: false,
    reasoning_effort: "high",
    temperature: 0.5,
    top_p: 0.9,
    max_completion_tokens: 7,
    stop: ["x"],
    seed: 1,
    presence_penalty: 0.1,
    frequency_penalty: 0.2,
    response_format: { type: "json_schema", json_schema: { name: "cat", schema: { type: "object" } } },
  });
});

test("off is sent as the least that a thinking model knows, and not at all to others", async (t) => {
  const { wire, fake } = await setUp(t, "openai");
  for (const model of ["gpt-5", "gpt-5.1", "o3", "gpt-4o", "who-knows"])
    await ask(wire, model, { thinking: "off" });
  assert.deepEqual(
    fake.requests.map((it) => it.body.reasoning_effort),
    ["minimal", "none", "low", undefined, undefined],
  );
});

test("OpenRouter gets its own thinking parameter, and others max_tokens", async (t) => {
  const { wire, fake } = await setUp(t, "openai", { provider: { id: "openrouter" } });
  await ask(wire, "anthropic/claude-sonnet-4.5", { thinking: "low", maxTokens: 5 });
  const { reasoning, reasoning_effort, max_tokens } = fake.requests[0]!.body;
  assert.deepEqual(
    { reasoning, reasoning_effort, max_tokens },
    { reasoning: { effort: "low" }, reasoning_effort: undefined, max_tokens: 5 },
  );
});

test("an attachment that the dialect has no words for is refused by name", async (t) => {
  const { ask, fake } = await setUp(t, "openai");
  const content = [{ type: "file", mimeType: "video/mp4", data: "aGk=" } as const];
  await assert.rejects(ask({ messages: [{ role: "user", content }] }), {
    code: "invalid_request",
    param: "attachments",
  });
  assert.equal(fake.requests.length, 0);
});
