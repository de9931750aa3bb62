import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, setUp } from "./wire-under-test.ts";

const signal = new AbortController().signal;
const body = { model: "m", messages: [{ role: "user", content: "hi" }], vendor_thing: { deep: [1, null] } };

async function chunks(stream: AsyncIterable<Record<string, unknown>[]>) {
  const reads: Record<string, unknown>[][] = [];
  for await (const read of stream) reads.push(read);
  return reads;
}

test("a body reaches the provider as it is, and its answer the caller", async (t) => {
  const { wire, fake } = await setUp(t, "openai", { script: [{ text: "hello" }] });
  const completion = await wire.passThrough!["chat-completions"]!.complete(body, { signal });
  assert.deepEqual(fake.requests[0]!.body, body);
  assert.equal((completion.choices as { message: { content: string } }[])[0]!.message.content, "hello");
});

test("a streamed body asks for a stream, and [DONE] is left out", async (t) => {
  const { wire, fake } = await setUp(t, "openai", { script: [{ text: "a" }, { text: "b" }] });
  const reads = await chunks(wire.passThrough!["chat-completions"]!.stream(body, { signal }));
  assert.deepEqual(fake.requests[0]!.body, { ...body, stream: true });
  const deltas = reads
    .flat()
    .map((it) => (it.choices as { delta: { content?: string } }[])[0]!.delta.content);
  assert.deepEqual(deltas, ["", "a", "b", undefined]);
  assert.ok(reads.every((it) => it.length > 0));
});

test("a chunk is handed on before the next one comes", async (t) => {
  let next = () => {};
  const gate = new Promise<void>((open) => {
    next = open;
  });
  const { wire } = await setUp(t, "openai", { script: [{ text: "a" }, { pause: gate }, { text: "b" }] });
  const stream = wire.passThrough!["chat-completions"]!.stream(body, { signal })[Symbol.asyncIterator]();
  const seen: unknown[] = [];
  while (!JSON.stringify(seen).includes('"a"')) seen.push((await stream.next()).value);
  assert.ok(!JSON.stringify(seen).includes('"b"'));
  next();
  for (let read = await stream.next(); !read.done; read = await stream.next()) seen.push(read.value);
  assert.ok(JSON.stringify(seen).includes('"b"'));
});

test("chunks that came together are one array", async (t) => {
  const line = (n: number) => `data: {"n":${n},"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n`;
  const { wire } = await setUp(t, "openai", {
    script: [{ raw: line(1) + line(2) + line(3) }, { pause: 50 }, { raw: `${line(4)}data: [DONE]\n\n` }],
  });
  const reads = await chunks(wire.passThrough!["chat-completions"]!.stream(body, { signal }));
  assert.deepEqual(
    reads.map((read) => read.map((it) => it.n)),
    [[1, 2, 3], [4]],
  );
});

test("a provider that does not stream gives one chunk", async (t) => {
  const { wire } = await setUp(t, "openai", {
    script: [{ unstreamed: true }, { text: "whole" }, { call: { name: "a" } }],
  });
  const [[chunk] = []] = await chunks(wire.passThrough!["chat-completions"]!.stream(body, { signal }));
  assert.equal(chunk!.object, "chat.completion.chunk");
  const [{ delta }] = chunk!.choices as [{ delta: { content: string; tool_calls: { index: number }[] } }];
  assert.equal(delta.content, "whole");
  assert.equal(delta.tool_calls[0]!.index, 0);
});

test("an answer that is no completion is an upstream_error", async (t) => {
  const { wire, fake } = await setUp(t, "openai");
  for (const raw of ["<html>", "[]", "null", ""]) {
    fake.script([{ status: 200, body: raw }]);
    assert.equal(
      (await failure(wire.passThrough!["chat-completions"]!.complete(body, { signal }))).code,
      "upstream_error",
    );
  }
  fake.script([{ status: 200, body: { error: { message: "no credit", code: 402 } } }]);
  assert.match(
    (await failure(wire.passThrough!["chat-completions"]!.complete(body, { signal }))).message,
    /no credit/,
  );
});

test("an answer over the limit, and one that breaks off, are upstream_errors", async (t) => {
  const { wire, fake } = await setUp(t, "openai", { limits: { answerBytes: 1000 } });
  fake.script([{ status: 200, body: { big: "x".repeat(2000) } }]);
  assert.match(
    (await failure(wire.passThrough!["chat-completions"]!.complete(body, { signal }))).message,
    /too large/,
  );
  fake.script([{ raw: '{"half":' }, { pause: 20 }, { cut: true }]);
  assert.match(
    (await failure(wire.passThrough!["chat-completions"]!.complete(body, { signal }))).message,
    /broke off/,
  );
});

test("a busy provider is asked again, streamed or not", async (t) => {
  const { wire, fake } = await setUp(t, "openai");
  const once = (_: unknown, count: number) => (count % 2 === 0 ? [{ status: 529 }] : [{ text: "ok" }]);
  fake.script(once);
  await wire.passThrough!["chat-completions"]!.complete(body, { signal });
  await chunks(wire.passThrough!["chat-completions"]!.stream(body, { signal }));
  assert.equal(fake.requests.length, 4);
});
