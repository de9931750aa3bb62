import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { type Json, startGateway } from "../support/gateway.ts";
import { type KeyedRig, startKeyedRig } from "../support/keyed-rig.ts";
import { until } from "../support/until.ts";

/** The official SDK of OpenAI against what is the gateway's own: agents, sessions, errors, the model list. */

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

describe("errors of our own", () => {
  test("come as the SDK's classes", async () => {
    const as = (options: object) =>
      new OpenAI({ baseURL: `${gateway.url}/v1`, maxRetries: 0, ...options } as never);
    await assert.rejects(as({ apiKey: "wrong" }).models.list(), OpenAI.AuthenticationError);
    const { body } = await gateway.api("POST", "/v1/tokens", { name: "r", scopes: ["read"] });
    const reader = as({ apiKey: body.token }).chat.completions.create({
      model: "builtin/demo",
      messages: hello,
    });
    await assert.rejects(reader, OpenAI.PermissionDeniedError);
    const ask = (params: Json) => client.chat.completions.create({ messages: hello, ...params } as never);
    for (const model of ["nobody/none", "builtin/none", "gpt-77", "openclaw/nobody"]) {
      await assert.rejects(ask({ model }), (error) => {
        assert.ok(error instanceof OpenAI.NotFoundError, model);
        assert.equal(error.param, "model");
        return true;
      });
    }
    await assert.rejects(ask({ model: "groq/llama" }), (error) => {
      assert.ok(error instanceof OpenAI.InternalServerError);
      assert.equal(error.status, 503);
      assert.match(error.message, /GROQ_API_KEY/);
      return true;
    });
    for (const bad of [
      { messages: [] },
      { messages: "hi" },
      { messages: [{ role: "user" }] },
      { stream: "yes" },
    ])
      await assert.rejects(
        ask({ model: "builtin/demo", ...bad }),
        OpenAI.BadRequestError,
        JSON.stringify(bad),
      );
  });

  test("a 429 of ours is retried by the SDK after Retry-After", async () => {
    const { body } = await gateway.api("POST", "/v1/tokens", {
      ...{ name: "narrow", scopes: ["chat"] },
      limits: { concurrency: 1 },
    });
    const narrow = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: body.token, maxRetries: 4 });
    const held = Promise.withResolvers<void>();
    fake.script([{ pause: held.promise }, { text: "done" }]);
    const index = fake.requests.length;
    const params = { model: "openai/gpt-4o", messages: hello };
    const first = narrow.chat.completions.create(params);
    await until(() => fake.requests.length > index, "the first is under way");
    const second = narrow.chat.completions.create(params);
    await assert.rejects(
      new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: body.token, maxRetries: 0 }).chat.completions.create(
        params,
      ),
      OpenAI.RateLimitError,
    );
    held.resolve();
    assert.equal((await first).choices[0]!.message.content, "done");
    assert.equal((await second).choices[0]!.message.content, "done");
  });
});

