import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnswerCache } from "../../src/services/models/answer-cache.ts";
import { startFakeModel } from "../support/fake-model.ts";
import { startGateway } from "../support/gateway.ts";
import { startAskingRig } from "./asking-rig.ts";

const defaults = { cache: { enabled: true, ttl: 60, maxSize: 2 } };
const model = ["a/m"];

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

test("without being switched on nothing is kept", async (t) => {
  const rig = await startAskingRig(t, { providers: { a: {} } });
  await rig.say(model);
  await rig.say(model);
  assert.equal(rig.seen().a, 2);
});

test("the same request is answered from memory with the same events, at no cost", async (t) => {
  const script = [{ reasoning: "hm" }, { text: "one " }, { text: "two" }];
  const rig = await startAskingRig(t, { providers: { a: { script } }, defaults });
  const first = await all(rig.ask(model));
  const second = await all(rig.ask(model));
  assert.equal(rig.seen().a, 1);
  assert.deepEqual(second.slice(0, -1), first.slice(0, -1));
  const usage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 };
  assert.deepEqual(second.at(-1), { type: "finish", reason: "stop", usage });
  assert.deepEqual(rig.answered, ["a/m", "a/m"]);
  assert.deepEqual([rig.counts.hits, rig.counts.misses], [1, 1]);
});

test("whatever differs in a request makes it another one", async (t) => {
  const rig = await startAskingRig(t, {
    providers: { a: {}, b: {} },
    defaults: { cache: { enabled: true } },
  });
  const tool = { name: "look", description: "", parameters: {} };
  const different = [
    {},
    { text: "other" },
    { request: { temperature: 0.5 } },
    { request: { tools: [tool] } },
    { request: { maxTokens: 5 } },
    { thinking: "high" as const },
  ];
  for (const one of different) await rig.say(model, one);
  await rig.say(["b/m"]);
  assert.deepEqual(rig.seen(), { a: different.length, b: 1 });
});

test("answers that are cut short, call tools, fail or are not waited for are not kept", async (t) => {
  const scripts = [
    [{ text: "a" }, { finish: "length" as const }],
    [{ call: { name: "look" } }],
    [{ text: "a" }, { pause: 20 }, { cut: true as const }],
  ];
  for (const script of scripts) {
    const rig = await startAskingRig(t, { providers: { a: { script } }, defaults });
    for (let count = 0; count < 2; count++) await rig.say(model).catch(() => {});
    assert.equal(rig.seen().a, 2);
  }
  const rig = await startAskingRig(t, { providers: { a: {} }, defaults });
  for await (const _ of rig.ask(model)) break;
  await rig.say(model);
  assert.equal(rig.seen().a, 2);
});

test("summaries are neither kept nor taken from memory", async (t) => {
  const rig = await startAskingRig(t, { providers: { a: {} }, defaults });
  for (let count = 0; count < 2; count++) await rig.say(model, { purpose: "compaction" });
  assert.equal(rig.seen().a, 2);
});

test("an answer is kept for its time, and the one longest unused goes first", async (t) => {
  const rig = await startAskingRig(t, { providers: { a: {} }, defaults });
  for (const text of ["x", "y", "x", "z"]) await rig.say(model, { text });
  assert.equal(rig.seen().a, 3);
  await rig.say(model, { text: "x" });
  assert.equal(rig.seen().a, 3);
  await rig.say(model, { text: "y" });
  assert.equal(rig.seen().a, 4);
  rig.later(60_000);
  await rig.say(model, { text: "y" });
  assert.equal(rig.seen().a, 5);
});

test("a fallback's answer is kept as its own", async (t) => {
  const rig = await startAskingRig(t, { providers: { a: { script: [{ status: 401 }] }, b: {} }, defaults });
  await rig.say(["a/m", "b/m"]);
  assert.equal(await rig.say(["b/m"]), "b speaks");
  assert.equal(rig.seen().b, 1);
});

test("memory is bounded in characters, and what is too large is left alone", () => {
  const cache = createAnswerCache({ ttl: 60, maxSize: 100_000 }, () => 0);
  for (let count = 0; count < 40; count++) cache.put(`k${count}`, "x".repeat(900_000));
  const kept = Array.from({ length: 40 }, (_, count) => cache.get(`k${count}`)).filter(
    (it) => it !== undefined,
  );
  assert.equal(kept.length, 17);
  cache.put("large", "x".repeat(1_000_001));
  assert.equal(cache.get("large"), undefined);
  const picture = { content: [{ type: "image", data: "A".repeat(600_000) }] };
  assert.equal(cache.keyOf("a/m", picture), undefined);
});

test("whole bodies that are passed on are answered from memory; streamed ones are not", async (t) => {
  const fake = await startFakeModel([{ text: "once" }]);
  t.after(() => fake.close());
  const gateway = await startGateway({
    config: {
      models: { providers: { fake: { baseUrl: `${fake.url}/v1` } } },
      agents: { defaults: { cache: { enabled: true } } },
    },
  });
  t.after(() => gateway.close());
  const body = { model: "fake/m", messages: [{ role: "user", content: "hi" }] };
  const complete = async (more = {}) => gateway.api("POST", "/v1/chat/completions", { ...body, ...more });
  const first = await complete();
  const second = await complete();
  assert.equal(fake.requests.length, 1);
  assert.deepEqual(second.body.choices, first.body.choices);
  assert.equal(second.body.usage.total_tokens, 0);
  await complete({ seed: 1 });
  for (let count = 0; count < 2; count++) await complete({ stream: true });
  assert.equal(fake.requests.length, 4);
  const metrics = await gateway.api("GET", "/metrics");
  assert.match(metrics.text, /^openclaw_answer_cache_hits_total 1$/m);
  assert.match(metrics.text, /^openclaw_answer_cache_misses_total 2$/m);
});
