import assert from "node:assert/strict";
import { test } from "node:test";
import { ContextOverflow } from "../../src/runtime/models/context-overflow.ts";
import type { FakeStep } from "../support/fake-model.ts";
import { until } from "../support/until.ts";
import { startAskingRig } from "./asking-rig.ts";
import { ask as askWire, failure, setUp, wires } from "./wire-under-test.ts";

const both = ["a/m", "b/m"];

for (const status of [401, 402, 403, 404, 429, 500, 503, 529]) {
  test(`a model that answers ${status} is stood in for by the next one, which is told before it speaks`, async (t) => {
    const rig = await startAskingRig(t, { providers: { a: { script: [{ status }] }, b: {} } });
    assert.equal(await rig.say(both), "b speaks");
    assert.deepEqual(rig.answered, ["b/m"]);
    assert.equal(rig.counts.failovers, 1);
  });
}

test("so is one that is not there, one that talks nonsense and one that breaks off before its first word", async (t) => {
  for (const script of [[{ raw: "data: {no\n\n" }, { stop: true }], [{ cut: true }], undefined] as const) {
    const rig = await startAskingRig(t, { providers: { a: { script }, b: {} } });
    if (script === undefined) await rig.fakes.a!.close();
    assert.equal(await rig.say(both), "b speaks");
  }
});

test("where another model stands ready a failure is not waited out", async (t) => {
  const headers = { "retry-after": "15" };
  const rig = await startAskingRig(t, { providers: { a: { script: [{ status: 429, headers }] }, b: {} } });
  await rig.say(both);
  assert.deepEqual(rig.slept, []);
  assert.deepEqual(rig.seen(), { a: 1, b: 1 });
});

test("a model that failed rests, then one call tries it, and the choice is back", async (t) => {
  const script = (_: unknown, count: number): FakeStep[] =>
    count < 2 ? [{ status: 503 }] : [{ text: "a speaks" }];
  const rig = await startAskingRig(t, { providers: { a: { script }, b: {} } });
  await rig.say(both);
  assert.deepEqual(rig.seen(), { a: 2, b: 1 });
  await rig.say(both);
  assert.deepEqual(rig.seen(), { a: 2, b: 2 });
  rig.later(1_000);
  assert.equal(await rig.say(both), "a speaks");
  assert.equal(await rig.say(both), "a speaks");
  assert.deepEqual(rig.answered, ["b/m", "b/m", "a/m", "a/m"]);
});

test("while one call probes, the others go on to the next model", async (t) => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const script = (_: unknown, count: number): FakeStep[] =>
    count < 2 ? [{ status: 503 }] : [{ pause: gate }, { text: "a speaks" }];
  const rig = await startAskingRig(t, { providers: { a: { script }, b: {} } });
  await rig.say(both);
  rig.later(1_000);
  const probe = rig.say(both);
  await until(() => rig.seen().a === 3, "the probe");
  const others = await Promise.all([rig.say(both), rig.say(both), rig.say(both)]);
  assert.deepEqual(others, ["b speaks", "b speaks", "b speaks"]);
  assert.equal(rig.seen().a, 3);
  open();
  assert.equal(await probe, "a speaks");
});

test("a probe that is aborted gives its turn back: the next call probes", async (t) => {
  const script = (_: unknown, count: number): FakeStep[] =>
    count < 2 ? [{ status: 503 }] : count === 2 ? [{ hang: true }] : [{ text: "a speaks" }];
  const rig = await startAskingRig(t, { providers: { a: { script }, b: {} } });
  await rig.say(both);
  rig.later(1_000);
  const abort = new AbortController();
  const probe = rig.say(both, { signal: abort.signal });
  await until(() => rig.seen().a === 3, "the probe");
  abort.abort(new Error("gone"));
  await assert.rejects(probe, /gone/);
  assert.equal(await rig.say(both), "a speaks");
});

test("a refusal of the request is final, and no model is blamed for it", async (t) => {
  const script = [{ status: 400, body: { error: { message: "no such toy" } } }];
  const rig = await startAskingRig(t, { providers: { a: { script }, b: {} } });
  for (let count = 0; count < 2; count++) assert.match((await failure(rig.say(both))).message, /no such toy/);
  assert.deepEqual(rig.seen(), { a: 2, b: 0 });
});