describe("agents", () => {
  const sessions = async () =>
    (await gateway.api("GET", "/v1/sessions")).body.sessions.map((it: Json) => it.sessionKey);

  test("without a session the messages are a throw-away one that no list ever shows", async () => {
    const before = await sessions();
    for (const model of ["openclaw", "openclaw/default", "agent:default", "openclaw/main"]) {
      const answer = await client.chat.completions.create({
        model,
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "One" },
          { role: "assistant", content: "Two" },
          { role: "user", content: "Three" },
        ],
      });
      assert.equal(answer.model, model);
      assert.match(answer.choices[0]!.message.content!, /You said: "Three"/);
      const stream = client.chat.completions.stream({ model, messages: hello });
      assert.match((await stream.finalContent())!, /You said: "Hello!"/);
    }
    assert.deepEqual(await sessions(), before);
  });

  test("with X-OpenClaw-Session-Key the session has the history", async () => {
    const headers = { "X-OpenClaw-Session-Key": "sdk-session" };
    const ask = (messages: OpenAI.ChatCompletionMessageParam[]) =>
      client.chat.completions.create({ model: "openclaw", messages }, { headers });
    await ask([{ role: "user", content: "First" }]);
    await ask([
      { role: "user", content: "First" },
      { role: "assistant", content: "whatever the caller thinks was said" },
      { role: "user", content: "Second" },
    ]);
    const { messages } = (await gateway.api("GET", "/v1/sessions/sdk-session")).body;
    assert.deepEqual(
      messages.map((it: Json) => (it.role === "user" ? it.content : it.role)),
      ["First", "assistant", "Second", "assistant"],
    );
  });

  test("with user the session is that user's, per credential", async () => {
    await client.chat.completions.create({ model: "openclaw", messages: hello, user: "ann" });
    await client.chat.completions.create({ model: "openclaw", messages: hello, user: "ann" });
    const own = (await sessions()).filter((it: string) => /^openai:.*:ann$/.test(it));
    assert.equal(own.length, 1);
    const { body } = await gateway.api("GET", `/v1/sessions/${encodeURIComponent(own[0])}`);
    assert.equal(body.messageCount, 4);
    const made = await gateway.api("POST", "/v1/tokens", { name: "x", scopes: ["chat"] });
    const other = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: made.body.token });
    await other.chat.completions.create({ model: "openclaw", messages: hello, user: "ann" });
    assert.equal((await sessions()).filter((it: string) => /^openai:.*:ann$/.test(it)).length, 2);
  });

  test("tools of the caller and a session key that is none are 400", async () => {
    const ask = (more: Json, headers = {}) =>
      client.chat.completions.create({ model: "openclaw", messages: hello, ...more }, { headers });
    await assert.rejects(ask({ tools: [weather] }), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.equal(error.param, "tools");
      return true;
    });
    await assert.rejects(ask({}, { "X-OpenClaw-Session-Key": "k".repeat(300) }), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.equal(error.param, "sessionKey");
      return true;
    });
  });

  test("a caller of a throw-away session that leaves ends the run", async () => {
    const stream = await client.chat.completions.create({
      ...{ model: "openclaw", stream: true },
      messages: [{ role: "user", content: "/slow 5000" }],
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    const idle = async () => (await gateway.api("GET", "/status")).body.runs.active === 0;
    await until(idle, "the streamed run ends");

    const leaving = new AbortController();
    const plain = client.chat.completions.create(
      { model: "openclaw", messages: [{ role: "user", content: "/slow 5000" }] },
      { signal: leaving.signal },
    );
    plain.catch(() => {});
    await until(async () => !(await idle()), "the plain run begins");
    leaving.abort();
    await until(idle, "the plain run ends");
  });
});

describe("models", () => {
  test("list and retrieve, ids with a slash raw and encoded", async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    for (const id of ["openclaw/default", "builtin/demo", "openai/gpt-4o", "anthropic/claude-3-5-sonnet"])
      assert.ok(ids.includes(id), id);
    assert.ok(!ids.some((it) => it.startsWith("groq/")), "a provider without a key cannot be called");
    const one = await client.models.retrieve("openai/gpt-4o");
    assert.equal(one.id, "openai/gpt-4o");
    assert.equal(one.owned_by, "openai");
    assert.equal((await gateway.api("GET", "/v1/models/openai/gpt-4o")).body.id, "openai/gpt-4o");
    assert.equal((await client.models.retrieve("agent:default")).id, "agent:default");
    await assert.rejects(client.models.retrieve("nobody/none"), OpenAI.NotFoundError);
  });

  test("a bare id works where exactly one provider lists it", async () => {
    fake.script([{ text: "bare" }]);
    const answer = await client.chat.completions.create({ model: "gpt-4o", messages: hello });
    assert.equal(answer.choices[0]!.message.content, "bare");
    assert.equal(answer.model, "gpt-4o");
  });
});

test("with only a key in the environment its provider's first model is the default", async () => {
  fake.script([{ text: "from the provider" }]);
  const own = await startGateway({
    env: { OPENAI_API_KEY: "sk-upstream", OPENAI_BASE_URL: `${fake.url}/v1` },
  });
  try {
    const { model } = (await own.api("GET", "/status")).body;
    assert.match(model, /^openai\//);
    const { body } = await own.api("POST", "/v1/agent/run", { message: "Hello!" });
    assert.equal(body.response, "from the provider");
    assert.equal(body.model, model);
    const sdk = new OpenAI({ baseURL: `${own.url}/v1`, apiKey: own.token });
    const stream = sdk.chat.completions.stream({ model: "openclaw", messages: hello });
    assert.equal(await stream.finalContent(), "from the provider");
  } finally {
    await own.close();
  }
});
