import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";
import { type Answer, type Json, startGateway, type TestGateway } from "../support/gateway.ts";
import { firstBytes, raw, rawBytes, rawConnection } from "../support/raw-bytes.ts";
import { until } from "../support/until.ts";

/** Whatever comes in is answered as documented, and the process serves the next request. */

let gateway: TestGateway;

before(async () => {
  gateway = await startGateway();
});

after(() => gateway.close());

afterEach(async () => {
  const { status, body } = await gateway.api("POST", "/v1/agent/run", { message: "still there?" });
  assert.equal(status, 200);
  assert.match(body.response, /still there\?/);
});

function assertRefused(answer: Answer, status = 400, code = "invalid_request"): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.body.error.code, code);
  assert.equal(typeof answer.body.error.message, "string");
  assert.equal(answer.body.error.requestId, answer.headers.get("x-request-id"));
  assert.doesNotMatch(answer.text, /node:internal|\.ts:\d|\/packages\/|\n\s+at /, "a stack or a path shows");
}

describe("bodies", () => {
  for (const path of [
    "/v1/agent/run",
    "/v1/agent/run/stream",
    "/v1/runs",
    "/v1/chat/completions",
    "/v1/tokens",
  ]) {
    test(`${path} refuses what is not a JSON object`, async () => {
      for (const body of [
        "{",
        "",
        "nope",
        "[]",
        "null",
        '"text"',
        "5",
        '{"message":',
        "\u0000",
        '{"a":1}{"b":2}',
      ])
        assertRefused(await gateway.api("POST", path, body));
      const binary = await gateway.fetch(path, {
        method: "POST",
        body: new Uint8Array([0xff, 0xfe, 0x00, 0x80]),
      });
      assert.equal(binary.status, 400);
    });

    test(`${path} answers nested garbage with 400`, async () => {
      for (const body of [
        { message: { a: 1 }, model: [], messages: {} },
        { message: [["x"]], model: "builtin/demo", messages: [[]] },
        { message: "x", options: "x", model: "builtin/demo", messages: [null] },
        { message: "x", attachments: [[[]]], model: { x: 1 }, messages: [{ role: "x" }] },
        { message: null, model: null, messages: null, name: 1, scopes: {} },
      ])
        assertRefused(await gateway.api("POST", path, body));
    });

    test(`${path} survives absurdly deep JSON`, async () => {
      const depth = 200_000;
      const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
      for (const body of [
        deep,
        `{"message":${deep},"model":"builtin/demo","messages":${deep}}`,
        "[".repeat(depth),
      ])
        assertRefused(await gateway.api("POST", path, body));
    });
  }

  test("deep JSON where anything is allowed does not end the process", async () => {
    const depth = 100_000;
    const deep = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    const body = `{"model":"builtin/demo","messages":[{"role":"user","content":"x","extra":${deep}}],"metadata":${deep}}`;
    const answer = await gateway.api("POST", "/v1/chat/completions", body);
    assert.ok(answer.status === 200 || answer.status === 400, answer.text.slice(0, 300));
    const tools = `[{"type":"function","function":{"name":"t","parameters":${deep}}}]`;
    const asked = `{"model":"builtin/demo","messages":[{"role":"user","content":"x"}],"tools":${tools}}`;
    const second = await gateway.api("POST", "/v1/chat/completions", asked);
    assert.ok(second.status < 500, second.text.slice(0, 300));
  });

  test("keys that reach for the prototype are unknown fields and change nothing", async () => {
    for (const key of ["__proto__", "constructor", "prototype", "toString"]) {
      const answer = await gateway.api("POST", "/v1/agent/run", `{"message":"x","${key}":{"polluted":true}}`);
      assertRefused(answer);
      assert.equal(answer.body.error.param, key);
      const inside = `{"message":"x","options":{"${key}":{"polluted":true}}}`;
      const nested = await gateway.api("POST", "/v1/agent/run", inside);
      assertRefused(nested);
      assert.equal(nested.body.error.param, `options.${key}`);
    }
    const { body } = await gateway.api("GET", "/status");
    assert.equal(body.polluted, undefined);
  });

  test("a body of 11 MB is 413 before it is read whole, and so is one that says no length", async () => {
    const socket = await rawConnection(gateway.port);
    const head = [
      "POST /v1/agent/run HTTP/1.1",
      `Host: 127.0.0.1:${gateway.port}`,
      `Authorization: Bearer ${gateway.token}`,
      "Content-Type: application/json",
    ];
    socket.write([...head, `Content-Length: ${11 * 1024 * 1024}`, "", '{"message":"'].join("\r\n"));
    const answer = await firstBytes(socket);
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.match(answer, /payload_too_large/);
    socket.destroy();

    const whole = await gateway.api("POST", "/v1/agent/run", { message: "x".repeat(11 * 1024 * 1024) });
    assertRefused(whole, 413, "payload_too_large");

    const chunked = await rawConnection(gateway.port);
    chunked.write([...head, "Transfer-Encoding: chunked", "", ""].join("\r\n"));
    const chunk = `${(1024 * 1024).toString(16)}\r\n${"x".repeat(1024 * 1024)}\r\n`;
    const answered = firstBytes(chunked);
    for (let count = 0; count < 11; count++) chunked.write(chunk);
    assert.match(await answered, /^HTTP\/1\.1 413 /);
    chunked.destroy();
  });

  test("a body of just under 10 MB is taken", async () => {
    const message = `${"x".repeat(10 * 1024 * 1024 - 100)} end`;
    const { status, body } = await gateway.api("POST", "/v1/agent/run", { message, sessionKey: "large" });
    assert.equal(status, 200);
    assert.ok(body.response.length < 1000);
  });

  test("forms and compressed bodies are refused", async () => {
    const form = { "content-type": "application/x-www-form-urlencoded" };
    assertRefused(await gateway.api("POST", "/v1/agent/run", "message=x", form));
    assertRefused(await gateway.api("POST", "/v1/agent/run", "x", { "content-encoding": "gzip" }));
  });
});

