import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelRequest, PromptMessage } from "../../src/runtime/models/types.ts";
import { ask, hello, key, only, setUp, textOf } from "./wire-under-test.ts";

const tools = [
  {
    name: "look",
    description: "Looks",
    parameters: { type: "object", properties: { x: { type: "integer" } } },
  },
];
const sdkWires = ["responses", "anthropic", "google"] as const;
type SdkWire = (typeof sdkWires)[number];

for (const name of sdkWires) {
  test(`${name}: text, thinking, calls and usage come as our events`, async (t) => {
    const { ask } = await setUp(t, name, {
      script: [
        { reasoning: "hm" },
        { text: "Hel" },
        { text: "lo" },
        { call: { name: "look", pieces: ['{"x"', ":1}"] } },
        { call: { name: "look" } },
        { usage: { prompt: 9, completion: 4, cached: 3 } },
      ],
    });
    const events = await ask({ tools });
    assert.equal(textOf(events), "Hello");
    assert.deepEqual(
      only(events, "thinking").map((it) => it.delta),
      ["hm"],
    );
    assert.equal(only(events, "reasoning")[0]!.block.text, "hm");
    const calls = only(events, "tool.call");
    assert.deepEqual(
      calls.map((it) => [it.index, it.call.name, it.call.arguments]),
      [
        [0, "look", '{"x":1}'],
        [1, "look", "{}"],
      ],
    );
    assert.equal(new Set(calls.map((it) => it.call.id)).size, 2);
    for (const { index, call } of calls) {
      const pieces = only(events, "tool.delta").filter((it) => it.index === index);
      assert.equal(pieces.map((it) => it.delta).join("") || "{}", call.arguments);
      assert.ok(pieces.every((it) => it.id === call.id));
    }
    const last = events.at(-1)!;
    assert.deepEqual(last, {
      type: "finish",
      reason: "tool_calls",
      usage: { promptTokens: 9, completionTokens: 4, totalTokens: 13, cachedTokens: 3 },
    });
  });

  test(`${name}: what the provider signed goes back to it, and to no other`, async (t) => {
    const { ask, fake } = await setUp(t, name, {
      script: [{ reasoning: "hm" }, { call: { name: "look", id: "c1" } }],
    });
    const first = await ask({ tools, thinking: "low" });
    const said: PromptMessage[] = [
      ...hello("").messages,
      {
        role: "assistant",
        content: "",
        reasoning: [
          ...only(first, "reasoning").map((it) => it.block),
          { text: "foreign", opaque: { wire: "other", metadata: {} } },
        ],
        toolCalls: only(first, "tool.call").map((it) => it.call),
      },
      {
        role: "tool",
        toolCallId: only(first, "tool.call")[0]!.call.id,
        name: "look",
        result: "seen",
        isError: false,
      },
    ];
    fake.script([{ text: "ok" }]);
    await ask({ tools, thinking: "low", messages: said });
    const sent = JSON.stringify(fake.requests[1]!.body);
    assert.match(sent, /fake-signature/);
    if (name === "google") assert.match(sent, /signature-of-c1/);
    assert.doesNotMatch(sent, /foreign/);
    assert.match(sent, /seen/);
  });

  test(`${name}: the finish reasons of a full answer and a refused one`, async (t) => {
    const { ask, fake } = await setUp(t, name);
    for (const finish of ["length", "content_filter"] as const) {
      fake.script([{ text: "a" }, { finish }]);
      assert.equal(only(await ask(), "finish")[0]!.reason, finish);
    }
  });

  test(`${name}: images and files go along, data URLs as bytes`, async (t) => {
    const { ask, fake } = await setUp(t, name);
    await ask({
      messages: [
        {
          role: "user",
          content: [
            { type: "image", mimeType: "image/png", data: "aGVsbG8=" },
            { type: "image", url: "data:image/jpeg;base64,d29ybGQ=" },
            { type: "file", mimeType: "application/pdf", data: "cGRm", name: "a.pdf" },
          ],
        },
      ],
    });
    const sent = JSON.stringify(fake.requests[0]!.body);
    for (const part of ["aGVsbG8=", "d29ybGQ=", "image/jpeg", "cGRm", "application/pdf"])
      assert.ok(sent.includes(part), part);
  });

  test(`${name}: without a key none is sent, and none is taken from the environment`, async (t) => {
    const variables = [
      "OPENAI_API_KEY",
      "ANTHROPIC_API_KEY",
      "GOOGLE_GENERATIVE_AI_API_KEY",
      "GEMINI_API_KEY",
      "ANTHROPIC_AUTH_TOKEN",
    ];
    for (const it of variables) process.env[it] = "from-the-environment";
    t.after(() => {
      for (const it of variables) delete process.env[it];
    });
    const { ask, fake } = await setUp(t, name, {
      provider: { apiKey: undefined, headers: { "X-Own": "mine" } },
    });
    await ask();
    const { headers } = fake.requests[0]!;
    assert.ok(!JSON.stringify(headers).includes("from-the-environment"));
    assert.equal(headers.authorization ?? headers["x-api-key"] ?? headers["x-goog-api-key"], undefined);
    assert.equal(headers["x-own"], "mine");
    assert.equal(headers["user-agent"], "openclaw");
  });

  test(`${name}: nothing is printed`, async (t) => {
    const printed: unknown[][] = [];
    for (const method of ["log", "warn", "error", "info"] as const) {
      t.mock.method(console, method, (...args: unknown[]) => printed.push(args));
    }
    const { ask, fake } = await setUp(t, name);
    await ask({ tools, toolChoice: "auto", temperature: 0.5 });
    fake.script([{ status: 400 }]);
    await assert.rejects(ask());
    assert.deepEqual(printed, []);
  });
}

