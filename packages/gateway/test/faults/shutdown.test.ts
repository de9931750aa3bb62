import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { runToExit, startGateway, type TestGateway } from "../support/gateway.ts";
import { sseEvents } from "../support/sse.ts";
import { until } from "../support/until.ts";

/** How the gateway ends, and what its next start finds. */

const open: TestGateway[] = [];

async function start(...options: Parameters<typeof startGateway>): Promise<TestGateway> {
  const gateway = await startGateway(...options);
  open.push(gateway);
  return gateway;
}

after(() => Promise.all(open.map((it) => it.close())));

describe("SIGTERM", () => {
  test("running runs finish, new work is 503, sockets close with 1012, and the exit code is 0", async () => {
    const gateway = await start();
    const socket = await gateway.ws();
    const streamed = await gateway.fetch("/v1/agent/run/stream", {
      method: "POST",
      body: JSON.stringify({ message: "/slow 50", sessionKey: "streamed" }),
    });
    const events = sseEvents(streamed);
    await events.next();
    const run = await socket.call("chat.run", { message: "/slow 50", sessionKey: "kept" });
    const queued = await socket.call("chat.run", { message: "later", sessionKey: "kept" });
    const waiting = gateway.api("POST", "/v1/agent/run", { message: "/slow 50", sessionKey: "waited" });
    await until(async () => (await gateway.api("GET", "/status")).body.runs.active === 3, "three runs run");

    gateway.signal("SIGTERM");
    await until(
      () =>
        gateway.fetch("/readyz").then(
          (it) => it.status === 503,
          () => false,
        ),
      "readyz says that it is unavailable",
    );
    const refused = await gateway.api("POST", "/v1/agent/run", { message: "too late" });
    assert.equal(refused.status, 503);
    assert.equal(refused.body.error.code, "service_unavailable");
    assert.ok(Number(refused.headers.get("retry-after")) > 0);
    assert.equal((await socket.call("chat.run", { message: "too late" })).error.code, "service_unavailable");

    assert.equal((await socket.end(run.result.runId)).at(-1)!.type, "chat.done");
    assert.equal((await waiting).status, 200);
    let last = "";
    for await (const { event } of events) last = event;
    assert.equal(last, "done");
    assert.equal(await socket.closed, 1012);
    assert.deepEqual(await gateway.exited(), { code: 0, signal: null });

    await gateway.restart();
    await until(
      async () => (await gateway.api("GET", `/v1/runs/${queued.result.runId}`)).body.status === "done",
      "the queued run is done after the next start",
    );
    const { body } = await gateway.api("GET", "/v1/sessions/kept");
    assert.deepEqual(
      body.messages.map((it: { role: string; content: string }) =>
        it.role === "user" ? it.content : it.role,
      ),
      ["/slow 50", "assistant", "later", "assistant"],
    );
  });

  test("whoever waits for a queued run is told 503 with its runId, and its stream ends", async () => {
    const gateway = await start();
    const socket = await gateway.ws();
    await socket.call("chat.run", { message: "/slow 60", sessionKey: "busy" });
    const waiting = gateway.api("POST", "/v1/agent/run", { message: "later", sessionKey: "busy" });
    const streamed = gateway.fetch("/v1/agent/run/stream", {
      method: "POST",
      body: JSON.stringify({ message: "later still", sessionKey: "busy" }),
    });
    await until(async () => (await gateway.api("GET", "/status")).body.runs.queued === 2, "two runs wait");
    gateway.signal("SIGTERM");
    const answer = await waiting;
    assert.equal(answer.status, 503);
    assert.match(answer.body.error.runId, /^run-/);
    assert.equal(await streamed.then((it) => it.text()), "");
    assert.equal((await gateway.exited()).code, 0);
  });

  test("a second signal ends the process at once", async () => {
    const gateway = await start();
    const socket = await gateway.ws();
    const { result } = await socket.call("chat.run", { message: "/slow 5000", sessionKey: "long" });
    await socket.find((it) => it.type === "chat.delta");
    gateway.signal("SIGTERM");
    // A signal within a moment of the first is taken for its echo, so it is sent until it is heard.
    const again = setInterval(() => gateway.signal("SIGTERM"), 100);
    const exit = await gateway.exited();
    clearInterval(again);
    assert.deepEqual(exit, { code: 1, signal: null });
    await gateway.restart();
    const run = (await gateway.api("GET", `/v1/runs/${result.runId}`)).body;
    assert.equal(run.status, "interrupted");
    assert.equal(
      (await gateway.api("POST", "/v1/agent/run", { message: "on", sessionKey: "long" })).status,
      200,
    );
  });
});

