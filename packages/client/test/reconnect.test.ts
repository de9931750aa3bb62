import assert from "node:assert/strict";
import { test } from "node:test";
import type { WebSocket } from "ws";
import { type ConnectionState, isCode, type RunEvent } from "../src/index.ts";
import { accepted, clientOf, run, send, textOf } from "./support/chat.ts";
import {
  collect,
  events,
  type Frame,
  refuse,
  reply,
  type Script,
  startGateway,
  until,
} from "./support/gateway.ts";

test("a run survives a lost connection: resumed by seq, nothing lost and nothing doubled", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket, nth) => {
      if (nth === 1) {
        reply(socket, frame, accepted);
        send(socket, run.started(1), run.delta(2, "a"), run.delta(3, "b"));
        // Whatever was sent is read before the end is noticed.
        socket.close(1012);
      } else {
        reply(socket, frame, { runId: "run-1", sessionKey: "s", status: "running", lastSeq: 5 });
        send(
          socket,
          run.delta(3, "b"),
          run.delta(5, "cd"),
          run.delta(6, "e"),
          run.delta(6, "e"),
          run.done(7, "abcde"),
        );
      }
    },
  });
  const client = clientOf(gateway.baseUrl);
  const chatRun = await client.chat.run({ message: "Hi" });
  assert.equal(textOf(await collect(chatRun)), "abcde");
  assert.equal((await chatRun.done).response, "abcde");
  assert.deepEqual(
    gateway.frames.map(({ method }) => method),
    ["chat.run", "chat.subscribe"],
  );
  assert.deepEqual(gateway.frames[1]!.params, { runId: "run-1", afterSeq: 3 });
  // A ticket is good for one connection.
  assert.equal(gateway.requests.filter(({ url }) => url === "/v1/tickets").length, 2);
  client.chat.close();
});

test("a chat.run whose reply was lost is sent again with the same idempotency key, once", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket, nth) => {
      if (nth === 1) return socket.terminate();
      if (frame.method === "chat.run") return reply(socket, frame, accepted);
      reply(socket, frame, { runId: "run-1", sessionKey: "s", status: "running", lastSeq: 2 });
      send(socket, run.started(1), run.delta(2, "x"), run.done(3, "x"));
    },
  });
  const client = clientOf(gateway.baseUrl);
  const chatRun = await client.chat.run({ message: "Hi" });
  assert.equal(textOf(await collect(chatRun)), "x");
  const runs = gateway.frames.filter(({ method }) => method === "chat.run");
  assert.equal(runs.length, 2);
  assert.deepEqual(runs[0]!.params, runs[1]!.params);
  assert.ok(runs[0]!.params.idempotencyKey);
  client.chat.close();
});

test("what could do harm twice fails when its reply was lost, and is not sent again", async () => {
  await using gateway = await startGateway({
    frame: (_frame, socket, nth) => {
      if (nth === 1) socket.terminate();
    },
  });
  const client = clientOf(gateway.baseUrl);
  await assert.rejects(client.chat.call("session.delete", { sessionKey: "s" }), { name: "ConnectionError" });
  await until(() => gateway.connections() === 2);
  assert.equal(gateway.frames.length, 1);
  client.chat.close();
});

test("an end event ends a resumed run even where its seq is not larger than the last one seen", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket, nth) => {
      if (nth === 1) {
        reply(socket, frame, accepted);
        send(socket, run.delta(5, "x"));
        return socket.close(1012);
      }
      reply(socket, frame, { runId: "run-1", sessionKey: "s", status: "done", lastSeq: 5 });
      send(socket, run.done(5, "x"));
    },
  });
  const client = clientOf(gateway.baseUrl);
  const chatRun = await client.chat.run({ message: "Hi" });
  assert.equal((await collect(chatRun)).at(-1)!.type, "chat.done");
  client.chat.close();
});

test("a run that is gone after a reconnect fails with the gateway's refusal", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket, nth) => {
      if (nth > 1) return refuse(socket, frame, "not_found");
      reply(socket, frame, accepted);
      socket.close(1012);
    },
  });
  const client = clientOf(gateway.baseUrl);
  const chatRun = await client.chat.run({ message: "Hi" });
  await assert.rejects(chatRun.done, (error) => isCode(error, "not_found"));
  client.chat.close();
});

