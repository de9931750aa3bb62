import assert from "node:assert/strict";
import { test } from "node:test";
import { createDemo } from "../../src/runtime/models/demo.ts";
import { exampleOf } from "../../src/runtime/models/demo-example.ts";
import type { ModelRequest, PromptMessage } from "../../src/runtime/models/types.ts";
import { ask, hello, only, textOf } from "./wire-under-test.ts";

const slept: number[] = [];
const demo = createDemo(
  { id: "builtin", baseUrl: "", headers: {} },
  {
    now: () => 0,
    random: () => 0,
    sleep: async (ms) => {
      slept.push(ms);
    },
  },
);

const tools = [
  {
    name: "web_fetch",
    description: "",
    parameters: {
      type: "object",
      properties: { url: { type: "string", format: "uri" }, raw: { type: "boolean" } },
      required: ["url"],
    },
  },
  { name: "web", description: "", parameters: { type: "object" } },
  { name: "now", description: "", parameters: { type: "object", properties: {} } },
];

const user = (text: string): PromptMessage => ({ role: "user", content: [{ type: "text", text }] });

function say(text: string, more: Partial<ModelRequest> = {}) {
  return ask(demo, "demo", { messages: [user(text)], ...more });
}

function calls(events: Awaited<ReturnType<typeof say>>) {
  return only(events, "tool.call").map(({ call }) => [call.name, JSON.parse(call.arguments)]);
}

test("the demo model says that it is one, echoes, and says the same again", async () => {
  const events = await say("how are you?");
  assert.match(textOf(events), /demo.*You said: "how are you\?"/);
  assert.ok(only(events, "text").length > 10);
  assert.equal(only(events, "thinking").length, 0);
  assert.deepEqual(await say("how are you?"), events);
  const [finish] = only(events, "finish");
  assert.equal(finish!.reason, "stop");
  assert.equal(finish!.usage.totalTokens, finish!.usage.promptTokens + finish!.usage.completionTokens);
});

test("it thinks when told to, and counts it", async () => {
  const events = await say("hi", { thinking: "xhigh" });
  const thought = only(events, "thinking")
    .map((it) => it.delta)
    .join("");
  assert.deepEqual(only(events, "reasoning"), [{ type: "reasoning", block: { text: thought } }]);
  assert.ok(only(events, "finish")[0]!.usage.reasoningTokens! > 0);
  assert.equal(only(await say("hi", { thinking: "off" }), "thinking").length, 0);
});

test("it calls the tool that the user names, with the JSON that stands there", async () => {
  assert.deepEqual(calls(await say('call web_fetch with {"url":"https://a.b/{c}"} please', { tools })), [
    ["web_fetch", { url: "https://a.b/{c}" }],
  ]);
  assert.deepEqual(calls(await say("Please USE the Web Fetch tool", { tools })), [
    ["web_fetch", { url: "https://example.com" }],
  ]);
  const events = await say("try web-fetch", { tools });
  assert.equal(only(events, "finish")[0]!.reason, "tool_calls");
  assert.equal(
    only(events, "tool.delta")
      .map((it) => it.delta)
      .join(""),
    only(events, "tool.call")[0]!.call.arguments,
  );
});

test("it calls nothing unasked", async () => {
  for (const text of ["what is web_fetch?", "call me later", "recall nowhere", "usenow"]) {
    assert.deepEqual(calls(await say(text, { tools })), [], text);
  }
  assert.deepEqual(calls(await say("call now", { tools, toolChoice: "none" })), []);
  assert.deepEqual(calls(await say("call now")), []);
});

test("several names are several calls, each with its own arguments", async () => {
  const text = 'run web_fetch {"url":"https://a"} and now and web {"q":1}';
  const expected = [
    ["web_fetch", { url: "https://a" }],
    ["now", {}],
    ["web", { q: 1 }],
  ];
  assert.deepEqual(calls(await say(text, { tools })), expected);
  assert.deepEqual(calls(await say(text, { tools, parallelToolCalls: false })), expected.slice(0, 1));
});

test("a forced tool is called whatever the user says", async () => {
  assert.deepEqual(calls(await say("hi", { tools, toolChoice: "required" })), [
    ["web_fetch", { url: "https://example.com" }],
  ]);
  assert.deepEqual(calls(await say("hi", { tools, toolChoice: { name: "now" } })), [["now", {}]]);
  await assert.rejects(say("hi", { tools, toolChoice: { name: "other" } }), { param: "tool_choice" });
});

test("it tells what the tools returned", async () => {
  const events = await ask(demo, "demo", {
    tools,
    messages: [
      user("call now"),
      { role: "assistant", content: "", toolCalls: [{ id: "1", name: "now", arguments: "{}" }] },
      { role: "tool", toolCallId: "1", name: "now", result: '{"time":"noon"}', isError: false },
      { role: "tool", toolCallId: "2", name: "web", result: "gone", isError: true },
    ],
  });
  assert.match(textOf(events), /now answered \{"time":"noon"\}; web failed with gone/);
  assert.deepEqual(calls(events), []);
});

test("it answers in JSON where JSON is asked for", async () => {
  const schema = {
    type: "object",
    properties: { n: { type: "integer", minimum: 3 }, s: { enum: ["x", "y"] } },
    required: ["n", "s"],
  };
  assert.deepEqual(JSON.parse(textOf(await say("hi", { responseFormat: { type: "json", schema } }))), {
    n: 3,
    s: "x",
  });
  assert.equal(typeof JSON.parse(textOf(await say("hi", { responseFormat: { type: "json" } }))), "object");
});

test("it stops at a stop sequence and at the most tokens", async () => {
  assert.ok(textOf(await say("hi", { stop: ["works", "offline"] })).endsWith("it "));
  const events = await say("hi", { maxTokens: 3 });
  assert.equal(textOf(events).length, 12);
  assert.equal(only(events, "finish")[0]!.reason, "length");
});

test("it speaks slowly when asked to, as many words as asked for", async () => {
  slept.length = 0;
  const events = await say("/slow 70");
  assert.match(textOf(events), / 69 70$/);
  assert.ok(slept.length >= 70 && slept.every((it) => it === 20));
  assert.match(textOf(await say("count slowly")), / 50$/);
});

test("it can be aborted midway", async () => {
  const abort = new AbortController();
  let count = 0;
  await assert.rejects(async () => {
    for await (const _ of demo.stream(hello("demo"), { signal: abort.signal })) {
      if (++count === 3) setImmediate(() => abort.abort(new Error("enough")));
    }
  }, /enough/);
  assert.ok(count >= 3 && count < 8, `${count}`);
});

test("an example has what its schema requires", () => {
  const cases: [unknown, unknown][] = [
    [{ type: "string" }, "example"],
    [{ type: ["integer", "null"] }, 1],
    [{ type: "array", items: { type: "number" } }, []],
    [{ type: "array", minItems: 2, items: { type: "number" } }, [1, 1]],
    [{ anyOf: [{ type: "boolean" }, { type: "null" }] }, true],
    [{ type: "string", default: "d", enum: ["e"] }, "e"],
    [{ type: "string", default: "d" }, "d"],
    [
      { properties: { a: { properties: { b: { const: 4 } }, required: ["b"] } }, required: ["a"] },
      { a: { b: 4 } },
    ],
    [{}, {}],
    [undefined, {}],
  ];
  for (const [schema, example] of cases) assert.deepEqual(exampleOf(schema), example, JSON.stringify(schema));
});
