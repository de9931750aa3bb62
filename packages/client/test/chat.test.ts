import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket as NodeWebSocket, type WebSocket } from "ws";
import {
  type ConnectionState,
  isCode,
  OpenClawClient,
  type RunEvent,
  type WebSocketConstructor,
} from "../src/index.ts";
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

const accepted = { runId: "run-1", sessionKey: "s", status: "started" };

/** A client that waits no longer than it must. */
function clientOf(baseUrl: string, options = {}): OpenClawClient {
  return new OpenClawClient({ baseUrl, reconnectDelay: () => 1, ...options });
}

function send(socket: WebSocket, ...all: unknown[]): void {
  for (const event of all) socket.send(JSON.stringify(event));
}

const run = events();

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

const answerFields = ["cost", "finishReason", "model", "response", "runId", "sessionKey", "usage"];

function sessionScript(
  byConnection: Record<number, (frame: Frame, socket: WebSocket) => void>,
): NonNullable<Script["frame"]> {
  return (frame, socket, nth) => byConnection[nth]?.(frame, socket);
}

function textOf(all: RunEvent[]): string {
  return all.map((event) => (event.type === "chat.delta" ? event.data.delta : "")).join("");
}
