import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "../../src/lib/secrets.ts";
import { createOpenAiCompletions } from "../../src/runtime/models/openai-completions.ts";
import type { FakeStep } from "../support/fake-model.ts";
import { ask, failure, hello, key, setUp, textOf, wires } from "./wire-under-test.ts";

const statuses = [
  [400, "invalid_request"],
  [422, "invalid_request"],
  [401, "upstream_error"],
  [403, "upstream_error"],
  [404, "not_found"],
  [413, "payload_too_large"],
  [429, "rate_limited"],
  [500, "upstream_error"],
  [503, "upstream_error"],
  [529, "upstream_error"],
] as const;

for (const name of wires) {
  for (const [status, code] of statuses) {
    test(`${name}: an upstream ${status} becomes ${code} and never shows the key`, async (t) => {
      const body = { error: { message: `bad thing with ${key} in it`, type: "x" } };
      const { ask } = await setUp(t, name, { script: [{ status, body }] });
      const error = await failure(ask());
      assert.equal(error.code, code);
      assert.ok(!error.message.includes(key), error.message);
      if (status === 400) assert.match(error.message, /bad thing with \*\*\* in it/);
      if (status === 401) assert.match(error.message, /_API_KEY/);
      if (status === 404) assert.equal(error.param, "model");
      if (status === 429) assert.ok(error.retryAfterMs! > 0);
    });
  }

  test(`${name}: a busy provider is asked again and then answers`, async (t) => {
    const script = (_: unknown, count: number): FakeStep[] =>
      count < 2 ? [{ status: 503 }] : [{ text: "here" }];
    const { ask, fake, slept } = await setUp(t, name, { script });
    assert.equal(textOf(await ask()), "here");
    assert.equal(fake.requests.length, 3);
    assert.equal(slept.length, 2);
    assert.ok(slept[0]! >= 250 && slept[0]! <= 500, `${slept[0]}`);
    assert.ok(slept[1]! >= 500 && slept[1]! <= 1000, `${slept[1]}`);
  });

  test(`${name}: an answer that breaks off is an upstream_error and is not asked for again`, async (t) => {
    for (const end of [{ cut: true }, { stop: true }] as const) {
      const { ask, fake } = await setUp(t, name, { script: [{ text: "half" }, { pause: 20 }, end] });
      const error = await failure(ask());
      assert.equal(error.code, "upstream_error");
      assert.match(error.message, /broke off|ended its answer early/);
      assert.equal(fake.requests.length, 1);
    }
  });

  test(`${name}: garbage is an upstream_error`, async (t) => {
    const { ask } = await setUp(t, name, { script: [{ raw: "data: {not json\n\n" }, { stop: true }] });
    assert.equal((await failure(ask())).code, "upstream_error");
  });

  test(`${name}: silence before and within an answer is a timeout`, async (t) => {
    const limits = { headersMs: 100, silenceMs: 100 };
    for (const script of [[{ hang: true }], [{ text: "a" }, { hang: true }]] as const) {
      const { ask, fake } = await setUp(t, name, { script, limits });
      assert.equal((await failure(ask())).code, "timeout");
      assert.equal(fake.requests.length, 1);
    }
  });

  test(`${name}: an event that never ends is refused`, async (t) => {
    const endless = Array.from({ length: 20 }, () => ({ raw: "x".repeat(1000) }));
    const { ask } = await setUp(t, name, {
      script: [{ raw: "data: " }, ...endless, { pause: 5000 }],
      limits: { answerBytes: 10_000 },
    });
    const error = await failure(ask());
    assert.equal(error.code, "upstream_error");
    assert.match(error.message, /too large/);
  });

  test(`${name}: a provider that is not there is an upstream_error after three tries`, async (t) => {
    const { ask, fake, slept } = await setUp(t, name);
    await fake.close();
    const error = await failure(ask());
    assert.equal(error.code, "upstream_error");
    assert.match(error.message, /could not be reached/);
    assert.equal(slept.length, 2);
  });
}

test("an error object within a stream is told with its own words", async (t) => {
  const { ask } = await setUp(t, "openai", {
    script: [{ text: "a" }, { raw: 'data: {"error":{"message":"the model fell over","code":502}}\n\n' }],
  });
  const error = await failure(ask());
  assert.equal(error.code, "upstream_error");
  assert.match(error.message, /fell over/);
});