async function refused(
  t: Parameters<typeof setUp>[0],
  name: SdkWire,
  model: string,
  more: Partial<ModelRequest>,
) {
  const { wire, fake } = await setUp(t, name);
  let param: string | undefined;
  await assert.rejects(ask(wire, model, more), (thrown: { code: string; param?: string }) => {
    param = thrown.param;
    return thrown.code === "invalid_request";
  });
  assert.equal(fake.requests.length, 0, "refused before the provider is asked");
  return param;
}

test("a parameter that a provider cannot honour is refused by name, before it is asked", async (t) => {
  const sonnet = "claude-sonnet-4-5";
  const cases: [SdkWire, string, Partial<ModelRequest>, string][] = [
    ["anthropic", sonnet, { seed: 1 }, "seed"],
    ["anthropic", sonnet, { presencePenalty: 1 }, "presence_penalty"],
    ["anthropic", sonnet, { frequencyPenalty: 1 }, "frequency_penalty"],
    ["anthropic", sonnet, { temperature: 1.5 }, "temperature"],
    ["anthropic", sonnet, { temperature: 0.5, thinking: "low" }, "temperature"],
    ["anthropic", sonnet, { temperature: 0.5, topP: 0.5 }, "top_p"],
    ["anthropic", sonnet, { responseFormat: { type: "json" } }, "response_format"],
    ["anthropic", "claude-opus-5", { temperature: 0.5 }, "temperature"],
    ["anthropic", "claude-sonnet-5-5", { tools, toolChoice: "required" }, "tool_choice"],
    ["responses", "gpt-4.1", { seed: 1 }, "seed"],
    ["responses", "gpt-4.1", { stop: ["x"] }, "stop"],
    ["responses", "gpt-4.1", { presencePenalty: 1 }, "presence_penalty"],
    ["responses", "gpt-4.1", { frequencyPenalty: 1 }, "frequency_penalty"],
    ["responses", "gpt-5", { temperature: 0.5 }, "temperature"],
    ["responses", "in-house-1", { temperature: 0.5, thinking: "low" }, "temperature"],
    ["responses", "gpt-5.4", { topP: 0.5 }, "top_p"],
    ["google", "gemini-2.5-flash", { presencePenalty: 1 }, "presence_penalty"],
    ["google", "gemini-2.5-flash", { tools, parallelToolCalls: false }, "parallel_tool_calls"],
  ];
  for (const [name, model, more, param] of cases)
    assert.equal(await refused(t, name, model, more), param, `${model} ${param}`);
});

test("anthropic: parameters reach the provider under its names", async (t) => {
  const { wire, fake } = await setUp(t, "anthropic");
  await ask(wire, "claude-3-5-sonnet", {
    messages: [{ role: "system", content: "be kind" }, ...hello("").messages],
    tools,
    toolChoice: { name: "look" },
    parallelToolCalls: false,
    temperature: 0.5,
    maxTokens: 7,
    stop: ["x"],
  });
  const { path, headers, body } = fake.requests[0]!;
  assert.equal(path, "/v1/messages");
  assert.equal(headers["x-api-key"], key);
  assert.deepEqual(body.system, [{ type: "text", text: "be kind", cache_control: { type: "ephemeral" } }]);
  assert.deepEqual(body.tool_choice, { type: "tool", name: "look", disable_parallel_tool_use: true });
  assert.deepEqual([body.temperature, body.max_tokens, body.stop_sequences], [0.5, 7, ["x"]]);
});