test("once something was said a failure is final", async (t) => {
  const script: FakeStep[] = [{ text: "half" }, { pause: 20 }, { cut: true }];
  const rig = await startAskingRig(t, { providers: { a: { script }, b: {} } });
  assert.equal((await failure(rig.say(both))).code, "upstream_error");
  assert.deepEqual(rig.seen(), { a: 1, b: 0 });
});

test("an abort is final", async (t) => {
  const rig = await startAskingRig(t, { providers: { a: { script: [{ hang: true }] }, b: {} } });
  const abort = new AbortController();
  const call = rig.say(both, { signal: abort.signal });
  await until(() => rig.seen().a === 1, "the request");
  abort.abort(new Error("gone"));
  await assert.rejects(call, /gone/);
  assert.equal(rig.seen().b, 0);
});

test("where all rest for a moment, the moment is waited for", async (t) => {
  const script = (_: unknown, count: number): FakeStep[] =>
    count === 0 ? [{ status: 429, headers: { "retry-after-ms": "1100" } }] : [{ text: "at last" }];
  const providers = { a: { script }, b: { script: [{ status: 401 }] } };
  const rig = await startAskingRig(t, { providers });
  const begun = performance.now();
  assert.equal(await rig.say(both), "at last");
  assert.ok(performance.now() - begun > 1_000);
  assert.deepEqual(rig.seen(), { a: 2, b: 1 });
});

test("where that takes longer than 15 s, the call fails at once and says when to come back", async (t) => {
  const script = [{ status: 429, headers: { "retry-after": "40" } }];
  const rig = await startAskingRig(t, { providers: { a: { script }, b: { script } } });
  await failure(rig.say(both));
  rig.later(10_000);
  const begun = performance.now();
  const error = await failure(rig.say(both));
  assert.ok(performance.now() - begun < 5_000);
  assert.equal(error.code, "rate_limited");
  assert.ok(error.retryAfterMs! > 25_000 && error.retryAfterMs! <= 30_000, `${error.retryAfterMs}`);
  assert.deepEqual(rig.seen(), { a: 1, b: 1 });
});

test("a wait for resting models ends when the caller goes away", async (t) => {
  const script = [{ status: 429, headers: { "retry-after": "10" } }];
  const rig = await startAskingRig(t, { providers: { a: { script }, b: { script } } });
  const abort = new AbortController();
  const call = rig.say(both, { signal: abort.signal });
  await until(() => rig.seen().b === 1, "both have failed");
  setImmediate(() => abort.abort(new Error("gone")));
  await assert.rejects(call, /gone/);
});

test("a model without fallbacks is never refused for old news alone", async (t) => {
  for (const status of [401, 404, 500]) {
    const script = (_: unknown, count: number): FakeStep[] =>
      count < (status === 500 ? 3 : 1) ? [{ status }] : [{ text: "mended" }];
    const rig = await startAskingRig(t, { providers: { a: { script } } });
    await failure(rig.say(["a/m"]));
    assert.equal(await rig.say(["a/m"]), "mended");
  }
});

test("calls that come while such a model is tried wait for what becomes of it", async (t) => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const script = (_: unknown, count: number): FakeStep[] =>
    count === 0 ? [{ status: 401 }] : count === 1 ? [{ pause: gate }, { status: 401 }] : [{ text: "never" }];
  const rig = await startAskingRig(t, { providers: { a: { script } } });
  await failure(rig.say(["a/m"]));
  const calls = Array.from({ length: 5 }, () => failure(rig.say(["a/m"])));
  await until(() => rig.seen().a === 2, "the probe");
  rig.later(1); // their news shall be younger than they are
  open();
  for (const error of await Promise.all(calls)) assert.equal(error.code, "upstream_error");
  assert.equal(rig.seen().a, 2);
});

