import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket as NodeWebSocket } from "ws";
import { isCode, type RunEvent, type WebSocketConstructor } from "../src/index.ts";
import { accepted, clientOf, run, send, textOf } from "./support/chat.ts";
import { collect, reply, startGateway, until } from "./support/gateway.ts";

const answerFields = ["cost", "finishReason", "model", "response", "runId", "sessionKey", "usage"];

test("a run over the socket yields its events and resolves to its answer", async () => {
  await using gateway = await startGateway({
    open: (socket) => send(socket, { type: "connected", data: { clientId: "c" } }),
    frame: (frame, socket) => {
      reply(socket, frame, accepted);
      send(socket, run.started(1), run.delta(2, "Hel"), run.delta(3, "lo"), run.done(4, "Hello"));
    },
  });
  const client = clientOf(gateway.baseUrl, { token: "secret" });
  const chatRun = await client.chat.run({ message: "Hi", sessionKey: "s" });
  assert.deepEqual([chatRun.runId, chatRun.sessionKey, chatRun.status], ["run-1", "s", "started"]);
  const got = await collect(chatRun);
  assert.equal(textOf(got), "Hello");
  assert.equal(got.at(-1)!.type, "chat.done");
  assert.deepEqual(Object.keys(await chatRun.done).sort(), answerFields);
  assert.equal(gateway.requests[0]!.headers.authorization, "Bearer secret");
  assert.equal(gateway.requests[0]!.url, "/v1/tickets");
  assert.deepEqual(Object.keys(gateway.frames[0]!.params).sort(), [
    "idempotencyKey",
    "message",
    "sessionKey",
  ]);
  client.chat.close();
});

test("it works with the ws package where there is no global WebSocket, and says so where there is none", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket) => reply(socket, frame, { status: "ok" }),
  });
  const WebSocket = NodeWebSocket as unknown as WebSocketConstructor; // its listeners are typed more narrowly
  const client = clientOf(gateway.baseUrl, { WebSocket });
  await client.chat.call("system.health", {});
  client.chat.close();
  const global = globalThis.WebSocket;
  try {
    Reflect.deleteProperty(globalThis, "WebSocket");
    await assert.rejects(clientOf(gateway.baseUrl).chat.call("system.health", {}), /WebSocket option/);
  } finally {
    globalThis.WebSocket = global;
  }
});

test("a failed run throws its typed error, from the iteration and from done", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket) => {
      reply(socket, frame, accepted);
      send(socket, run.delta(1, "x"), run.error(2, "upstream_error"));
    },
  });
  const client = clientOf(gateway.baseUrl);
  const chatRun = await client.chat.run({ message: "Hi" });
  const got: RunEvent[] = [];
  await assert.rejects(
    async () => {
      for await (const event of chatRun) got.push(event);
    },
    (error) => isCode(error, "upstream_error") && error.runId === "run-1",
  );
  assert.equal(textOf(got), "x");
  await assert.rejects(chatRun.done, (error) => isCode(error, "upstream_error"));
  client.chat.close();
});

test("a refused ticket fails the call with the gateway's error", async () => {
  await using gateway = await startGateway({ http: (_, response) => void response.writeHead(401).end() });
  const client = clientOf(gateway.baseUrl, { headers: { "x-no-tickets": "1" } });
  await assert.rejects(client.chat.run({ message: "Hi" }), (error) => isCode(error, "unauthorized"));
  assert.equal(gateway.requests.length, 1);
});

test("a gateway that cannot be reached fails the first call instead of trying for ever", async () => {
  const gateway = await startGateway({});
  await gateway[Symbol.asyncDispose]();
  await assert.rejects(clientOf(gateway.baseUrl).chat.run({ message: "Hi" }), { name: "ConnectionError" });
});

