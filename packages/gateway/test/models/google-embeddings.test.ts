import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmbedRequest } from "../../src/runtime/models/types.ts";
import { failure, key, setUp } from "./wire-under-test.ts";

type Asked = { requests: { model: string; content: { parts: { text: string }[] } }[] };

const signal = new AbortController().signal;

async function embedder(t: Parameters<typeof setUp>[0], answer?: (asked: Asked) => unknown) {
  const { wire, fake } = await setUp(t, "google");
  fake.serve((response, { body }) => {
    const asked = body as Asked; // what the wire sends
    const embeddings = asked.requests.map((it) => ({
      values: [it.content.parts[0]!.text.length, 0.5, -1e-7],
    }));
    response.writeHead(200, { "content-type": "application/json; charset=UTF-8" });
    response.end(JSON.stringify(answer ? answer(asked) : { embeddings }, null, 2));
  });
  const embed = (request: Partial<EmbedRequest>) =>
    wire.embed!({ model: "gemini-embedding-001", texts: ["a"], ...request }, { signal });
  return { embed, fake };
}

test("texts become vectors in their order, a hundred a request", async (t) => {
  const { embed, fake } = await embedder(t);
  const texts = Array.from({ length: 201 }, (_, index) => "x".repeat(index));
  const { vectors, promptTokens } = await embed({ texts, dimensions: 3 });
  assert.deepEqual(
    vectors,
    texts.map((it) => [it.length, 0.5, -1e-7]),
  );
  assert.equal(
    promptTokens,
    texts.reduce((sum, it) => sum + Math.ceil(it.length / 4), 0),
    "an estimate, where Google tells none",
  );
  assert.deepEqual(
    fake.requests.map((it) => (it.body.requests as unknown[]).length),
    [100, 100, 1],
  );
  const { path, headers, body } = fake.requests[2]!;
  assert.equal(path, "/v1beta/models/gemini-embedding-001:batchEmbedContents");
  assert.equal(headers["x-goog-api-key"], key);
  assert.deepEqual(body, {
    requests: [
      {
        model: "models/gemini-embedding-001",
        content: { parts: [{ text: texts[200] }] },
        outputDimensionality: 3,
      },
    ],
  });
});

test("what Google counted is what counts", async (t) => {
  const { embed, fake } = await embedder(t, ({ requests }) => ({
    embeddings: requests.map(() => ({ values: [1] })),
    usageMetadata: { promptTokenCount: 7, promptTokenDetails: [{ modality: "TEXT", tokenCount: 7 }] },
  }));
  assert.deepEqual(await embed({ texts: ["a", "b"] }), { vectors: [[1], [1]], promptTokens: 7 });
  assert.ok(!("outputDimensionality" in (fake.requests[0]!.body.requests as object[])[0]!));
});

test("an answer that is no list of that many vectors is an upstream_error", async (t) => {
  const broken: unknown[] = [
    {},
    [],
    { embeddings: [] },
    { embeddings: [{ values: [1] }, { values: [2] }] },
    { embeddings: [{ values: ["a"] }] },
    { embeddings: [{ values: [[1]] }] },
    { text: '"values": [1]' },
    { error: { code: 500, message: "boom" } },
  ];
  for (const answer of broken) {
    const { embed } = await embedder(t, () => answer);
    assert.equal((await failure(embed({}))).code, "upstream_error", JSON.stringify(answer));
  }
});

test("a refusal is told with Google's own words", async (t) => {
  const { wire, fake } = await setUp(t, "google");
  fake.script([{ status: 400, body: { error: { code: 400, message: "Bad dimensions" } } }]);
  const error = await failure(wire.embed!({ model: "m", texts: ["a"] }, { signal }));
  assert.deepEqual([error.code, error.message], ["invalid_request", "Bad dimensions"]);
});