test("a model that is unknown or switched off is passed over; alone it is the error", async (t) => {
  const defaults = { models: { "a/m": { enabled: false } } };
  const rig = await startAskingRig(t, { providers: { a: {}, b: {} }, defaults });
  assert.equal(await rig.say(both), "b speaks");
  assert.equal(await rig.say(["nobody/x", "b/m"]), "b speaks");
  const error = await failure(rig.say(["a/m"]));
  assert.deepEqual([error.code, error.param], ["forbidden", "model"]);
  assert.equal((await failure(rig.say(["nobody/x"]))).code, "not_found");
  const listed = (await rig.models.list()).map((it) => it.id);
  assert.ok(!listed.includes("a/m") && listed.includes("b/m"));
  assert.equal(await rig.models.defaultModel(), "b/m");
});

test("a fallback thinks as far as it can", async (t) => {
  const levels: string[] = [];
  const models = [{ id: "m", reasoning: true }];
  const rig = await startAskingRig(t, {
    providers: { a: { script: [{ status: 503 }], models }, b: {}, c: { models } },
  });
  const onModel = (_: unknown, level: string) => void levels.push(level);
  await rig.say(["a/m", "b/m"], { thinking: "high", onModel });
  await rig.say(["a/m", "c/m"], { thinking: "xhigh", onModel });
  assert.deepEqual(levels, ["off", "high"]);
});

test("a session's requests to OpenAI carry one key for its prompt cache, another session's another", async (t) => {
  const rig = await startAskingRig(t, { providers: { openai: { apiKey: "sk-0123456789" }, a: {} } });
  for (const sessionId of [1, 1, 2, undefined]) await rig.say(["openai/m"], { sessionId, agentId: "x" });
  const keys = rig.fakes.openai!.requests.map((it) => it.body.prompt_cache_key as string | undefined);
  assert.match(keys[0]!, /^[0-9a-f]{32}$/);
  assert.equal(keys[1], keys[0]);
  assert.notEqual(keys[2], keys[0]);
  assert.equal(keys[3], undefined);
  await rig.say(["a/m"], { sessionId: 1 });
  assert.ok(!("prompt_cache_key" in rig.fakes.a!.requests[0]!.body));
});

const overflows = {
  openai: { code: "context_length_exceeded", message: "This model's maximum context length is 8192 tokens." },
  responses: { code: "context_length_exceeded", message: "Your input exceeds the context window." },
  anthropic: { type: "invalid_request_error", message: "prompt is too long: 210000 tokens > 200000 maximum" },
  google: {
    code: 400,
    message: "The input token count (1200000) exceeds the maximum number of tokens allowed.",
  },
};

for (const name of wires) {
  test(`${name}: a request that is too long for the model is told as such`, async (t) => {
    const { wire, model } = await setUp(t, name, {
      script: [{ status: 400, body: { error: overflows[name] } }],
    });
    const error = await failure(askWire(wire, model));
    assert.ok(error instanceof ContextOverflow, error.message);
    assert.equal(error.code, "invalid_request");
  });
}

test("a request that is too long is final, and another refusal is not taken for it", async (t) => {
  const body = { error: { message: "max_tokens is too large: 99999. This model supports at most 4096." } };
  const rig = await startAskingRig(t, {
    providers: {
      a: { script: [{ status: 400, body: { error: overflows.openai } }] },
      b: {},
      c: { script: [{ status: 400, body }] },
    },
  });
  assert.ok((await failure(rig.say(both))) instanceof ContextOverflow);
  assert.equal(rig.seen().b, 0);
  assert.ok(!((await failure(rig.say(["c/m"]))) instanceof ContextOverflow));
});

test("anthropic: system, the last request's end and this one's are marked, and what went before keeps its bytes", async (t) => {
  const { wire, model, fake } = await setUp(t, "anthropic");
  const user = (text: string) => ({ role: "user" as const, content: [{ type: "text" as const, text }] });
  const turns = [{ role: "system" as const, content: "be kind" }, user("one")];
  await askWire(wire, model, { messages: turns });
  await askWire(wire, model, { messages: [...turns, { role: "assistant", content: "1" }, user("two")] });
  const mark = { type: "ephemeral" };
  type Sent = { system: unknown; messages: { content: { cache_control?: unknown }[] }[] };
  const [before, after] = fake.requests.map((it) => it.body as Sent);
  assert.deepEqual(after!.system, before!.system);
  assert.deepEqual(after!.messages[0], before!.messages[0]);
  assert.deepEqual(
    after!.messages.map((it) => it.content.at(-1)!.cache_control),
    [mark, undefined, mark],
  );
});