describe("names", () => {
  const hostile = [
    "../../etc/passwd",
    "..\\..\\windows",
    "/etc/passwd",
    "a/b/c",
    "a%2Fb",
    "%",
    "key?x=1#y",
    "'; drop table sessions; --",
    "<script>alert(1)</script>",
    "__proto__",
    "constructor",
    "ключ 鍵 🔑",
    "k".repeat(256),
    ". .",
    "~",
  ];
  test("a session key is a name: whatever is printable works as one, everywhere", async () => {
    for (const sessionKey of hostile) {
      const path = `/v1/sessions/${encodeURIComponent(sessionKey)}`;
      const run = await gateway.api("POST", "/v1/agent/run", { message: "x", sessionKey });
      assert.equal(run.status, 200, `${sessionKey}: ${run.text}`);
      assert.equal(run.body.sessionKey, sessionKey);
      assert.equal((await gateway.api("GET", path)).body.sessionKey, sessionKey, sessionKey);
      assert.equal((await gateway.api("PATCH", path, { title: "t" })).status, 200);
      assert.equal((await gateway.api("DELETE", path)).status, 200);
      assert.equal((await gateway.api("GET", path)).status, 404);
    }
  });

  test("control characters and too long keys are refused, in bodies, paths and over WebSocket", async () => {
    const socket = await gateway.ws();
    for (const sessionKey of [
      "",
      "a\u0000b",
      "a\nb",
      "\u007f",
      "a\u0085",
      "\u2028",
      "k".repeat(257),
      "k".repeat(100_000),
    ]) {
      const answer = await gateway.api("POST", "/v1/agent/run", { message: "x", sessionKey });
      assertRefused(answer);
      assert.equal(answer.body.error.param, "sessionKey");
      const { error } = await socket.call("chat.run", { message: "x", sessionKey });
      assert.equal(error.param, "sessionKey");
      if (sessionKey === "" || sessionKey.length > 10_000) continue;
      assertRefused(await gateway.api("GET", `/v1/sessions/${encodeURIComponent(sessionKey)}`));
    }
    socket.close();
  });

  test("a path that is not decodable, climbs, or is absurdly long is answered 4xx", async () => {
    for (const path of [
      "/v1/sessions/%",
      "/v1/sessions/%zz",
      "/v1/sessions/%c0%ae",
      "/v1/../../../etc/passwd",
      "/../etc/passwd",
      "//etc/passwd",
      `/v1/sessions/${"x".repeat(8000)}`,
      "/v1/models/..%2f..%2fetc",
    ]) {
      const answer = await raw(
        gateway.port,
        `GET ${path} HTTP/1.1`,
        `Authorization: Bearer ${gateway.token}`,
      );
      assert.match(answer, /^HTTP\/1\.1 4\d\d /, path);
      assert.doesNotMatch(answer, /root:/);
    }
  });
});

