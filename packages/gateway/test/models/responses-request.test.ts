import assert from "node:assert/strict";
import { test } from "node:test";
import { GatewayError } from "../../src/lib/errors.ts";
import { pack } from "../../src/runtime/models/opaque.ts";
import { responsesBody } from "../../src/runtime/models/responses-request.ts";
import type { ModelRequest, PromptMessage, UserPart } from "../../src/runtime/models/types.ts";
import { failure, hello, setUp } from "./wire-under-test.ts";

type Json = Record<string, unknown>;

const look = { name: "look", description: "Looks", parameters: { type: "object", properties: {} } };
const user = (...content: UserPart[]): PromptMessage => ({ role: "user", content });
const text = (it: string): UserPart => ({ type: "text", text: it });
const inputOf = (messages: PromptMessage[], model = "gpt-5"): Json[] =>
  responsesBody({ model, messages }).input as Json[]; // that is what it is
const openai = (fields: Json) => pack("openai", { openai: fields });

test("the least request asks for a stream and for no storage", () => {
  assert.deepEqual(responsesBody(hello("gpt-4.1")), {
    model: "gpt-4.1",
    input: [{ role: "user", content: [{ type: "input_text", text: "hello" }] }],
    stream: true,
    store: false,
  });
});

test("settings stand in the body under the provider's names", () => {
  const cases: [Partial<ModelRequest>, Json][] = [
    [{ maxTokens: 70 }, { max_output_tokens: 70 }],
    [
      { temperature: 0, topP: 0.5 },
      { temperature: 0, top_p: 0.5 },
    ],
    [{ cacheKey: "k" }, { prompt_cache_key: "k" }],
    [{ verbosity: "low" }, { text: { verbosity: "low" } }],
    [{ responseFormat: { type: "json" } }, { text: { format: { type: "json_object" } } }],
    [
      { responseFormat: { type: "json", schema: { type: "object" } }, verbosity: "high" },
      {
        text: {
          format: { type: "json_schema", name: "response", schema: { type: "object" }, strict: false },
          verbosity: "high",
        },
      },
    ],
    [
      { responseFormat: { type: "json", schema: {}, name: "n", description: "d", strict: true } },
      { text: { format: { type: "json_schema", name: "n", description: "d", schema: {}, strict: true } } },
    ],
    [{ tools: [] }, {}],
    [{ toolChoice: "required", parallelToolCalls: false }, {}],
    [
      { tools: [look], toolChoice: "required", parallelToolCalls: false },
      {
        tools: [{ type: "function", ...look, strict: false }],
        tool_choice: "required",
        parallel_tool_calls: false,
      },
    ],
    [{ tools: [{ ...look, strict: true }] }, { tools: [{ type: "function", ...look, strict: true }] }],
    [{ thinkingBudget: 2000, stop: [], presencePenalty: 0, frequencyPenalty: 0 }, {}],
  ];
  for (const [more, expected] of cases) {
    const { model: _, input: __, stream: ___, store: ____, ...rest } = responsesBody(hello("gpt-4.1", more));
    assert.deepEqual(rest, expected, JSON.stringify(more));
  }
});

test("a tool of the name of one of OpenAI's own can be forced: a function is said to be one", () => {
  const tools = [{ ...look, name: "web_search" }];
  const body = responsesBody(hello("gpt-4.1", { tools, toolChoice: { name: "web_search" } }));
  assert.deepEqual(body.tool_choice, { type: "function", name: "web_search" });
});

test("a parameter that the API lacks is refused by its name", () => {
  const cases: [Partial<ModelRequest>, string][] = [
    [{ seed: 0 }, "seed"],
    [{ stop: ["x"] }, "stop"],
    [{ topK: 5 }, "top_k"],
    [{ presencePenalty: 1 }, "presence_penalty"],
    [{ frequencyPenalty: -1 }, "frequency_penalty"],
  ];
  for (const [more, param] of cases) {
    assert.throws(
      () => responsesBody(hello("gpt-4.1", more)),
      (thrown) =>
        thrown instanceof GatewayError && thrown.code === "invalid_request" && thrown.param === param,
    );
  }
});

test("system messages are gathered in front, and the user's in a row are one", () => {
  const input = inputOf([
    { role: "system", content: "one" },
    user(text("a")),
    { role: "system", content: "" },
    { role: "system", content: "two" },
    user(text("b")),
    { role: "assistant", content: "c" },
    user(text("d")),
  ]);
  assert.deepEqual(input, [
    { role: "system", content: "one\n\ntwo" },
    {
      role: "user",
      content: [
        { type: "input_text", text: "a" },
        { type: "input_text", text: "b" },
      ],
    },
    { role: "assistant", content: [{ type: "output_text", text: "c" }] },
    { role: "user", content: [{ type: "input_text", text: "d" }] },
  ]);
});

