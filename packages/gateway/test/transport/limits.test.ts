import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import { gatewayToken, type Rig, type RigOptions, startRig, until } from "./gateway-rig.ts";
import { head, rawConnection, rawHttp, statusOf } from "./raw-http.ts";

async function withRig(options: RigOptions, test: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await startRig(options);
  try {
    await test(rig);
  } finally {
    await rig.close();
  }
}

/** An answer that tests let go when they want. */
function gate() {
  const waiting: (() => void)[] = [];
  return {
    answer: () => new Promise((resolve) => waiting.push(() => resolve({}))),
    open: () => {
      for (const go of waiting.splice(0)) go();
    },
    waiting: () => waiting.length,
  };
}

const authorization = `Bearer ${gatewayToken}`;

describe("the rate limit", () => {
  it("tells on every answer what is left, and refuses what is over it until the window ends", () =>
    withRig({ limits: { perMinute: 3 } }, async (rig) => {
      const first = await rig.fetch("/status");
      assert.equal(first.headers.get("ratelimit-policy"), '"default";q=3;w=60');
      assert.equal(first.headers.get("ratelimit"), '"default";r=2;t=60');
      rig.clock.ms += 15_000;
      const second = await rig.fetch("/v1/nothing");
      assert.equal(second.headers.get("ratelimit"), '"default";r=1;t=45');
      await rig.fetch("/status");
      const over = await rig.fetch("/status");
      assert.equal(over.status, 429);
      assert.equal(over.headers.get("retry-after"), "45");
      assert.equal(over.headers.get("ratelimit"), '"default";r=0;t=45');
      const { error } = (await over.json()) as { error: { code: string; retryAfterMs: number } };
      assert.deepEqual([error.code, error.retryAfterMs], ["rate_limited", 45_000]);
      rig.clock.ms += 45_000;
      assert.equal((await rig.fetch("/status")).status, 200);
    }));

  it("counts HTTP and WebSocket requests together, bad frames too", () =>
    withRig({ limits: { perMinute: 4 } }, async (rig) => {
      const socket = await rig.socket();
      assert.ok((await socket.request(1, "status")).result);
      socket.send("not json");
      await socket.next((message) => message.id === null);
      await rig.fetch("/status");
      await rig.fetch("/status");
      const over = await socket.request(2, "status");
      assert.equal(over.error.code, "rate_limited");
      assert.ok(over.error.retryAfterMs > 0);
      assert.equal((await rig.fetch("/status")).status, 429);
      await assert.rejects(rig.socket(), /429/);
      rig.clock.ms += 60_000;
      assert.ok((await socket.request(3, "status")).result);
    }));

  it("is off at 0 and has no headers then; a token's own limits come before the gateway's", () =>
    withRig(
      {
        limits: { perMinute: 0 },
        tokens: new Map([
          [hash("sha256", "oc-1"), { id: "t1", scopes: ["read"], limits: { perMinute: 1 }, expiresAt: null }],
        ]),
      },
      async (rig) => {
        const response = await rig.fetch("/status");
        assert.equal(response.headers.get("ratelimit"), null);
        const headers = { authorization: "Bearer oc-1" };
        assert.equal(
          (await rig.fetch("/status", { headers })).headers.get("ratelimit-policy"),
          '"default";q=1;w=60',
        );
        assert.equal((await rig.fetch("/status", { headers })).status, 429);
      },
    ));

  it("does not count open routes", () => {
    const routes = [
      { method: "GET", path: "/healthz", scopes: [], open: true, handle: (http) => http.sendJson(200, {}) },
    ] satisfies RigOptions["routes"];
    return withRig({ limits: { perMinute: 1 }, routes }, async (rig) => {
      for (let i = 0; i < 5; i++) assert.equal((await fetch(`${rig.url}/healthz`)).status, 200);
      assert.equal((await rig.fetch("/status")).status, 200);
    });
  });
});

describe("the concurrency limit", () => {
  it("counts HTTP and WebSocket requests that wait for their answer", () => {
    const held = gate();
    return withRig({ answer: held.answer, limits: { concurrency: 2 } }, async (rig) => {
      const socket = await rig.socket();
      const first = rig.fetch("/status");
      socket.send({ id: 1, method: "status" });
      await until(() => held.waiting() === 2, "two requests under way");
      assert.deepEqual(rig.transport.stats(), { sockets: 1, inFlight: 2 });
      const third = await rig.fetch("/status");
      assert.equal(third.status, 429);
      assert.ok(Number(third.headers.get("retry-after")) >= 1);
      const reply = await socket.request(2, "status");
      assert.equal(reply.error.code, "rate_limited");
      held.open();
      assert.equal((await first).status, 200);
      await socket.next((message) => message.id === 1);
      const again = rig.fetch("/status");
      await until(() => held.waiting() === 1, "a place is free again");
      held.open();
      assert.equal((await again).status, 200);
    });
  });

  it("gives the place of a client that went away back", () => {
    const held = gate();
    return withRig({ answer: held.answer, limits: { concurrency: 1 } }, async (rig) => {
      const leaving = new AbortController();
      const left = rig.fetch("/status", { signal: leaving.signal });
      await until(() => held.waiting() === 1, "the request is under way");
      const { signal } = rig.asked[0]!.call;
      leaving.abort();
      await assert.rejects(left);
      await until(() => signal.aborted && rig.transport.stats().inFlight === 0, "the handler is told");
      held.open();
    });
  });
});

