import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionError, isCode, OpenClawClient, OpenClawError, TimeoutError } from "../src/index.ts";
import { sendJson, startGateway, until } from "./support/gateway.ts";

const answer = {
  runId: "run-1",
  sessionKey: "s",
  response: "Hello!",
  usage: { promptTokens: 1, completionTokens: 1, totalTokens: 2 },
  finishReason: "stop",
  model: "m",
  cost: 0,
};

test("agent.run posts the message with the token and an idempotency key and returns the answer", async () => {
  await using gateway = await startGateway({ http: (_, response) => sendJson(response, 200, answer) });
  const client = new OpenClawClient({ baseUrl: `${gateway.baseUrl}/`, token: "secret" });
  const got = await client.agent.run({ message: "Hello!", sessionKey: "s" });
  assert.deepEqual(got, answer);
  const [request] = gateway.requests;
  assert.equal(request!.method, "POST");
  assert.equal(request!.url, "/v1/agent/run");
  assert.equal(request!.headers.authorization, "Bearer secret");
  assert.match(String(request!.headers["idempotency-key"]), /^[0-9a-f]{32}$/);
  assert.deepEqual(JSON.parse(request!.body), { message: "Hello!", sessionKey: "s" });
});

test("a password goes in its own header, and further headers ride along", async () => {
  await using gateway = await startGateway({ http: (_, response) => sendJson(response, 200, {}) });
  const client = new OpenClawClient({
    baseUrl: gateway.baseUrl,
    password: "pw",
    headers: { "x-trace": "1" },
  });
  await client.status();
  assert.equal(gateway.requests[0]!.headers["x-openclaw-password"], "pw");
  assert.equal(gateway.requests[0]!.headers["x-trace"], "1");
  assert.equal(gateway.requests[0]!.headers.authorization, undefined);
});

test("parameters go into the path, the query and the body as the contract says", async () => {
  await using gateway = await startGateway({ http: (_, response) => sendJson(response, 200, {}) });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  await client.sessions.get("a/b c?", { limit: 5 });
  await client.sessions.update("a", { title: "T" });
  await client.models.get("anthropic/claude");
  await client.tokens.revoke("t");
  assert.deepEqual(
    gateway.requests.map(({ method, url, body }) => [method, url, body]),
    [
      ["GET", "/v1/sessions/a%2Fb%20c%3F?limit=5", ""],
      ["PATCH", "/v1/sessions/a", '{"title":"T"}'],
      ["GET", "/v1/models/anthropic%2Fclaude", ""],
      ["DELETE", "/v1/tokens/t", ""],
    ],
  );
  assert.throws(() => client.sessions.delete(".."), RangeError);
});

test("a refusal becomes a typed error with everything that the gateway said", async () => {
  const detail = {
    code: "invalid_request",
    message: "Invalid session key",
    type: "client_error",
    param: "sessionKey",
    requestId: "req-1",
  };
  await using gateway = await startGateway({
    http: (_, response) => sendJson(response, 400, { error: detail }),
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  await assert.rejects(client.status(), (error) => {
    assert.ok(error instanceof OpenClawError);
    assert.ok(isCode(error, "invalid_request", "conflict"));
    assert.ok(!isCode(error, "not_found"));
    const { code, message, type, param, requestId, status } = error;
    assert.deepEqual({ code, message, type, param, requestId, status }, { ...detail, status: 400 });
    return true;
  });
});

test("a refusal by something that is no gateway still has a code", async () => {
  await using gateway = await startGateway({
    http: (_, response) => void response.writeHead(502).end("<html>"),
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  await assert.rejects(client.status(), (error) => isCode(error, "upstream_error"));
});

test("a busy gateway is asked again after Retry-After, with the same idempotency key", async () => {
  let calls = 0;
  await using gateway = await startGateway({
    http: (_, response) => {
      const error = { code: "rate_limited", message: "Slow down.", type: "client_error" };
      if (++calls < 3) sendJson(response, 429, { error }, { "retry-after": "0" });
      else sendJson(response, 200, answer);
    },
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  await client.agent.run({ message: "Hi" });
  const keys = gateway.requests.map(({ headers }) => headers["idempotency-key"]);
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
});

test("what could do harm twice is not sent twice, and retries end", async () => {
  await using gateway = await startGateway({
    http: (_, response) => {
      const error = { code: "service_unavailable", message: "Later.", type: "server_error" };
      sendJson(response, 503, { error }, { "retry-after": "0" });
    },
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  await assert.rejects(client.channels.send("telegram", { to: "1", text: "x" }), OpenClawError);
  assert.equal(gateway.requests.length, 1);
  await assert.rejects(
    client.status(),
    (error) => isCode(error, "service_unavailable") && error.retryAfterMs === 0,
  );
  assert.equal(gateway.requests.length, 4);
});

test("no gateway at all is a ConnectionError", async () => {
  const gateway = await startGateway({});
  await gateway[Symbol.asyncDispose]();
  await assert.rejects(new OpenClawClient({ baseUrl: gateway.baseUrl }).status(), ConnectionError);
});

test("a call that takes too long is a TimeoutError", async () => {
  await using gateway = await startGateway({ http: () => {} });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl, timeoutMs: 20 });
  await assert.rejects(client.status(), TimeoutError);
});

test("aborting rejects with the signal's reason and closes the request", async () => {
  let closed = 0;
  await using gateway = await startGateway({
    http: (_, response) => void response.on("close", () => closed++),
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  const controller = new AbortController();
  const reason = new Error("enough");
  const pending = client.agent.run({ message: "Hi" }, { signal: controller.signal });
  await until(() => gateway.requests.length === 1);
  controller.abort(reason);
  await assert.rejects(pending, (error) => error === reason);
  await until(() => closed === 1);
  await assert.rejects(client.status({ signal: controller.signal }), (error) => error === reason);
});

test("sessions are iterated over all pages", async () => {
  await using gateway = await startGateway({
    http: ({ url }, response) => {
      const second = url.includes("cursor=c1");
      sendJson(response, 200, {
        sessions: [{ sessionKey: second ? "b" : "a" }],
        ...(!second && { nextCursor: "c1" }),
      });
    },
  });
  const keys: string[] = [];
  for await (const session of new OpenClawClient({ baseUrl: gateway.baseUrl }).sessions.iterate({
    limit: 1,
  })) {
    keys.push(session.sessionKey);
  }
  assert.deepEqual(keys, ["a", "b"]);
  assert.deepEqual(
    gateway.requests.map(({ url }) => url),
    ["/v1/sessions?limit=1", "/v1/sessions?limit=1&cursor=c1"],
  );
});
