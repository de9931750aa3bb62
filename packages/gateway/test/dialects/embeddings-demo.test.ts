import assert from "node:assert/strict";
import { test } from "node:test";
import { demoEmbeddings } from "../../src/runtime/models/demo-embeddings.ts";
import { failure } from "../models/wire-under-test.ts";

const signal = new AbortController().signal;

async function vectors(texts: string[], dimensions?: number) {
  return (await demoEmbeddings({ model: "demo", texts, dimensions }, { signal })).vectors;
}

const dot = (a: number[], b: number[]) => a.reduce((sum, it, index) => sum + it * b[index]!, 0);

test("the demo's vectors are of unit length and the same every time, whatever the text", async () => {
  const texts = ["a", "The cat sat.", "!!!", " ", "猫が座った", "a b a b", "word ".repeat(5000)];
  for (const dimensions of [undefined, 1, 2, 7, 1024]) {
    const first = await vectors(texts, dimensions);
    assert.deepEqual(await vectors(texts, dimensions), first);
    for (const it of first) {
      assert.equal(it.length, dimensions ?? 256);
      assert.ok(Math.abs(Math.hypot(...it) - 1) < 1e-6);
    }
  }
});

test("texts that share words are nearer than those that share none", async () => {
  const [cat, near, nearer, far] = (await vectors([
    "The black cat sleeps on the warm sofa",
    "A cat likes the sofa",
    "The black cat sleeps on the cold floor",
    "Quarterly revenue grew by nine percent",
  ])) as [number[], number[], number[], number[]];
  assert.ok(dot(cat, nearer) > dot(cat, near));
  assert.ok(dot(cat, near) > dot(cat, far) + 0.2);
});

test("too many dimensions and too long a text are refused by name", async () => {
  assert.equal((await failure(vectors(["a"], 1025))).param, "dimensions");
  assert.equal((await failure(vectors(["a", "b".repeat(40_000)]))).param, "input[1]");
});

test("2048 long texts let others in between, and end with the caller", async (t) => {
  const texts = Array.from({ length: 2048 }, (_, index) => `text ${index} `.repeat(50));
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  t.after(() => clearInterval(timer));
  await vectors(texts);
  assert.ok(turns > 1, `${turns} turns`);
  const leaving = new AbortController();
  const work = demoEmbeddings({ model: "demo", texts }, leaving);
  leaving.abort(new Error("gone"));
  await assert.rejects(work, /gone/);
});