describe("SIGKILL", () => {
  test("the next start is not delayed: no lock is left, the token is the same", async () => {
    const gateway = await start();
    const { token } = gateway;
    await gateway.kill("SIGKILL");
    await gateway.restart(); // fails where a lock is in its way
    assert.equal(gateway.token, token);
    assert.equal((await gateway.api("GET", "/status")).status, 200);
  });

  test("a message that was being written is kept as far as it came, marked interrupted", async () => {
    const gateway = await start();
    const socket = await gateway.ws();
    const { result } = await socket.call("chat.run", { message: "/slow 5000", sessionKey: "cut" });
    const said = () =>
      socket
        .events(result.runId)
        .flatMap((it) => (it.type === "chat.delta" ? [it.data.delta] : []))
        .join("");
    // Deltas go to the disk every second: wait until some must have.
    await until(() => said().includes(" 75 "), "it has spoken for more than a second");
    await gateway.kill("SIGKILL");
    await gateway.restart();
    const { messages } = (await gateway.api("GET", "/v1/sessions/cut")).body;
    assert.equal(messages[1].status, "interrupted");
    assert.ok(messages[1].content.length > 100);
    assert.ok(said().startsWith(messages[1].content));
    const seen = socket.events(result.runId).at(-1)!.data.seq;
    const other = await gateway.ws();
    await other.call("chat.subscribe", { runId: result.runId, afterSeq: seen });
    const [end] = await other.end(result.runId);
    assert.equal(end!.type, "chat.error");
    assert.ok(end!.data.seq > seen, "the end stands before what the reader has seen");
  });

  test("a throw-away session of the OpenAI dialect does not outlive the crash", async () => {
    const gateway = await start();
    const answer = gateway.fetch("/v1/chat/completions", {
      method: "POST",
      body: JSON.stringify({ model: "openclaw", messages: [{ role: "user", content: "/slow 5000" }] }),
    });
    answer.catch(() => {});
    await until(async () => (await gateway.api("GET", "/status")).body.runs.active === 1, "it runs");
    await gateway.kill("SIGKILL");
    await gateway.restart();
    assert.deepEqual((await gateway.api("GET", "/v1/sessions")).body.sessions, []);
    assert.deepEqual((await gateway.api("GET", "/status")).body.runs, { active: 0, queued: 0 });
  });
});

describe("a second gateway", () => {
  test("on the same state directory is refused, naming the first one's pid", async () => {
    const gateway = await start();
    const second = await runToExit(gateway.stateDir);
    assert.notEqual(second.code, 0);
    assert.match(second.output, new RegExp(`\\b${gateway.pid}\\b`));
    assert.match(second.output, /OPENCLAW_STATE_DIR/);
    assert.equal((await gateway.api("GET", "/status")).status, 200);
  });

  test("on the same port is refused, naming the owner's pid and the remedy", async () => {
    const gateway = await start();
    const stateDir = mkdtempSync(join(tmpdir(), "openclaw-gateway-"));
    try {
      const second = await runToExit(stateDir, { gateway: { port: gateway.port } });
      assert.notEqual(second.code, 0);
      assert.match(second.output, new RegExp(`\\b${gateway.pid}\\b`));
      assert.match(second.output, /--port/);
      assert.doesNotMatch(second.output, /\n\s+at /, "a stack");
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  });

  test("a port taken by another program is refused, too, and the state directory is free again", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await until(() => other.listening, "it listens");
    const { port } = other.address() as AddressInfo; // it listens on TCP
    const stateDir = mkdtempSync(join(tmpdir(), "openclaw-gateway-"));
    try {
      const refused = await runToExit(stateDir, { gateway: { port } });
      assert.notEqual(refused.code, 0);
      assert.match(refused.output, new RegExp(`Port ${port} is in use`));
      other.close();
      const gateway = await start({ stateDir, config: { gateway: { port } } });
      assert.equal(gateway.port, port);
      assert.ok(existsSync(join(stateDir, "gateway-token")));
      await gateway.close();
    } finally {
      other.close();
      rmSync(stateDir, { recursive: true, force: true });
    }
  });

  test("auth off on an address of the network is refused", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "openclaw-gateway-"));
    try {
      const refused = await runToExit(stateDir, { gateway: { bind: "0.0.0.0", auth: { mode: "off" } } });
      assert.notEqual(refused.code, 0);
      assert.match(refused.output, /gateway\.auth\.mode/);
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  });
});