test("a revoked credential fails everything with unauthorized and is not tried again", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket) => {
      reply(socket, frame, accepted);
      socket.close(1008);
    },
  });
  const client = clientOf(gateway.baseUrl);
  const states: ConnectionState[] = [];
  client.chat.on("connection", ({ state }) => states.push(state));
  const chatRun = await client.chat.run({ message: "Hi" });
  await assert.rejects(chatRun.done, (error) => isCode(error, "unauthorized"));
  await assert.rejects(collect(chatRun), (error) => isCode(error, "unauthorized"));
  assert.deepEqual(states, ["connecting", "open", "closed"]);
  assert.equal(gateway.connections(), 1);
});

test("a connection without a heartbeat is given up for a new one", async () => {
  await using gateway = await startGateway({
    frame: (frame, socket, nth) => {
      if (nth > 1) reply(socket, frame, { status: "ok", version: "1" });
    },
  });
  const client = clientOf(gateway.baseUrl, { silenceMs: 60 });
  assert.deepEqual(await client.chat.call("system.health", {}), { status: "ok", version: "1" });
  assert.ok(gateway.connections() >= 2);
  client.chat.close();
});

test("a session's readers get its current run and all later ones, over a reconnect too", async () => {
  const [first, second] = [events("run-1"), events("run-2")];
  await using gateway = await startGateway({
    frame: sessionScript({
      1: (frame, socket) => {
        reply(socket, frame, { runId: "run-1", sessionKey: "s", status: "running", lastSeq: 1 });
        send(socket, first.delta(1, "a"));
        socket.close(1012);
      },
      2: (frame, socket) => {
        if (frame.params.runId) {
          reply(socket, frame, { runId: "run-1", sessionKey: "s", status: "done", lastSeq: 3 });
          send(socket, first.delta(2, "b"), first.done(3, "ab"), first.done(3, "ab"));
        } else {
          // Another run began while the connection was away: it is replayed from its start.
          reply(socket, frame, { runId: "run-2", sessionKey: "s", status: "running", lastSeq: 2 });
          send(socket, second.delta(2, "cd"), second.error(3, "timeout"), events("run-3").done(1, "e"));
        }
      },
    }),
  });
  const client = clientOf(gateway.baseUrl);
  const subscription = await client.chat.subscribe({ sessionKey: "s" });
  assert.equal(subscription.runId, "run-1");
  const got: RunEvent[] = [];
  for await (const event of subscription) {
    got.push(event);
    if (event.data.runId === "run-3") break;
  }
  assert.deepEqual(
    got.map((event) => `${event.data.runId} ${event.type}`),
    [
      "run-1 chat.delta",
      "run-1 chat.delta",
      "run-1 chat.done",
      "run-2 chat.delta",
      "run-2 chat.error",
      "run-3 chat.done",
    ],
  );
  assert.deepEqual(
    gateway.frames.map(({ params }) => params),
    [{ sessionKey: "s" }, { runId: "run-1", afterSeq: 1 }, { sessionKey: "s", afterSeq: 0 }],
  );
  client.chat.close();
});

test("a resumed session whose run still goes on asks for no second replay of it", async () => {
  await using gateway = await startGateway({
    frame: sessionScript({
      1: (frame, socket) => {
        reply(socket, frame, { runId: "run-1", sessionKey: "s", status: "running", lastSeq: 1 });
        send(socket, run.delta(1, "a"));
        socket.close(1012);
      },
      2: (frame, socket) => {
        reply(socket, frame, { runId: "run-1", sessionKey: "s", status: "running", lastSeq: 1 });
        if (frame.params.sessionKey) send(socket, run.delta(2, "b"), run.done(3, "ab"));
      },
    }),
  });
  const client = clientOf(gateway.baseUrl);
  const subscription = await client.chat.subscribe({ sessionKey: "s" });
  const got: RunEvent[] = [];
  for await (const event of subscription) {
    got.push(event);
    if (event.type === "chat.done") break;
  }
  assert.equal(textOf(got), "ab");
  assert.equal(gateway.frames[2]!.params.afterSeq, Number.MAX_SAFE_INTEGER);
  client.chat.close();
});

function sessionScript(
  byConnection: Record<number, (frame: Frame, socket: WebSocket) => void>,
): NonNullable<Script["frame"]> {
  return (frame, socket, nth) => byConnection[nth]?.(frame, socket);
}