test("calls go back in the bytes that the model wrote, and their results with pictures and files", () => {
  const call = (id: string, json: string, opaque?: unknown) => ({
    id,
    name: "look",
    arguments: json,
    opaque,
  });
  const result = (toolCallId: string, more: object) =>
    ({ role: "tool", toolCallId, name: "look", result: "", isError: false, ...more }) as const;
  const calls = [
    call("c1", '{ "x" : 1 }', openai({ itemId: "fc_1", async: true, namespace: "crm" })),
    call("c2", "{oops"),
    call("c3", "3"),
  ];
  const input = inputOf([
    user(text("go")),
    { role: "assistant", content: "", toolCalls: calls },
    result("c1", { result: "seen", media: [{ type: "image", mimeType: "image/png", data: "aGk=" }] }),
    result("c2", { media: [{ type: "file", mimeType: "application/pdf", data: "cGRm" }] }),
    result("c3", { result: "no", isError: true, media: [] }),
  ]);
  const called = { type: "function_call", name: "look" };
  const answered = { type: "function_call_output" };
  assert.deepEqual(input.slice(1), [
    { ...called, call_id: "c1", arguments: '{ "x" : 1 }', async: true, namespace: "crm" },
    { ...called, call_id: "c2", arguments: '{"malformed":"{oops"}' },
    { ...called, call_id: "c3", arguments: '{"malformed":"3"}' },
    {
      ...answered,
      call_id: "c1",
      output: [
        { type: "input_text", text: "seen" },
        { type: "input_image", image_url: "data:image/png;base64,aGk=" },
      ],
    },
    {
      ...answered,
      call_id: "c2",
      output: [{ type: "input_file", filename: "part-0.pdf", file_data: "data:application/pdf;base64,cGRm" }],
    },
    { ...answered, call_id: "c3", output: "no" },
  ]);
});

test("thoughts go back as they are stored: parts of one item together, and only with what is encrypted", () => {
  const thought = (it: string, opaque?: unknown) => ({ text: it, opaque });
  const reasoning = [
    thought("one", openai({ itemId: "rs_1", reasoningEncryptedContent: null })),
    thought("lost", openai({ itemId: "rs_2", reasoningEncryptedContent: null })),
    thought("foreign", pack("anthropic", { anthropic: { signature: "s" } })),
    thought("two", openai({ itemId: "rs_1", reasoningEncryptedContent: "sealed" })),
    thought("", openai({ itemId: "rs_3", reasoningEncryptedContent: "silent" })),
    thought("nameless", openai({ reasoningEncryptedContent: "sealed too" })),
    thought("plain"),
  ];
  const messages = [user(text("go")), { role: "assistant", content: "ok", reasoning } as const];
  const summary = (...texts: string[]) => texts.map((it) => ({ type: "summary_text", text: it }));
  const input = inputOf(messages);
  assert.deepEqual(input.slice(1, -1), [
    { type: "reasoning", id: "rs_1", summary: summary("one", "two"), encrypted_content: "sealed" },
    { type: "reasoning", id: "rs_3", summary: [], encrypted_content: "silent" },
    { type: "reasoning", summary: summary("nameless"), encrypted_content: "sealed too" },
  ]);
  assert.equal(inputOf(messages, "gpt-4.1").length, 2);
});

test("attachments of every form", () => {
  const png = "data:image/png;base64,aGk=";
  const cases: [UserPart, Json][] = [
    [
      { type: "image", data: "aGk=" },
      { type: "input_image", image_url: "data:image/jpeg;base64,aGk=" },
    ],
    [
      { type: "image", mimeType: "image/*", data: "aGk=" },
      { type: "input_image", image_url: "data:image/jpeg;base64,aGk=" },
    ],
    [
      { type: "image", url: png },
      { type: "input_image", image_url: png },
    ],
    [
      { type: "file", url: png },
      { type: "input_image", image_url: png },
    ],
    [
      { type: "image", url: "https://a.example/b.png" },
      { type: "input_image", image_url: "https://a.example/b.png" },
    ],
    [
      { type: "file", url: "https://a.example/b.pdf" },
      { type: "input_file", file_url: "https://a.example/b.pdf" },
    ],
    [
      { type: "file", mimeType: "text/csv", data: "YSxi", name: "t.csv" },
      { type: "input_file", filename: "t.csv", file_data: "data:text/csv;base64,YSxi" },
    ],
    [
      { type: "file", data: "YSxi" },
      { type: "input_file", filename: "part-0", file_data: "data:application/octet-stream;base64,YSxi" },
    ],
  ];
  for (const [part, expected] of cases) {
    const [item] = inputOf([user(part)]);
    assert.deepEqual((item!.content as Json[])[0], expected);
  }
});

test("an attachment that cannot be sent is refused where it stood, before the provider is asked", async (t) => {
  const { ask, fake } = await setUp(t, "responses");
  const cases: Exclude<UserPart, { type: "text" }>[] = [
    { type: "file", mimeType: "audio/wav", data: "UklG" },
    { type: "file", url: "data:video/mp4;base64,AAAA" },
    { type: "file", mimeType: "audio/mpeg", url: "https://a.example/b.mp3" },
    { type: "image", url: "ftp://a.example/b.png" },
    { type: "image" },
  ];
  for (const part of cases) {
    const error = await failure(ask({ messages: [user(part)] }));
    assert.deepEqual([error.code, error.param], ["invalid_request", "attachments"]);
    const placed = await failure(ask({ messages: [user({ ...part, param: "messages[0].content[1]" })] }));
    assert.equal(placed.param, "messages[0].content[1]");
  }
  assert.equal(fake.requests.length, 0);
});
