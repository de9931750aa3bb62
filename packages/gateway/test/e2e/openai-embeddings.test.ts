import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { type FakeModel, startFakeModel } from "../support/fake-model.ts";
import { fakeVector } from "../support/fake-model-embeddings.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

/** The official SDK's embeddings: providers of the dialect, of another one, the demo, and one that has none. */

let gateway: TestGateway;
let fake: FakeModel;
let client: OpenAI;

before(async () => {
  fake = await startFakeModel();
  const responding = { api: "openai-responses", baseUrl: `${fake.url}/v1`, apiKey: "sk-responding" };
  gateway = await startGateway({
    env: { OPENAI_API_KEY: "sk-upstream", OPENAI_BASE_URL: `${fake.url}/v1`, ANTHROPIC_API_KEY: "sk-ant" },
    config: {
      agents: { defaults: { model: "builtin/demo" } },
      models: { providers: { responding, google: { baseUrl: `${fake.url}/v1beta`, apiKey: "sk-google" } } },
    },
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.token, maxRetries: 0 });
});

after(async () => {
  await gateway.close();
  await fake.close();
});

const small = "openai/text-embedding-3-small";
const demo = "builtin/demo";
const claude = "anthropic/claude-sonnet-4-5";

/** What a call fails with. */
async function failing(call: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error: unknown = await call.then(
    () => assert.fail("it did not fail"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof OpenAI.APIError, String(error));
  return error;
}

const embed = (body: object) => client.embeddings.create(body as OpenAI.EmbeddingCreateParams);

function decoded(base64: unknown): number[] {
  assert.equal(typeof base64, "string");
  const bytes = Buffer.from(base64 as string, "base64");
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

for (const model of [small, "responding/text-embedding-3-small", "google/gemini-embedding-001", demo]) {
  describe(`embeddings of ${model}`, () => {
    before(() => fake.script());

    test("come as numbers by default, in the order of the texts", async () => {
      const answer = await embed({ model, input: ["cat", "dog"] });
      assert.deepEqual(
        answer.data.map(({ object, index }) => [object, index]),
        [
          ["embedding", 0],
          ["embedding", 1],
        ],
      );
      const [cat, dog] = answer.data.map((it) => it.embedding);
      assert.ok(cat!.every((it) => typeof it === "number"));
      assert.notDeepEqual(cat, dog);
      assert.equal(answer.object, "list");
      assert.equal(answer.model, model);
      assert.ok(answer.usage.prompt_tokens > 0);
      assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens);
      const alone = await embed({ model, input: "dog" });
      assert.deepEqual(alone.data[0]!.embedding, dog);
    });

    test("are the same as numbers and in base64", async () => {
      const floats = await embed({ model, input: "cat", encoding_format: "float" });
      const base64 = await embed({ model, input: "cat", encoding_format: "base64" });
      assert.deepEqual(decoded(base64.data[0]!.embedding), floats.data[0]!.embedding);
      const plain = await gateway.api("POST", "/v1/embeddings", { model, input: "cat" });
      assert.deepEqual(plain.body.data[0].embedding, floats.data[0]!.embedding);
    });

    test("have as many dimensions as were asked for", async () => {
      for (const encoding of [undefined, "float", "base64"]) {
        const answer = await embed({ model, input: "cat", dimensions: 12, encoding_format: encoding });
        const { embedding } = answer.data[0]!;
        assert.equal(encoding === "base64" ? decoded(embedding).length : embedding.length, 12);
      }
    });

    test("come whole where there are many", async () => {
      const input = Array.from({ length: 2048 }, (_, index) => `text ${index}`);
      const answer = await embed({ model, input, dimensions: 64, encoding_format: "float" });
      assert.equal(answer.data.length, 2048);
      assert.ok(answer.data.every(({ index, embedding }, at) => index === at && embedding.length === 64));
      const base64 = await embed({ model, input, dimensions: 64 });
      assert.deepEqual(base64.data, answer.data);
      assert.equal(base64.model, model);
    });
  });
}

describe("a provider that speaks the dialect", () => {
  test("gets the body untouched but for the model's name", async () => {
    fake.script();
    const tokens = [[1, 2], [3]];
    const body = {
      model: small,
      input: tokens,
      user: "u",
      input_type: "query",
      fake_thing: { deep: [null] },
    };
    const answer = await embed({ ...body, encoding_format: "float" });
    const { path, headers, body: sent } = fake.requests.at(-1)!;
    assert.equal(path, "/v1/embeddings");
    assert.equal(headers.authorization, "Bearer sk-upstream");
    assert.deepEqual(sent, { ...body, model: "text-embedding-3-small", encoding_format: "float" });
    assert.deepEqual(answer.data[1]!.embedding, fakeVector([3]));
  });

  test("may answer in the other form than it was asked for", async () => {
    fake.script();
    const right = fakeVector("cat");
    const asDefault = await embed({ model: small, input: "cat", fake_form: "float" });
    assert.deepEqual(asDefault.data[0]!.embedding, right, "base64 was asked for, numbers came");
    const asFloat = await embed({
      ...{ model: small, input: "cat" },
      ...{ encoding_format: "float", fake_form: "base64" },
    });
    assert.deepEqual(asFloat.data[0]!.embedding, right, "numbers were asked for, base64 came");
    const body = { model: small, input: "cat", fake_form: "base64" };
    const unsaid = await gateway.api("POST", "/v1/embeddings", body);
    assert.deepEqual(unsaid.body.data[0].embedding, right, "nothing was asked for, base64 came");
  });

  test("takes more tokens than a schema would be asked about", async () => {
    fake.script();
    const input = Array.from({ length: 100 }, () => Array.from({ length: 1000 }, (_, index) => index));
    const answer = await embed({ model: small, input });
    assert.equal(answer.data.length, 100);
  });

  test("judges the input itself, and its failures come as the SDK's own errors", async () => {
    const fails = (status: number, message: string) => {
      fake.script([{ status, headers: { "retry-after": "0" }, body: { error: { message } } }]);
      return failing(embed({ model: small, input: { not: "text" } }));
    };
    const bad = await fails(400, "no such input");
    assert.ok(bad instanceof OpenAI.BadRequestError);
    assert.match(bad.message, /no such input/);
    assert.equal((await fails(401, "bad key")).status, 502, "our key is never the caller's 401");
    assert.ok((await fails(429, "slow down")) instanceof OpenAI.RateLimitError);
    assert.equal((await fails(500, "broken")).status, 502);
    fake.script([{ status: 200, body: "<html>" }]);
    assert.equal((await failing(embed({ model: small, input: "a" }))).status, 502);
  });

  test("is left when the caller leaves", async () => {
    fake.script([{ hang: true }]);
    const index = fake.requests.length;
    const leaving = new AbortController();
    const call = client.embeddings.create({ model: small, input: "cat" }, { signal: leaving.signal });
    await until(() => fake.requests.length > index, "the provider is asked");
    leaving.abort();
    await assert.rejects(call, OpenAI.APIUserAbortError);
    await until(() => fake.requests[index]!.aborted, "the upstream socket closes");
  });
});

describe("what cannot be embedded is refused by name", () => {
  const cases: [string, object, string][] = [
    ["no input", {}, "input"],
    ["an empty text", { input: "" }, "input"],
    ["no texts", { input: [] }, "input"],
    ["an empty text among others", { input: ["a", ""] }, "input[1]"],
    ["something else among texts", { input: ["a", null] }, "input[1]"],
    ["something else", { input: 7 }, "input"],
    ["tokens", { input: [1, 2] }, "input"],
    ["lists of tokens", { input: [[1], [2]] }, "input"],
    ["too many texts", { input: Array(2049).fill("a") }, "input"],
    ["an unknown form", { input: "a", encoding_format: "int8" }, "encoding_format"],
    ["no dimensions", { input: "a", dimensions: 0 }, "dimensions"],
    ["too many dimensions", { input: "a", dimensions: 1025 }, "dimensions"],
    ["a parameter of another provider's", { input: "a", truncate: "END" }, "truncate"],
  ];
  for (const [what, body, param] of cases) {
    test(what, async () => {
      const error = await failing(embed({ model: demo, ...body }));
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.equal(error.param, param);
    });
  }

  test("a model without embeddings, and an agent", async () => {
    const none = await failing(embed({ model: claude, input: "a" }));
    assert.deepEqual([none.status, none.param], [400, "model"]);
    assert.match(none.message, /OpenAI.*Google/);
    for (const model of ["openclaw", "openclaw/default", "agent:default"]) {
      const agent = await failing(embed({ model, input: "a" }));
      assert.deepEqual([agent.status, agent.param], [400, "model"], model);
    }
  });

  test("no such model, no model, no object", async () => {
    const missing = await failing(embed({ model: "nowhere/at-all", input: "a" }));
    assert.ok(missing instanceof OpenAI.NotFoundError);
    assert.equal(missing.param, "model");
    assert.equal((await failing(embed({ input: "a" }))).param, "model");
    for (const body of ["[]", "7", "null", '"text"']) {
      const { status } = await gateway.api("POST", "/v1/embeddings", body, {
        "content-type": "application/json",
      });
      assert.equal(status, 400, body);
    }
  });
});
