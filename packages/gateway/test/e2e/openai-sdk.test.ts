import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { type KeyedRig, startKeyedRig } from "../support/keyed-rig.ts";
import { until } from "../support/until.ts";

/** The official SDK of OpenAI against the gateway: the demo, a provider of its dialect, and one of another. */

let rig: KeyedRig;
let gateway: KeyedRig["gateway"];
let fake: KeyedRig["fake"];
let client: OpenAI;

before(async () => {
  rig = await startKeyedRig(undefined, { agents: { defaults: { model: "builtin/demo" } } });
  ({ gateway, fake } = rig);
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.token, maxRetries: 0 });
});

after(() => rig.close());

const hello = [{ role: "user" as const, content: "Hello!" }];

const weather = {
  type: "function" as const,
  function: {
    name: "get_weather",
    description: "The weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

/** What a provider of each wire says; all have to look alike to the SDK. */
const models = ["openai/gpt-4o", "anthropic/claude-3-5-sonnet"];

for (const model of models) {
  describe(model, () => {
    test("a plain completion", async () => {
      fake.script([{ text: "Hello" }, { text: " there" }, { usage: { prompt: 7, completion: 3 } }]);
      const answer = await client.chat.completions.create({ model, messages: hello });
      assert.equal(answer.choices[0]!.message.content, "Hello there");
      assert.equal(answer.choices[0]!.finish_reason, "stop");
      assert.equal(answer.model, model);
      assert.match(answer.id, /^chatcmpl-/);
      assert.equal(answer.usage!.total_tokens, 10);
    });

    test("a stream: role first, one chunk per delta, usage last, the model in every chunk", async () => {
      fake.script([
        { text: "a" },
        { text: "b\r\n" },
        { text: "😀" },
        { usage: { prompt: 7, completion: 3 } },
      ]);
      const stream = await client.chat.completions.create({
        ...{ model, messages: hello, stream: true },
        stream_options: { include_usage: true },
      });
      const chunks: OpenAI.ChatCompletionChunk[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      const deltas = chunks.flatMap((it) => it.choices[0]?.delta.content || []);
      assert.deepEqual(deltas, ["a", "b\r\n", "😀"]);
      assert.equal(chunks[0]!.choices[0]!.delta.role, "assistant");
      assert.deepEqual([...new Set(chunks.map((it) => it.model))], [model]);
      assert.equal(new Set(chunks.map((it) => it.id)).size, 1);
      assert.match(chunks[0]!.id, /^chatcmpl-/);
      assert.equal(chunks.findLast((it) => it.choices[0]?.finish_reason)!.choices[0]!.finish_reason, "stop");
      const last = chunks.at(-1)!;
      assert.deepEqual(last.choices, []);
      assert.equal(last.usage!.total_tokens, 10);
    });

    test("a stream ends with [DONE] and has no usage that was not asked for", async () => {
      fake.script([{ text: "a" }]);
      const { text } = await gateway.api("POST", "/v1/chat/completions", {
        model,
        messages: hello,
        stream: true,
      });
      assert.ok(text.endsWith("\n\ndata: [DONE]\n\n"));
      assert.doesNotMatch(text, /"usage":\{/);
    });

    test("the tools loop: call, tool message, answer", async () => {
      fake.script((_request, count) =>
        count === from
          ? [{ call: { name: "get_weather", arguments: { city: "Bern" } } }]
          : [{ text: "Sunny." }],
      );
      const from = fake.requests.length;
      const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Weather in Bern?" }];
      const first = await client.chat.completions.create({ model, messages, tools: [weather] });
      const [choice] = first.choices;
      assert.equal(choice!.finish_reason, "tool_calls");
      const [call] = choice!.message.tool_calls!;
      assert.ok(call?.type === "function");
      assert.equal(call.function.name, "get_weather");
      assert.deepEqual(JSON.parse(call.function.arguments), { city: "Bern" });
      messages.push(choice!.message, { role: "tool", tool_call_id: call.id, content: "sunny, 20 °C" });
      const second = await client.chat.completions.create({ model, messages, tools: [weather] });
      assert.equal(second.choices[0]!.message.content, "Sunny.");
      assert.match(JSON.stringify(fake.requests.at(-1)!.body), /sunny, 20 °C/);
    });

    test("streamed tool calls are put together by the SDK", async () => {
      const call = { name: "get_weather", arguments: { city: "Bern" }, pieces: ['{"city"', ':"Be', 'rn"}'] };
      fake.script([{ call }]);
      const stream = client.chat.completions.stream({ model, messages: hello, tools: [weather] });
      const { choices } = await stream.finalChatCompletion();
      const [made] = choices[0]!.message.tool_calls!;
      assert.ok(made?.type === "function");
      assert.deepEqual(JSON.parse(made.function.arguments), { city: "Bern" });
    });

    test("a caller that leaves closes the upstream socket", async () => {
      fake.script([{ text: "a" }, { hang: true }]);
      const index = fake.requests.length;
      const stream = await client.chat.completions.create({ model, messages: hello, stream: true });
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
      await until(() => fake.requests[index]!.aborted, "the stream's upstream socket closes");

      fake.script([{ hang: true }]);
      const leaving = new AbortController();
      const plain = client.chat.completions.create({ model, messages: hello }, { signal: leaving.signal });
      await until(() => fake.requests.length === index + 2, "the provider is asked");
      leaving.abort();
      await assert.rejects(plain, OpenAI.APIUserAbortError);
      await until(() => fake.requests[index + 1]!.aborted, "the plain call's upstream socket closes");
    });

    test("what the provider fails with comes as the SDK's own error classes", async () => {
      const fails = async (status: number, text: string) => {
        fake.script([
          { status, headers: { "retry-after": "0" }, body: { error: { message: text, type: "x" } } },
        ]);
        return client.chat.completions.create({ model, messages: hello }).then(
          () => assert.fail("it did not fail"),
          (error: unknown) => error,
        );
      };
      const bad = await fails(400, "no such toy");
      assert.ok(bad instanceof OpenAI.BadRequestError);
      assert.match(bad.message, /no such toy/);
      assert.equal(bad.code, "invalid_request");
      const key = await fails(401, "bad key");
      assert.ok(key instanceof OpenAI.InternalServerError, "our key is never the caller's 401");
      assert.equal(key.status, 502);
      assert.ok((await fails(404, "no such model")) instanceof OpenAI.NotFoundError);
      const slow = await fails(429, "slow down");
      assert.ok(slow instanceof OpenAI.RateLimitError);
      const broken = await fails(500, "oops");
      assert.ok(broken instanceof OpenAI.InternalServerError);
      assert.equal(broken.status, 502);
    });
  });
}

describe("a provider of the same dialect", () => {
  const model = "openai/gpt-4o";

  test("gets unknown fields, and its own reach the caller, untouched", async () => {
    const odd = { top_k: 7, nested: { deep: [1, null, "x"] }, prediction: { type: "content", content: "y" } };
    const own = {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1,
      model: "gpt-4o-2024",
      choices: [],
    };
    fake.serve((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ ...own, system_fingerprint: "fp", x_extra: { kept: true } }));
    });
    const answer = await client.chat.completions.create({ model, messages: hello, ...odd } as never);
    assert.deepEqual(answer, { ...own, model, system_fingerprint: "fp", x_extra: { kept: true } });
    const { body, headers } = fake.requests.at(-1)!;
    assert.deepEqual(body, { model: "gpt-4o", messages: hello, ...odd });
    assert.equal(headers.authorization, "Bearer sk-upstream");
  });

  test("judges models that nobody lists", async () => {
    fake.script([{ text: "new" }]);
    const answer = await client.chat.completions.create({ model: "openai/gpt-99-turbo", messages: hello });
    assert.equal(answer.choices[0]!.message.content, "new");
    assert.equal(fake.requests.at(-1)!.body.model, "gpt-99-turbo");
  });

  test("another wire refuses by name what it cannot honour", async () => {
    const ask = client.chat.completions.create({
      ...{ model: "anthropic/claude-3-5-sonnet", messages: hello },
      logit_bias: { 5: 1 },
    });
    await assert.rejects(ask, (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.equal(error.param, "logit_bias");
      return true;
    });
  });
});

describe("builtin/demo", () => {
  const model = "builtin/demo";

  test("answers, streams and calls tools", async () => {
    const answer = await client.chat.completions.create({ model, messages: hello });
    assert.match(answer.choices[0]!.message.content!, /You said: "Hello!"/);
    const stream = client.chat.completions.stream({ model, messages: hello });
    assert.match((await stream.finalContent())!, /You said: "Hello!"/);
    const asked = [{ role: "user" as const, content: 'use get_weather {"city":"Bern"}' }];
    const first = await client.chat.completions.create({ model, messages: asked, tools: [weather] });
    const [call] = first.choices[0]!.message.tool_calls!;
    assert.ok(call?.type === "function");
    const second = await client.chat.completions.create({
      model,
      messages: [
        ...asked,
        first.choices[0]!.message,
        { role: "tool", tool_call_id: call.id, content: "sunny" },
      ],
    });
    assert.match(second.choices[0]!.message.content!, /get_weather answered sunny/);
  });
});