describe("the limit of open WebSockets", () => {
  it("answers the upgrade with 429, and counts no HTTP connections", () =>
    withRig({ limits: { connections: 2 } }, async (rig) => {
      const first = await rig.socket();
      await rig.socket("/ws");
      await assert.rejects(rig.socket(), /429/);
      assert.equal((await rig.fetch("/status")).status, 200);
      first.ws.close();
      await first.closed;
      await until(() => rig.transport.stats().sockets === 1, "the place is free");
      await rig.socket();
    }));
});

describe("the body limit", () => {
  const limits = { bodyBytes: 1000, perMinute: 0 };
  const post = (length: number) => ({
    ...{ Host: "localhost", Authorization: authorization, "Content-Length": String(length) },
    "Content-Type": "application/json",
  });

  it("refuses by Content-Length before a byte of the body has come", () =>
    withRig({ limits }, async (rig) => {
      const connection = await rawConnection(rig.port);
      connection.write(head("POST /v1/runs", post(1001)));
      const answer = await new Promise<string>((resolve) =>
        connection.once("data", (data) => resolve(String(data))),
      );
      assert.equal(statusOf(answer), 413);
      assert.match(answer, /"payload_too_large"/);
      connection.destroy();
    }));

  it("lets the client that sends all of it anyway read the answer", () =>
    withRig({ limits }, async (rig) => {
      const size = 8 * 1024 * 1024;
      const answer = await rawHttp(rig.port, head("POST /v1/runs", post(size)), "x".repeat(size));
      assert.equal(statusOf(answer), 413);
      const response = await rig.fetch("/v1/runs", {
        method: "POST",
        body: JSON.stringify({ message: "x".repeat(size) }),
      });
      assert.equal(response.status, 413);
    }));

  it("refuses a chunked body once it has grown over the limit", () =>
    withRig({ limits }, async (rig) => {
      const headers = { Host: "localhost", Authorization: authorization, "Transfer-Encoding": "chunked" };
      const chunk = `258\r\n${"x".repeat(600)}\r\n`;
      const answer = await rawHttp(rig.port, head("POST /v1/runs", headers), chunk, chunk, "0\r\n\r\n");
      assert.equal(statusOf(answer), 413);
      assert.equal(rig.asked.length, 0);
    }));

  it("takes a body of exactly the limit, and any size at 0", () =>
    withRig({ limits }, async (rig) => {
      const body = JSON.stringify({ message: "x".repeat(1000 - 14) });
      assert.equal(body.length, 1000);
      assert.equal((await rig.fetch("/v1/runs", { method: "POST", body })).status, 202);
      await withRig({ limits: { bodyBytes: 0 } }, async (open) => {
        const large = JSON.stringify({ message: "x".repeat(12_000_000) });
        assert.equal((await open.fetch("/v1/runs", { method: "POST", body: large })).status, 202);
      });
    }));

  it("asks for the body only after every check, where the client waits for that", () =>
    withRig({ limits }, async (rig) => {
      const expecting = { ...post(14), Expect: "100-continue" };
      const refused = await rawHttp(
        rig.port,
        head("POST /v1/runs", { ...expecting, Authorization: "Bearer no" }),
      );
      assert.equal(statusOf(refused), 401);
      const connection = await rawConnection(rig.port);
      connection.write(head("POST /v1/runs", expecting));
      const go = await new Promise<string>((resolve) =>
        connection.once("data", (data) => resolve(String(data))),
      );
      assert.match(go, /^HTTP\/1\.1 100/);
      connection.write('{"message":""}');
      const answer = await new Promise<string>((resolve) =>
        connection.once("data", (data) => resolve(String(data))),
      );
      assert.equal(statusOf(answer), 202);
      connection.destroy();
    }));

  it("keeps the connection for the next request after refusing one of a harmless size", () =>
    withRig({ limits }, async (rig) => {
      const wrong = "POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
      const next = head("GET /status", { Host: "localhost", Authorization: authorization });
      const answer = await rawHttp(rig.port, wrong, next);
      assert.deepEqual(answer.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 401", "HTTP/1.1 200"]);
    }));
});

describe("requests that are not HTTP", () => {
  it("are answered with JSON and harm nobody", () =>
    withRig({}, async (rig) => {
      const garbage = await rawHttp(rig.port, "\u0016\u0003\u0001 what is this\r\n\r\n");
      assert.equal(statusOf(garbage), 400);
      assert.match(garbage, /"invalid_request"/);
      const long = await rawHttp(
        rig.port,
        head("GET /status", { Host: "localhost", "X-Long": "x".repeat(20_000) }),
      );
      assert.equal(statusOf(long), 431);
      assert.equal((await rig.fetch("/status")).status, 200);
    }));

  it("treats an offer of another protocol as an ordinary request", () =>
    withRig({}, async (rig) => {
      const headers = { Host: "localhost", Authorization: authorization, Upgrade: "h2c" };
      const text = head("GET /status", headers).replace("Connection: close", "Connection: close, Upgrade");
      assert.equal(statusOf(await rawHttp(rig.port, text)), 200);
    }));
});
