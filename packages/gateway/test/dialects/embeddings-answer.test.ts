import assert from "node:assert/strict";
import { test } from "node:test";
import { formVectors, toBase64, toNumbers } from "../../src/api/dialects/embeddings/vectors.ts";
import { createEmbeddingsReader } from "../../src/runtime/models/pass-embeddings.ts";
import { failure } from "../models/wire-under-test.ts";

const signal = new AbortController().signal;

/** Reads a text that comes in pieces of one size. */
function read(text: string, size: number) {
  const reader = createEmbeddingsReader();
  for (let at = 0; at < text.length; at += size) reader.feed(text.slice(at, at + size));
  return reader.end();
}

const answers: Record<string, unknown> = {
  "of numbers": { data: [{ embedding: [0.5, -1e-9] }, { embedding: [2] }], model: "m", usage: { n: 1 } },
  "of base64": { object: "list", data: [{ index: 0, embedding: "AAAAPw==" }, { embedding: "//79/A==" }] },
  "of nothing": { data: [], model: "m" },
  "of an empty vector": { data: [{ embedding: [] }, { embedding: "" }] },
  "of vectors of vectors": { data: [{ embedding: [[1, 2], [3]] }, { embedding: [4] }] },
  "of vectors by name": { data: [{ embedding: { float: [1, 2] } }, { embedding: null }] },
  "with the word in a text": { note: '"embedding": [7', data: [{ embedding: [1], text: '\\"embedding":"' }] },
  "that is an error": { error: { message: 'bad "embedding" : [1, 2]' } },
};

for (const [name, answer] of Object.entries(answers)) {
  test(`an answer ${name} is read as it is, wherever it is cut`, () => {
    for (const text of [JSON.stringify(answer), JSON.stringify(answer, null, 3)]) {
      for (const size of [1, 2, 3, 7, 64, 1000]) assert.deepEqual(read(text, size), answer);
    }
  });
}

test("slashes may be escaped, and whitespace may be long", () => {
  assert.deepEqual(read('{"data":[{"embedding":"a\\/b="}]}', 4), { data: [{ embedding: "a/b=" }] });
  const spaced = `{"data":[{"embedding"${" ".repeat(200)}:${"\n".repeat(200)}[1]}]}`;
  assert.deepEqual(read(spaced, 50), { data: [{ embedding: [1] }] });
});

test("what is no JSON object is no answer", () => {
  for (const text of ["", "[]", "null", "<html>", '{"data":[{"embedding":[1,2', '{"data":[{"embedding":"a'])
    assert.equal(read(text, 5), undefined);
});

test("base64 is float32, little-endian, and back again", () => {
  assert.equal(toBase64([0.5, -2]), "AAAAPwAAAMA=");
  assert.deepEqual(toNumbers("AAAAPwAAAMA="), [0.5, -2]);
});

test("vectors come in the form that was asked for, numbers unless said otherwise", async () => {
  const formed = async (embedding: unknown, asked: unknown) => {
    const answer = { data: [{ embedding }] };
    await formVectors(answer, asked, { signal });
    return answer.data[0]!.embedding;
  };
  for (const asked of ["float", null, undefined]) {
    assert.deepEqual(await formed("AAAAPw==", asked), [0.5]);
    assert.deepEqual(await formed([0.25], asked), [0.25]);
  }
  assert.equal(await formed([0.5], "base64"), "AAAAPw==");
  assert.equal(await formed("AAAAPw==", "base64"), "AAAAPw==");
  assert.deepEqual(await formed([1, 2], "ubinary"), [1, 2]);
  assert.deepEqual(await formed([[1], [2]], "base64"), [[1], [2]]);
  assert.equal((await failure(formed("AAA=", "float"))).code, "upstream_error");
});

test("forming many vectors lets others in between", async (t) => {
  const vector = Array.from({ length: 1536 }, (_, index) => index / 1536);
  const answer = { data: Array.from({ length: 2048 }, () => ({ embedding: vector })) };
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  t.after(() => clearInterval(timer));
  await formVectors(answer, "base64", { signal });
  assert.ok(turns > 1, `${turns} turns`);
  const leaving = AbortSignal.abort(new Error("gone"));
  await assert.rejects(formVectors(answer, "float", { signal: leaving }), /gone/);
});