test("aborting a run's signal stops the watching with its reason, not the run", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket) => {
      reply(socket, frame, frame.method === "chat.run" ? accepted : { unsubscribed: true });
      if (frame.method === "chat.run") send(socket, run.delta(1, "x"));
    },
  });
  const client = clientOf(gateway.baseUrl);
  const controller = new AbortController();
  const reason = new Error("enough");
  const chatRun = await client.chat.run({ message: "Hi" }, { signal: controller.signal });
  await assert.rejects(
    async () => {
      for await (const _ of chatRun) controller.abort(reason);
    },
    (error) => error === reason,
  );
  await assert.rejects(chatRun.done, (error) => error === reason);
  await until(() => gateway.frames.length === 2);
  assert.deepEqual(
    [gateway.frames[1]!.method, gateway.frames[1]!.params],
    ["chat.unsubscribe", { runId: "run-1" }],
  );
  client.chat.close();
});

test("run.abort ends the run itself; its answer is what there was", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket) => {
      if (frame.method === "chat.run") return reply(socket, frame, accepted);
      const { data } = run.done(1, "half");
      send(socket, { type: "chat.aborted", data: { ...data, finishReason: "aborted" } });
      reply(socket, frame, { aborted: true });
    },
  });
  const client = clientOf(gateway.baseUrl);
  const chatRun = await client.chat.run({ message: "Hi" });
  assert.equal(await chatRun.abort(), true);
  assert.deepEqual(gateway.frames[1]!.params, { runId: "run-1" });
  assert.deepEqual([(await chatRun.done).finishReason, (await chatRun.done).response], ["aborted", "half"]);
  client.chat.close();
});

test("listeners get events until they are taken off, and a throwing one harms nobody", async () => {
  const mistakes: unknown[] = [];
  const handlers = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => mistakes.push(error));
  try {
    await using gateway = await startGateway({
      open: (socket) => send(socket, { type: "heartbeat", data: { timestamp: 1, status: "ok" } }),
      frame: (frame, socket) => {
        send(socket, { type: "heartbeat", data: { timestamp: 2, status: "ok" } });
        reply(socket, frame, { status: "ok" });
      },
    });
    const client = clientOf(gateway.baseUrl);
    const beats: number[] = [];
    client.chat.on("heartbeat", () => {
      throw new Error("my mistake");
    });
    const off = client.chat.on("heartbeat", ({ timestamp }) => beats.push(timestamp));
    await until(() => beats.length === 1);
    off();
    await client.chat.call("system.health", {});
    assert.deepEqual(beats, [1]);
    await until(() => mistakes.length === 2);
    client.chat.close();
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const handler of handlers) process.on("uncaughtException", handler);
  }
});

test("closing fails what still waits, and the next use connects again", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket) => {
      if (frame.method === "chat.run") reply(socket, frame, accepted);
      if (frame.method === "system.health") reply(socket, frame, { status: "ok" });
    },
  });
  const client = clientOf(gateway.baseUrl);
  const chatRun = await client.chat.run({ message: "Hi" });
  const waiting = client.chat.call("session.list", {});
  client.chat.close();
  await assert.rejects(waiting, { name: "ConnectionError" });
  await assert.rejects(collect(chatRun), { name: "ConnectionError" });
  await client.chat.call("system.health", {});
  assert.equal(gateway.connections(), 2);
  client.chat.close();
});

test("whoever does not read in time gets deltas put together, whole to the letter", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket) => {
      reply(socket, frame, accepted);
      for (let seq = 1; seq <= 5000; seq++) send(socket, run.delta(seq, `${seq},`));
      send(socket, run.done(5001, ""));
    },
  });
  const client = clientOf(gateway.baseUrl);
  const chatRun = await client.chat.run({ message: "Hi" });
  await chatRun.done;
  const got = await collect(chatRun);
  assert.ok(got.length < 1100);
  assert.equal(textOf(got), Array.from({ length: 5000 }, (_, i) => `${i + 1},`).join(""));
  client.chat.close();
});
