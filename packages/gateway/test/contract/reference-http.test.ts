import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Answer, Json } from "../support/gateway.ts";
import { type KeyedRig, startKeyedRig } from "../support/keyed-rig.ts";
import { allEvents } from "../support/sse.ts";

/** The API reference's own examples over HTTP, one by one. */

let rig: KeyedRig;
let gateway: KeyedRig["gateway"];
let fake: KeyedRig["fake"];

before(async () => {
  rig = await startKeyedRig([
    { text: "Hello!" },
    { text: " How can I help you today?" },
    { usage: { prompt: 10, completion: 15 } },
  ]);
  ({ gateway, fake } = rig);
});

after(() => rig.close());

const isTime = (value: unknown) => assert.match(String(value), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);

describe("HTTP", () => {
  test("GET /status", async () => {
    const { status, body } = await gateway.api("GET", "/status");
    assert.equal(status, 200);
    assert.equal(body.status, "ok");
    assert.match(body.version, /^\d{4}\.\d+\.\d+$/);
    assert.ok(Number.isInteger(body.uptime));
    assert.deepEqual(body.gateway, { port: gateway.port, bind: "127.0.0.1", auth: "token" });
    assert.deepEqual(Object.keys(body.channels), [
      "whatsapp",
      "telegram",
      "discord",
      "slack",
      "irc",
      "webhook",
      "webchat",
    ]);
    assert.equal(body.channels.discord, "not_configured");
    assert.equal(body.channels.webchat, "connected");
  });

  test("POST /v1/agent/run", async () => {
    const { status, body } = await gateway.api("POST", "/v1/agent/run", {
      message: "Hello, AI!",
      sessionKey: "session-run",
      agentId: "default",
      options: { thinking: "medium", model: "anthropic/claude-3-5-sonnet" },
    });
    assert.equal(status, 200);
    assert.match(body.runId, /^run-/);
    assert.equal(body.sessionKey, "session-run");
    assert.equal(body.response, "Hello! How can I help you today?");
    assert.deepEqual(body.usage, { promptTokens: 10, completionTokens: 15, totalTokens: 25 });
    assert.equal(body.model, "anthropic/claude-3-5-sonnet");
    assert.equal(body.finishReason, "stop");
  });

  test("POST /v1/agent/run/stream answers SSE: delta … done", async () => {
    const body = JSON.stringify({ message: "Hello", sessionKey: "session-stream", stream: true });
    const response = await gateway.fetch("/v1/agent/run/stream", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    const events = await allEvents(response);
    const deltas = events.filter((it) => it.event === "delta");
    assert.deepEqual(
      deltas.map((it) => it.data.delta),
      ["Hello!", " How can I help you today?"],
    );
    const done = events.at(-1)!;
    assert.equal(done.event, "done");
    assert.equal(done.data.finishReason, "stop");
    for (const { data } of events) assert.equal(data.runId, done.data.runId);
  });

  test("stream: true on /v1/agent/run streams, stream: false on /run/stream is 400", async () => {
    const streamed = await gateway.fetch("/v1/agent/run", {
      method: "POST",
      body: JSON.stringify({ message: "Hello", stream: true }),
    });
    assert.equal((await allEvents(streamed)).at(-1)!.event, "done");
    const refused = await gateway.api("POST", "/v1/agent/run/stream", { message: "Hello", stream: false });
    assert.equal(refused.status, 400);
    assert.equal(refused.body.error.param, "stream");
  });

  test("GET /v1/sessions, GET and DELETE /v1/sessions/{sessionKey}", async () => {
    await gateway.api("POST", "/v1/agent/run", { message: "Hello", sessionKey: "session-crud" });
    const list = await gateway.api("GET", "/v1/sessions");
    assert.equal(list.status, 200);
    const row = list.body.sessions.find((it: Json) => it.sessionKey === "session-crud");
    assert.equal(row.agentId, "default");
    assert.equal(row.channel, "webchat");
    isTime(row.createdAt);
    isTime(row.updatedAt);
    assert.equal(row.messageCount, 2);

    const one = await gateway.api("GET", "/v1/sessions/session-crud");
    assert.equal(one.status, 200);
    assert.deepEqual(
      one.body.messages.map((it: Json) => [it.role, it.content]),
      [
        ["user", "Hello"],
        ["assistant", "Hello! How can I help you today?"],
      ],
    );
    const gone = await gateway.api("DELETE", "/v1/sessions/session-crud");
    assert.equal(gone.status, 200);
    assert.deepEqual(gone.body, { deleted: true, sessionKey: "session-crud" });
    assert.equal((await gateway.api("GET", "/v1/sessions/session-crud")).status, 404);
    assert.equal((await gateway.api("DELETE", "/v1/sessions/session-crud")).status, 404);
  });

  test("GET /v1/channels and the operations on one channel", async () => {
    const { status, body } = await gateway.api("GET", "/v1/channels");
    assert.equal(status, 200);
    assert.deepEqual(
      body.channels.map((it: Json) => [it.id, it.name]),
      [
        ["whatsapp", "WhatsApp"],
        ["telegram", "Telegram"],
        ["discord", "Discord"],
        ["slack", "Slack"],
        ["irc", "IRC"],
        ["webhook", "Webhook"],
        ["webchat", "WebChat"],
      ],
    );
    for (const row of body.channels) {
      assert.equal(typeof row.enabled, "boolean");
      assert.equal(row.status, row.id === "webchat" ? "connected" : "not_configured");
    }
    assert.equal((await gateway.api("GET", "/v1/channels/telegram/status")).body.id, "telegram");
    const off = await gateway.api("POST", "/v1/channels/telegram/disable");
    assert.equal(off.status, 200);
    assert.equal(off.body.enabled, false);
    const on = await gateway.api("POST", "/v1/channels/telegram/enable");
    assert.equal(on.status, 400);
    assert.equal(on.body.error.param, "channels.telegram.botToken");
    assert.equal((await gateway.api("POST", "/v1/channels/nope/enable")).status, 404);
    assert.equal((await gateway.api("GET", "/v1/channels/nope/status")).status, 404);
  });

  test("the browser's routes take the documented bodies", async () => {
    const status = await gateway.api("GET", "/v1/browser/status");
    assert.equal(status.status, 200);
    assert.equal(status.body.running, false);
    assert.deepEqual(status.body.tabs, []);
    const shot = await gateway.api("POST", "/v1/browser/screenshot", { selector: "body", fullPage: true });
    if (shot.status === 503) assert.equal(shot.body.error.code, "service_unavailable");
    else {
      assert.equal(shot.status, 200, shot.text);
      assert.equal(shot.body.mimeType, "image/png");
    }
    // A name that no zone has: nothing is asked of the world.
    const page = { url: "https://example.invalid", profile: "default" };
    const opened = await gateway.api("POST", "/v1/browser/navigate", page);
    assert.equal(opened.status, shot.status === 503 ? 503 : 502, opened.text);
    const inside = await gateway.api("POST", "/v1/browser/navigate", { url: "http://169.254.169.254/" });
    assert.equal(inside.status, 400);
    assert.equal(inside.body.error.param, "url");
  });
});

describe("OpenAI-compatible", () => {
  test("POST /v1/chat/completions", async () => {
    const { status, body } = await gateway.api("POST", "/v1/chat/completions", {
      model: "anthropic/claude-3-5-sonnet",
      messages: [
        { role: "system", content: "You are a helpful assistant." },
        { role: "user", content: "Hello!" },
      ],
      stream: false,
      temperature: 0.7,
      max_tokens: 1000,
    });
    assert.equal(status, 200);
    assert.match(body.id, /^chatcmpl-/);
    assert.equal(body.object, "chat.completion");
    assert.ok(Math.abs(body.created - Date.now() / 1000) < 3600);
    assert.equal(body.model, "anthropic/claude-3-5-sonnet");
    const [choice] = body.choices;
    assert.equal(choice.index, 0);
    assert.equal(choice.message.role, "assistant");
    assert.equal(choice.message.content, "Hello! How can I help you today?");
    assert.equal(choice.finish_reason, "stop");
    assert.deepEqual(body.usage, { prompt_tokens: 10, completion_tokens: 15, total_tokens: 25 });
    const upstream = fake.requests.at(-1)!;
    assert.equal(upstream.path, "/v1/messages");
    assert.equal(upstream.headers["x-api-key"], "sk-ant-upstream");
    assert.equal(upstream.body.model, "claude-3-5-sonnet");
    assert.equal(upstream.body.max_tokens, 1000);
    assert.equal(upstream.body.temperature, 0.7);
  });

  test("GET /v1/models lists models of the configured providers", async () => {
    const { body } = await gateway.api("GET", "/v1/models");
    assert.equal(body.object, "list");
    for (const owner of ["anthropic", "openai"]) {
      const row = body.data.find((it: Json) => it.owned_by === owner);
      assert.ok(row.id.startsWith(`${owner}/`));
      assert.equal(row.object, "model");
      assert.ok(Number.isInteger(row.created));
    }
    const ids = body.data.map((it: Json) => it.id);
    assert.ok(ids.includes("openai/gpt-4o"));
    assert.ok(ids.includes("anthropic/claude-3-5-sonnet"));
  });
});

describe("errors", () => {
  const detail = (answer: Answer) => {
    const { code, message, type } = answer.body.error;
    assert.ok(message.length > 0);
    assert.equal(type, answer.status < 500 ? "client_error" : "server_error");
    return [answer.status, code];
  };

  test("the document's example: an invalid session key is 400 with param sessionKey", async () => {
    const answer = await gateway.api("POST", "/v1/agent/run", { message: "Hello", sessionKey: "" });
    assert.deepEqual(detail(answer), [400, "invalid_request"]);
    assert.equal(answer.body.error.param, "sessionKey");
  });

  test("the table's codes come with their statuses", async () => {
    assert.deepEqual(detail(await gateway.api("GET", "/v1/sessions/unknown")), [404, "not_found"]);
    assert.deepEqual(detail(await gateway.api("GET", "/nothing/here")), [404, "not_found"]);
    const wrong = await gateway.api("GET", "/status", undefined, { authorization: "Bearer x" });
    assert.deepEqual(detail(wrong), [401, "unauthorized"]);
    const made = await gateway.api("POST", "/v1/tokens", { name: "reader", scopes: ["read"] });
    const as = { authorization: `Bearer ${made.body.token}` };
    const forbidden = await gateway.api("POST", "/v1/agent/run", { message: "x" }, as);
    assert.deepEqual(detail(forbidden), [403, "forbidden"]);
    const { body } = await gateway.api("POST", "/v1/tokens", {
      name: "once",
      scopes: ["read"],
      limits: { perMinute: 1 },
    });
    const one = { authorization: `Bearer ${body.token}` };
    assert.equal((await gateway.api("GET", "/status", undefined, one)).status, 200);
    const limited = await gateway.api("GET", "/status", undefined, one);
    assert.deepEqual(detail(limited), [429, "rate_limited"]);
    assert.ok(Number(limited.headers.get("retry-after")) > 0);
    const noKey = { message: "x", options: { model: "mistral/mistral-small" } };
    assert.deepEqual(detail(await gateway.api("POST", "/v1/agent/run", noKey)), [503, "service_unavailable"]);
  });
});