test("anthropic: an overload reported within the stream is an upstream_error", async (t) => {
  const { ask } = await setUp(t, "anthropic", {
    script: [
      { text: "a" },
      {
        raw: 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
      },
    ],
  });
  const error = await failure(ask());
  assert.equal(error.code, "upstream_error");
  assert.match(error.message, /Overloaded/);
});

test("Retry-After is honoured in seconds, in ms and as a date", async (t) => {
  const cases: [Record<string, string>, number, number][] = [
    [{ "retry-after": "2" }, 2000, 2000],
    [{ "retry-after-ms": "150" }, 150, 150],
    [{ "retry-after": new Date(Date.now() + 10_000).toUTCString() }, 7000, 11_000],
  ];
  for (const [headers, least, most] of cases) {
    const script = (_: unknown, count: number): FakeStep[] =>
      count === 0 ? [{ status: 429, headers }] : [{ text: "ok" }];
    const { ask, slept } = await setUp(t, "openai", { script });
    await ask();
    assert.equal(slept.length, 1);
    assert.ok(slept[0]! >= least && slept[0]! <= most, `${slept[0]}`);
  }
});

test("a wait of more than 20 s is left to the caller", async (t) => {
  const { ask, fake, slept } = await setUp(t, "openai", {
    script: [{ status: 429, headers: { "retry-after": "60" } }],
  });
  const error = await failure(ask());
  assert.equal(error.code, "rate_limited");
  assert.equal(error.retryAfterMs, 60_000);
  assert.equal(fake.requests.length, 1);
  assert.deepEqual(slept, []);
});

test("a used-up quota is not asked again", async (t) => {
  const body = { error: { code: "insufficient_quota", message: "You exceeded your current quota" } };
  const { ask, fake } = await setUp(t, "openai", { script: [{ status: 429, body }] });
  assert.equal((await failure(ask())).code, "rate_limited");
  assert.equal(fake.requests.length, 1);
});

test("an upstream's message is cut at 500 characters", async (t) => {
  const { ask } = await setUp(t, "openai", {
    script: [{ status: 400, body: { error: { message: "m".repeat(5000) } } }],
  });
  assert.equal((await failure(ask())).message.length, 500);
});

test("neither provider headers nor credentials in the baseUrl reach a message", async (t) => {
  const secrets = ["header-secret", "url-user", "url-password"];
  const {
    fake,
    wire: _,
    ...rest
  } = await setUp(t, "openai", {
    script: [{ status: 400, body: { error: { message: `seen: ${secrets.join(" ")}` } } }],
  });
  const provider = {
    id: "mine",
    baseUrl: fake.url.replace("//", "//url-user:url-password@"),
    headers: { "X-Own": "header-secret" },
  };
  const wire = createOpenAiCompletions(provider, {
    now: Date.now,
    random: Math.random,
    sleep: async () => {},
  });
  t.after(() => wire.close?.());
  const error = await failure(ask(wire, rest.model));
  assert.equal(error.message, "seen: *** *** ***");
  const { headers } = fake.requests[0]!;
  assert.equal(headers["x-own"], "header-secret");
  assert.equal(headers.authorization, `Basic ${Buffer.from("url-user:url-password").toString("base64")}`);
});

test("a baseUrl that is no URL is named", async () => {
  const provider = { id: "mine", baseUrl: "nonsense", headers: {} };
  const make = () =>
    createOpenAiCompletions(provider, { now: Date.now, random: Math.random, sleep: async () => {} });
  assert.throws(make, /models\.providers\.mine\.baseUrl/);
});

test("a key with a line break is refused before it is sent", async (t) => {
  for (const name of wires) {
    await assert.rejects(
      setUp(t, name, { provider: { apiKey: new Secret("sk-1\nsk-2") } }),
      (thrown: Error) => {
        assert.match(thrown.message, /line break/);
        return !thrown.message.includes("sk-1");
      },
    );
  }
});

test("the wait before a retry can be aborted", async (t) => {
  const { wire, model, slept } = await setUp(t, "openai", {
    script: [{ status: 503, headers: { "retry-after": "15" } }],
    realSleep: true,
  });
  const abort = new AbortController();
  const call = wire.stream(hello(model), { signal: abort.signal })[Symbol.asyncIterator]().next();
  const rejected = assert.rejects(call, /abort/i);
  const poll = setInterval(() => slept.length > 0 && abort.abort(), 5);
  await rejected.finally(() => clearInterval(poll));
});