test("anthropic: each generation thinks in its own way", async (t) => {
  const { wire, fake } = await setUp(t, "anthropic");
  const sent = async (model: string, thinking: NonNullable<ModelRequest["thinking"]>) => {
    await ask(wire, model, { thinking });
    const { thinking: config, output_config, max_tokens } = fake.requests.at(-1)!.body;
    return { config, effort: (output_config as { effort?: string } | undefined)?.effort, max_tokens };
  };
  const old = await sent("claude-sonnet-4-5", "medium");
  assert.deepEqual(old.config, { type: "enabled", budget_tokens: 8192 });
  assert.deepEqual(await sent("claude-3-5-sonnet", "off"), {
    config: undefined,
    effort: undefined,
    max_tokens: 8192,
  });
  assert.deepEqual((await sent("claude-opus-4-1", "high")).max_tokens, 32_000);
  const effort = await sent("claude-opus-4-6", "high");
  assert.deepEqual([effort.config, effort.effort], [{ type: "adaptive" }, "high"]);
  const newest = await sent("claude-opus-5-5", "xhigh");
  assert.deepEqual([newest.config, newest.effort], [{ type: "adaptive", display: "summarized" }, "xhigh"]);
  assert.deepEqual((await sent("claude-opus-5", "off")).config, { type: "disabled" });
  assert.deepEqual((await sent("claude-haiku-5-5", "off")).config, { type: "disabled" });
  assert.deepEqual((await sent("claude-sonnet-5-5", "off")).config, { type: "between_tools" });
  assert.deepEqual((await sent("claude-opus-5-5", "off")).config, undefined);
  assert.deepEqual((await sent("claude-sonnet-4-5", "off")).config, undefined);
});

test("google: each generation thinks in its own way", async (t) => {
  const { wire, fake } = await setUp(t, "google");
  const sent = async (model: string, thinking: NonNullable<ModelRequest["thinking"]>) => {
    await ask(wire, model, { thinking });
    return (fake.requests.at(-1)!.body.generationConfig as { thinkingConfig?: unknown }).thinkingConfig;
  };
  assert.deepEqual(await sent("gemini-2.5-flash", "off"), { thinkingBudget: 0 });
  assert.deepEqual(await sent("gemini-2.5-pro", "off"), { thinkingBudget: 128 });
  assert.deepEqual(await sent("gemini-2.5-pro", "low"), { thinkingBudget: 4096, includeThoughts: true });
  assert.deepEqual(await sent("gemini-3.1-pro-preview", "off"), { thinkingLevel: "low" });
  assert.deepEqual(await sent("gemini-3.5-flash", "medium"), {
    thinkingLevel: "medium",
    includeThoughts: true,
  });
  assert.equal(await sent("gemini-2.0-flash", "off"), undefined);
});

test("google: parameters reach the provider under its names", async (t) => {
  const { wire, fake } = await setUp(t, "google");
  await ask(wire, "gemini-3.5-flash", {
    tools,
    toolChoice: { name: "look" },
    temperature: 1.5,
    topP: 0.5,
    seed: 3,
    maxTokens: 7,
    stop: ["x"],
    presencePenalty: 0.1,
    responseFormat: { type: "json", schema: { type: "object", properties: {} } },
  });
  const { path, headers, body } = fake.requests[0]!;
  assert.equal(path, "/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse");
  assert.equal(headers["x-goog-api-key"], key);
  const { temperature, topP, seed, maxOutputTokens, stopSequences, presencePenalty, responseMimeType } =
    body.generationConfig as Record<string, unknown>;
  assert.deepEqual(
    [temperature, topP, seed, maxOutputTokens, stopSequences, presencePenalty, responseMimeType],
    [1.5, 0.5, 3, 7, ["x"], 0.1, "application/json"],
  );
  assert.match(JSON.stringify(body.toolConfig), /look/);
});

test("a tool call whose arguments were no JSON can be told to the provider again", async (t) => {
  for (const name of sdkWires) {
    const { ask, fake } = await setUp(t, name);
    await ask({
      tools,
      messages: [
        ...hello("").messages,
        { role: "assistant", content: "", toolCalls: [{ id: "c1", name: "look", arguments: "{oops" }] },
        { role: "tool", toolCallId: "c1", name: "look", result: "not JSON", isError: true },
      ],
    });
    assert.match(JSON.stringify(fake.requests[0]!.body), /oops/);
  }
});
