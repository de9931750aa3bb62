import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionError, isCode, OpenClawClient, type StreamEvent } from "../src/index.ts";
import { readEvents } from "../src/sse.ts";
import { collect, events, sse, startGateway, until } from "./support/gateway.ts";

const stream = { "content-type": "text/event-stream" };

test("server-sent events are read the same wherever the chunks break", async () => {
  const text =
    ': hi\r\nevent: delta\r\nid: 7\r\ndata: {"a":"ü€"}\r\n\r\ndata: one\rdata:two\r\rdata\n\nevent: lost\n\ndata: unfinished';
  const bytes = new TextEncoder().encode(text);
  const expected = [
    { id: "7", event: "delta", data: '{"a":"ü€"}' },
    { id: "7", event: "message", data: "one\ntwo" },
    { id: "7", event: "message", data: "" },
  ];
  for (const size of [1, 2, 3, 5, 7, bytes.length]) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
    const got = await collect(readEvents(bodyOf(chunks), 10_000));
    assert.deepEqual(got, expected, `chunks of ${size}`);
  }
});

test("a silent stream ends", async () => {
  const body = new ReadableStream<Uint8Array>({});
  assert.deepEqual(await collect(readEvents(body, 30)), []);
});

test("agent.stream yields the run's events and ends after done", async () => {
  const run = events();
  await using gateway = await startGateway({
    http: (_, response) => {
      response.writeHead(200, stream);
      response.write(sse(run.started(1)) + sse(run.delta(2, "Hel")));
      response.write(`: still here\n\n${sse(run.delta(3, "lo"))}${sse(run.done(4, "Hello"))}`);
    },
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  const got = await collect(client.agent.stream({ message: "Hi" }));
  assert.deepEqual(
    got.map(({ type }) => type),
    ["started", "delta", "delta", "done"],
  );
  assert.equal(textOf(got), "Hello");
  assert.equal(gateway.requests[0]!.url, "/v1/agent/run/stream");
});

test("a stream that breaks goes on by Last-Event-ID, without loss and without doubles", async () => {
  const run = events();
  await using gateway = await startGateway({
    http: ({ method }, response) => {
      response.writeHead(200, stream);
      if (method === "POST") {
        response.write(sse(run.started(1)) + sse(run.delta(2, "Hel")), () => response.destroy());
      } else {
        response.write(sse(run.delta(2, "Hel")) + sse(run.delta(3, "lo")) + sse(run.done(4, "Hello")));
      }
    },
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  const got = await collect(client.agent.stream({ message: "Hi" }));
  assert.equal(textOf(got), "Hello");
  assert.equal(got.at(-1)!.type, "done");
  assert.deepEqual(
    gateway.requests.map(({ url }) => url),
    ["/v1/agent/run/stream", "/v1/runs/run-1/events"],
  );
  assert.equal(gateway.requests[1]!.headers["last-event-id"], "2");
});

test("a stream that breaks before its first event is asked for again with the same key", async () => {
  const run = events();
  let posts = 0;
  await using gateway = await startGateway({
    http: (_, response) => {
      response.writeHead(200, stream);
      if (++posts === 1) response.write(": waiting\n\n", () => response.destroy());
      else response.write(sse(run.started(1)) + sse(run.done(2, "")));
    },
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  await collect(client.agent.stream({ message: "Hi" }));
  const [first, second] = gateway.requests;
  assert.equal(second!.url, "/v1/agent/run/stream");
  assert.equal(first!.headers["idempotency-key"], second!.headers["idempotency-key"]);
});

test("an error event is thrown as its typed error, with the run's id", async () => {
  const run = events();
  await using gateway = await startGateway({
    http: (_, response) => void response.writeHead(200, stream).write(sse(run.error(1, "budget_exceeded"))),
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  await assert.rejects(
    collect(client.agent.stream({ message: "Hi" })),
    (error) => isCode(error, "budget_exceeded") && error.runId === "run-1" && error.status === 402,
  );
});

test("a refused stream throws at once", async () => {
  await using gateway = await startGateway({ http: (_, response) => void response.writeHead(403).end() });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  await assert.rejects(collect(client.agent.stream({ message: "Hi" })), (error) =>
    isCode(error, "forbidden"),
  );
  assert.equal(gateway.requests.length, 1);
});

test("an end counts even where its seq is not larger than the last one seen", async () => {
  const run = events();
  await using gateway = await startGateway({
    http: (_, response) => void response.writeHead(200, stream).write(sse(run.done(3, "x"))),
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  const got = await collect(client.runs.events("run-1", { afterSeq: 9 }));
  assert.deepEqual(
    got.map(({ type }) => type),
    ["done"],
  );
  assert.equal(gateway.requests[0]!.headers["last-event-id"], "9");
});

test("a run that is over and has nothing more to tell ends the iteration", async () => {
  await using gateway = await startGateway({
    http: ({ url }, response) => {
      if (url.endsWith("/events")) response.writeHead(200, stream).end();
      else response.end(JSON.stringify({ runId: "run-1", status: "done" }));
    },
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  assert.deepEqual(await collect(client.runs.events("run-1", { afterSeq: 9 })), []);
});

test("aborting stops the watching with the signal's reason; leaving the loop closes the connection", async () => {
  const run = events();
  let closed = 0;
  await using gateway = await startGateway({
    http: (_, response) => {
      response.on("close", () => closed++);
      response.writeHead(200, stream).write(sse(run.started(1)));
    },
  });
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  const controller = new AbortController();
  const reason = new Error("seen enough");
  await assert.rejects(
    async () => {
      for await (const _ of client.agent.stream({ message: "Hi" }, { signal: controller.signal }))
        controller.abort(reason);
    },
    (error) => error === reason,
  );
  await until(() => closed === 1);
  for await (const _ of client.agent.stream({ message: "Hi" })) break;
  await until(() => closed === 2);
  assert.equal(gateway.requests.length, 2);
});

test("a gateway that was never reached is a ConnectionError", async () => {
  const gateway = await startGateway({});
  await gateway[Symbol.asyncDispose]();
  const client = new OpenClawClient({ baseUrl: gateway.baseUrl });
  await assert.rejects(collect(client.agent.stream({ message: "Hi" })), ConnectionError);
});

function textOf(events: StreamEvent[]): string {
  return events.map((event) => (event.type === "delta" ? event.data.delta : "")).join("");
}

function bodyOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}
