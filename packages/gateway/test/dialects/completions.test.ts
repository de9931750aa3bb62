import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { type KeyedRig, startKeyedRig } from "../support/keyed-rig.ts";
import { until } from "../support/until.ts";

let rig: KeyedRig;
let fake: KeyedRig["fake"];
let client: OpenAI;

before(async () => {
  rig = await startKeyedRig();
  ({ fake } = rig);
  client = new OpenAI({ baseURL: `${rig.gateway.url}/v1`, apiKey: rig.gateway.token, maxRetries: 0 });
});

after(() => rig.close());

const model = "openai/gpt-3.5-turbo-instruct";

test("a legacy completion is the provider's own, but for its id and the model's name", async () => {
  fake.script([{ text: "Hello" }, { text: " there" }, { usage: { prompt: 3, completion: 2 } }]);
  const answer = await client.completions.create({
    model,
    prompt: ["Say", "hello"],
    best_of: 1,
    echo: false,
  });
  assert.equal(answer.choices[0]!.text, "Hello there");
  assert.equal(answer.model, model);
  assert.equal(answer.id, "cmpl-fake-1");
  assert.equal(answer.usage!.total_tokens, 5);
  const { path, body } = fake.requests.at(-1)!;
  assert.equal(path, "/v1/completions");
  const sent = { prompt: ["Say", "hello"], best_of: 1, echo: false };
  assert.deepEqual(body, { ...sent, model: "gpt-3.5-turbo-instruct" });
});

test("a streamed one comes piece by piece and ends with [DONE]", async () => {
  fake.script([{ text: "a" }, { text: "b" }, { usage: { prompt: 3, completion: 2 } }]);
  const stream = await client.completions.create({
    ...{ model, prompt: "Say", stream: true },
    stream_options: { include_usage: true },
  });
  const pieces: OpenAI.Completion[] = [];
  for await (const piece of stream) pieces.push(piece);
  assert.deepEqual(
    pieces.map((it) => it.choices[0]?.text),
    ["a", "b", "", undefined],
  );
  assert.deepEqual([...new Set(pieces.map((it) => `${it.id} ${it.model}`))], [`cmpl-fake-1 ${model}`]);
  assert.equal(pieces.at(-1)!.usage!.total_tokens, 5);
  const { text } = await rig.gateway.api("POST", "/v1/completions", { model, prompt: "Say", stream: true });
  assert.ok(text.endsWith("\n\ndata: [DONE]\n\n"));
  assert.doesNotMatch(text, /usage/);
});

test("a provider that does not stream gives one piece", async () => {
  fake.script([{ unstreamed: true }, { text: "whole" }]);
  const stream = await client.completions.create({ model, prompt: "Say", stream: true });
  const pieces: OpenAI.Completion[] = [];
  for await (const piece of stream) pieces.push(piece);
  assert.deepEqual(
    pieces.map((it) => it.choices[0]!.text),
    ["whole"],
  );
});

test("a stream that breaks off ends with an error", async () => {
  fake.script([{ text: "a" }, { stop: true }]);
  const stream = await client.completions.create({ model, prompt: "Say", stream: true });
  await assert.rejects(async () => {
    for await (const _ of stream);
  }, OpenAI.APIError);
});

test("a caller that leaves closes the upstream socket", async () => {
  fake.script([{ text: "a" }, { hang: true }]);
  const index = fake.requests.length;
  const stream = await client.completions.create({ model, prompt: "Say", stream: true });
  for await (const _ of stream) break;
  await until(() => fake.requests[index]!.aborted, "the upstream socket closes");
});

test("models of other wires and agents are refused, with the way that they have", async () => {
  const from = fake.requests.length;
  for (const other of ["anthropic/claude-sonnet-4-5", "builtin/demo", "openclaw", "agent:default"]) {
    for (const stream of [false, true]) {
      const error: unknown = await client.completions.create({ model: other, prompt: "Say", stream }).then(
        () => assert.fail("it did not fail"),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof OpenAI.BadRequestError, String(error));
      assert.equal(error.param, "model");
      assert.equal(error.code, "invalid_request");
      assert.match(error.message, /\/v1\/chat\/completions/);
    }
  }
  assert.equal(fake.requests.length, from);
});

test("what the provider refuses comes with its own words", async () => {
  fake.script([{ status: 404, body: { error: { message: "this is a chat model" } } }]);
  const call = client.completions.create({ model: "openai/gpt-4o", prompt: "Say" });
  await assert.rejects(call, /this is a chat model/);
  await assert.rejects(
    client.completions.create({ model: "nowhere/m", prompt: "Say" }),
    OpenAI.NotFoundError,
  );
});
