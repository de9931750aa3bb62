import assert from "node:assert/strict";
import { test } from "node:test";
import { type Json, startGateway, type TestGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

/** The limits of the document: rate, concurrency, connections and time. */

async function withGateway(limits: Json, work: (gateway: TestGateway) => Promise<void>): Promise<void> {
  const gateway = await startGateway({ config: { gateway: { limits } } });
  try {
    await work(gateway);
  } finally {
    await gateway.close();
  }
}

test("a credential has 100 requests a minute, told by RateLimit headers; health is outside", () =>
  withGateway({ perMinute: 100, concurrency: 10 }, async (gateway) => {
    const first = await gateway.api("GET", "/status");
    assert.equal(first.headers.get("ratelimit-policy"), '"default";q=100;w=60');
    assert.match(first.headers.get("ratelimit") ?? "", /^"default";r=99;t=\d+$/);
    const statuses: number[] = [];
    for (let count = 0; count < 11; count++) {
      const some = Array.from({ length: 9 }, () => gateway.api("GET", "/status"));
      statuses.push(...(await Promise.all(some)).map((it) => it.status));
    }
    assert.equal(statuses.filter((it) => it === 200).length, 99);
    const refused = await gateway.api("GET", "/status");
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    assert.equal((await gateway.api("GET", "/healthz")).status, 200);
  }));

test("ten requests at once are answered, the eleventh is 429 with Retry-After", () =>
  withGateway({ concurrency: 10 }, async (gateway) => {
    const slow = Array.from({ length: 10 }, (_, index) =>
      gateway.api("POST", "/v1/agent/run", { message: "/slow 20", sessionKey: `slow-${index}` }),
    );
    // Asked until the ten are in: when that is is not ours to time.
    let eleventh = await gateway.api("GET", "/status");
    await until(async () => {
      if (eleventh.status === 200) eleventh = await gateway.api("GET", "/status");
      return eleventh.status !== 200;
    }, "the eleventh is refused");
    assert.equal(eleventh.status, 429);
    assert.equal(eleventh.body.error.code, "rate_limited");
    assert.ok(eleventh.headers.get("retry-after"));
    // One of the ten may itself have been the eleventh.
    const statuses = (await Promise.all(slow)).map((it) => it.status);
    assert.ok(statuses.filter((it) => it === 200).length >= 9, String(statuses));
    assert.equal((await gateway.api("GET", "/status")).status, 200);
  }));

test("ten WebSockets are open at once, the eleventh upgrade is 429, and a closed one frees its place", () =>
  withGateway({ connections: 10 }, async (gateway) => {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => gateway.ws()));
    await assert.rejects(gateway.ws(), /429/);
    sockets[0]!.close();
    await sockets[0]!.closed;
    await until(
      () =>
        gateway.ws().then(
          () => true,
          () => false,
        ),
      "there is a place again",
    );
  }));

test("a request that waits for a queued run is 504 with its runId after the limit, and the run stays", () =>
  withGateway({ timeoutMs: 800 }, async (gateway) => {
    const socket = await gateway.ws();
    for (const message of ["/slow 3000", "/slow 3000"])
      await socket.call("chat.run", { message, sessionKey: "queue" });
    const answer = await gateway.api("POST", "/v1/agent/run", { message: "third", sessionKey: "queue" });
    assert.equal(answer.status, 504);
    assert.equal(answer.body.error.code, "timeout");
    const { runId } = answer.body.error;
    await until(
      async () => (await gateway.api("GET", `/v1/runs/${runId}`)).body.status === "done",
      "the run has its turn",
    );
    const { messages } = (await gateway.api("GET", "/v1/sessions/queue")).body;
    assert.deepEqual(
      messages.map((it: Json) => it.status ?? it.role),
      ["user", "failed", "user", "failed", "user", "assistant"],
    );
  }));

test("a completion of a model ends after the limit with 504", () =>
  withGateway({ timeoutMs: 500 }, async (gateway) => {
    const ask = (stream: boolean) =>
      gateway.api("POST", "/v1/chat/completions", {
        ...{ model: "builtin/demo", stream },
        messages: [{ role: "user", content: "/slow 3000" }],
      });
    const plain = await ask(false);
    assert.equal(plain.status, 504, plain.text.slice(0, 200));
    assert.equal(plain.body.error.code, "timeout");
    const streamed = await ask(true);
    assert.equal(streamed.status, 200);
    assert.match(streamed.text, /\n\ndata: \{"error":\{"code":"timeout"/);
    assert.doesNotMatch(streamed.text, /\[DONE\]/);
  }));