describe("requests", () => {
  test("what is not HTTP, or too long in its head, is 400 or 431", async () => {
    assert.match(await rawBytes(gateway.port, "GARBAGE\r\n\r\n"), /^HTTP\/1\.1 400 /);
    assert.match(await rawBytes(gateway.port, randomBytes(200)), /^(HTTP\/1\.1 400 |$)/);
    assert.match(
      await raw(gateway.port, "GET /status HTTP/1.1", `X-Long: ${"x".repeat(40_000)}`),
      /^HTTP\/1\.1 431 /,
    );
  });

  test("a foreign Host and a foreign Origin are 403, a missing Host too", async () => {
    const auth = `Authorization: Bearer ${gateway.token}`;
    for (const host of [
      "evil.example",
      "127.evil.com",
      "127.0.0.1.evil.com",
      "localhost.evil.com:18789",
      "0x7f.1",
    ])
      assert.match(await raw(gateway.port, "GET /status HTTP/1.1", auth, host), /^HTTP\/1\.1 403 /, host);
    assert.match(await raw(gateway.port, "GET /status HTTP/1.1", auth, "localhost"), /^HTTP\/1\.1 200 /);
    const origin = async (value: string) =>
      (await gateway.api("GET", "/status", undefined, { origin: value })).status;
    for (const value of ["https://evil.example", "null", "http://localhost.evil.com", "http://127.0.0.1:1"])
      assert.equal(await origin(value), 403, value);
    assert.equal(await origin(gateway.url), 200);
    const as = { authorization: `Bearer ${gateway.token}`, origin: "https://evil.example" };
    await assert.rejects(gateway.ws("/", as), /403/);
  });

  test("a revoked, a rotated and an expired token are 401 at once, their sockets are closed", async () => {
    const make = async (more: Json = {}) =>
      (await gateway.api("POST", "/v1/tokens", { name: "x", scopes: ["read", "chat"], ...more })).body;
    const ask = (token: string) =>
      gateway.api("GET", "/status", undefined, { authorization: `Bearer ${token}` });

    const gone = await make();
    const socket = await gateway.ws("/", { authorization: `Bearer ${gone.token}` });
    assert.equal((await ask(gone.token)).status, 200);
    assert.equal((await gateway.api("DELETE", `/v1/tokens/${gone.tokenId}`)).status, 200);
    assertRefused(await ask(gone.token), 401, "unauthorized");
    assert.equal(await socket.closed, 1008);

    const old = await make();
    const second = await gateway.ws("/", { authorization: `Bearer ${old.token}` });
    const fresh = await gateway.api("POST", `/v1/tokens/${old.tokenId}/rotate`);
    assertRefused(await ask(old.token), 401, "unauthorized");
    assert.equal((await ask(fresh.body.token)).status, 200);
    assert.equal(await second.closed, 1008);

    const short = await make({ expiresAt: new Date(Date.now() + 2_000).toISOString() });
    const third = await gateway.ws("/", { authorization: `Bearer ${short.token}` });
    assert.equal(await third.closed, 1008);
    await until(async () => (await ask(short.token)).status === 401, "the token expires");
  });

  test("a ticket opens one WebSocket, once", async () => {
    const { ticket } = (await gateway.api("POST", "/v1/tickets")).body;
    const offer = ["openclaw", `openclaw.ticket.${ticket}`];
    const socket = await gateway.ws("/", {}, offer);
    assert.equal(socket.ws.protocol, "openclaw");
    assert.equal((await socket.call("status")).result.status, "ok");
    await assert.rejects(gateway.ws("/", {}, offer), /401/);
    socket.close();
  });
});
