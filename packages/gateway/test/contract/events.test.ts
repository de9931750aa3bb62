import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { serverEvent } from "openclaw-protocol";
import { type FakeModel, startFakeModel } from "../support/fake-model.ts";
import { type Json, startGateway, type TestGateway } from "../support/gateway.ts";
import type { TestSocket } from "../support/socket.ts";
import { allEvents, sseEvents } from "../support/sse.ts";
import { until } from "../support/until.ts";

/** What a run tells those who watch it, over WebSocket and as server-sent events. */

let gateway: TestGateway;
let fake: FakeModel;
let socket: TestSocket;

/** Deltas whose borders lie where a careless join breaks them. */
const pieces = [
  "Grüße ",
  "👩‍",
  "🚀",
  "\r",
  "\n",
  "\n\ndata: x\n\n",
  "\u2028",
  "\ud83d",
  "\ude00",
  " end",
  "\u0000",
  " ",
];

before(async () => {
  fake = await startFakeModel();
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          fake: { baseUrl: `${fake.url}/v1`, models: [{ id: "m", reasoning: true }, { id: "plain" }] },
        },
      },
      agents: { defaults: { model: "builtin/demo" } },
    },
  });
  socket = await gateway.ws();
});

after(async () => {
  await gateway.close();
  await fake.close();
});

const onFake = { model: "fake/m" };

const run = async (params: Json, on = socket): Promise<Json> => (await on.call("chat.run", params)).result;

const textOf = (events: Json[]) =>
  events.flatMap((it) => (it.type === "chat.delta" ? [it.data.delta] : [])).join("");

const stream = (path: string, headers: Record<string, string> = {}) => gateway.fetch(path, { headers });

describe("sequence", () => {
  test("a run's events count 1, 2, 3 …, begin with chat.started, fit the contract and end once", async () => {
    const { runId, sessionKey } = await run({
      message: 'call clock {"timezone":"UTC"}',
      options: { thinking: "medium" },
    });
    const events = await socket.end(runId);
    assert.deepEqual(
      events.map((it) => it.data.seq),
      events.map((_, index) => index + 1),
    );
    for (const event of events) {
      assert.deepEqual(serverEvent.parse(event), event);
      assert.equal(event.data.sessionKey, sessionKey);
    }
    const [first] = events;
    assert.equal(first!.type, "chat.started");
    assert.equal(first!.data.model, "builtin/demo");
    assert.equal(first!.data.agentId, "default");
    assert.equal(first!.data.thinking, "medium");
    const types = events.map((it) => it.type);
    assert.ok(types.includes("chat.thinking"));
    assert.ok(types.indexOf("tool.call") < types.indexOf("tool.result"));
    assert.ok(types.lastIndexOf("chat.delta") > types.indexOf("tool.result"));
    assert.equal(types.at(-1), "chat.done");
    const message = (await gateway.api("GET", `/v1/sessions/${sessionKey}`)).body.messages.at(-1);
    assert.equal(events.at(-1)!.data.response, message.content);
    assert.equal(textOf(events), message.content);
  });

  test("one delta of the model is one delta of ours, and joined they are its text byte for byte", async () => {
    fake.script(pieces.map((text) => ({ text })));
    const { runId, sessionKey } = await run({ message: "x", options: onFake });
    const deltas = (await socket.end(runId)).filter((it) => it.type === "chat.delta");
    assert.deepEqual(
      deltas.map((it) => it.data.delta),
      pieces,
    );
    assert.equal(new Set(deltas.map((it) => it.data.messageId)).size, 1);
    const [, answer] = (await gateway.api("GET", `/v1/sessions/${sessionKey}`)).body.messages;
    assert.equal(answer.content, pieces.join(""));
    assert.equal(answer.id, deltas[0]!.data.messageId);
  });

  test("server-sent events carry the same, with seq as id and names without chat.", async () => {
    fake.script(pieces.map((text) => ({ text })));
    const response = await gateway.fetch("/v1/agent/run/stream", {
      method: "POST",
      body: JSON.stringify({ message: "x", sessionKey: "sse", options: onFake }),
    });
    const events = await allEvents(response);
    assert.deepEqual(
      events.map((it) => it.event),
      ["started", ...pieces.map(() => "delta"), "done"],
    );
    assert.deepEqual(
      events.map((it) => [it.id, it.data.seq]),
      events.map((_, index) => [String(index + 1), index + 1]),
    );
    assert.equal(events.flatMap((it) => it.data.delta ?? []).join(""), pieces.join(""));
  });

  test("options.stream: false brings no deltas, only the end with the whole answer", async () => {
    const { runId } = await run({ message: "hello", options: { stream: false, thinking: "low" } });
    const events = await socket.end(runId);
    assert.deepEqual(
      events.map((it) => it.type),
      ["chat.started", "chat.done"],
    );
    assert.match(events[1]!.data.response, /You said: "hello"/);
  });

  test("a request without an id gets events and no reply", async () => {
    const own = await gateway.ws();
    own.send({ method: "chat.run", params: { message: "hello", sessionKey: "silent" } });
    const done = await own.find((it) => it.type === "chat.done");
    assert.equal(done.data.sessionKey, "silent");
    assert.deepEqual(
      own.messages.filter((it) => !("type" in it)),
      [],
    );
    own.close();
  });

  test("events of a run go to the socket that started it and to no other", async () => {
    const other = await gateway.ws();
    const { runId } = await run({ message: "hello" });
    await socket.end(runId);
    await other.call("system.health");
    assert.deepEqual(other.events(runId), []);
    other.close();
  });

  test("a run over HTTP reports what the same model said over WebSocket", async () => {
    fake.script([{ reasoning: "hm" }, { text: "a" }, { text: "b" }, { usage: { prompt: 3, completion: 4 } }]);
    const { body } = await gateway.api("POST", "/v1/agent/run", { message: "x", options: onFake });
    assert.equal(body.response, "ab");
    assert.deepEqual(body.usage, { promptTokens: 3, completionTokens: 4, totalTokens: 7 });
    assert.equal(body.model, "fake/m");
  });
});

describe("resume", () => {
  const numbered = Array.from({ length: 12 }, (_, index) => `word${index} `);

  test("chat.subscribe with afterSeq in the middle brings exactly the rest, of a live run", async () => {
    const gate = Promise.withResolvers<void>();
    const late = numbered.slice(6).map((text) => ({ text }));
    fake.script([...numbered.slice(0, 6).map((text) => ({ text })), { pause: gate.promise }, ...late]);
    const { runId } = await run({ message: "x", options: onFake });
    await socket.find((it) => it.data?.delta === "word5 " && it.data.runId === runId);
    const other = await gateway.ws();
    const { result } = await other.call("chat.subscribe", { runId, afterSeq: 4 });
    assert.equal(result.status, "running");
    assert.equal(result.lastSeq, 7);
    gate.resolve();
    const events = await other.end(runId);
    assert.equal(textOf(events), numbered.slice(3).join(""));
    assert.ok(events[0]!.data.seq > 4);
    assert.deepEqual(
      events.map((it) => it.data.seq),
      events.map((it) => it.data.seq).toSorted((a, b) => a - b),
    );
    other.close();
  });

  test("every place of an ended run can be resumed from, by afterSeq and by Last-Event-ID", async () => {
    fake.script(numbered.map((text) => ({ text })));
    const { runId } = await run({ message: "x", options: onFake });
    const all = await socket.end(runId);
    const last = all.at(-1)!.data.seq;
    for (let seen = 0; seen <= last; seen++) {
      const missed = all.filter((it) => it.data.seq > seen);
      const events = await allEvents(
        await stream(`/v1/runs/${runId}/events`, { "last-event-id": String(seen) }),
      );
      assert.equal(events.map((it) => it.data.delta ?? "").join(""), textOf(missed), `after ${seen}`);
      assert.equal(events.at(-1)?.event, seen < last ? "done" : undefined);
      const other = await gateway.ws();
      const { result } = await other.call("chat.subscribe", { runId, afterSeq: seen });
      assert.deepEqual(result, { runId, sessionKey: all[0]!.data.sessionKey, status: "done", lastSeq: last });
      if (seen < last) assert.equal(textOf(await other.end(runId)), textOf(missed));
      other.close();
    }
  });

  test("afterSeq is also taken from the query, and a Last-Event-ID that is none is 400", async () => {
    const { runId } = await run({ message: "hello" });
    const all = await socket.end(runId);
    const [done] = await allEvents(await stream(`/v1/runs/${runId}/events?afterSeq=${all.length - 1}`));
    assert.equal(done!.event, "done");
    const refused = await stream(`/v1/runs/${runId}/events`, { "last-event-id": "abc" });
    assert.equal(refused.status, 400);
  });

  test("a session is followed across its runs, each seq once", async () => {
    await run({ message: "first", sessionKey: "follow" }).then(({ runId }) => socket.end(runId));
    const other = await gateway.ws();
    const { result } = await other.call("chat.subscribe", { sessionKey: "follow" });
    assert.equal(result.status, "done");
    const runs: string[] = [];
    for (const message of ["second", "third"])
      runs.push((await run({ message, sessionKey: "follow" })).runId);
    for (const runId of runs) {
      const theirs = await other.end(runId);
      assert.deepEqual(theirs, await socket.end(runId));
    }
    assert.equal((await other.call("chat.unsubscribe", { sessionKey: "follow" })).result.unsubscribed, true);
    const { runId } = await run({ message: "fourth", sessionKey: "follow" });
    await socket.end(runId);
    await other.call("system.health");
    assert.deepEqual(other.events(runId), []);
    other.close();
  });

  test("following a run twice on one socket sends each seq once", async () => {
    const gate = Promise.withResolvers<void>();
    fake.script([{ text: "a" }, { pause: gate.promise }, { text: "b" }]);
    const { runId, sessionKey } = await run({ message: "x", options: onFake });
    await socket.find((it) => it.data?.runId === runId && it.data.delta === "a");
    await socket.call("chat.subscribe", { runId });
    await socket.call("chat.subscribe", { sessionKey });
    gate.resolve();
    const events = await socket.end(runId);
    assert.deepEqual(
      events.map((it) => it.data.seq),
      [1, 2, 3, 4],
    );
  });
});

describe("abort", () => {
  test("the partial answer is kept, marked aborted, and abort is idempotent", async () => {
    const { runId, sessionKey } = await run({ message: "/slow 2000" });
    await socket.find((it) => it.data?.runId === runId && it.data.delta?.includes("3"));
    assert.deepEqual((await socket.call("chat.abort", { runId })).result, { aborted: true });
    const events = await socket.end(runId);
    const end = events.at(-1)!;
    assert.equal(end.type, "chat.aborted");
    assert.equal(end.data.finishReason, "aborted");
    assert.equal(end.data.response, textOf(events));
    assert.equal((await socket.call("chat.abort", { runId })).result.aborted, true);
    const { body } = await gateway.api("GET", `/v1/sessions/${sessionKey}`);
    assert.deepEqual(
      body.messages.map((it: Json) => [it.role, it.status, it.content]),
      [
        ["user", undefined, "/slow 2000"],
        ["assistant", "aborted", end.data.response],
      ],
    );
    const looked = (await gateway.api("GET", `/v1/runs/${runId}`)).body;
    assert.equal(looked.status, "aborted");
    assert.equal(looked.response, end.data.response);
    assert.equal(looked.finishReason, "aborted");
  });

  test("aborting a run that is done says false and changes nothing", async () => {
    const { runId } = await run({ message: "hello" });
    await socket.end(runId);
    assert.equal((await socket.call("chat.abort", { runId })).result.aborted, false);
    assert.equal((await gateway.api("GET", `/v1/runs/${runId}`)).body.status, "done");
  });

  test("aborting closes the upstream call, and the waiting request is answered 499 with runId", async () => {
    fake.script([{ text: "so far" }, { hang: true }]);
    const asked = fake.requests.length;
    const waiting = gateway.api("POST", "/v1/agent/run", {
      message: "x",
      sessionKey: "hang",
      options: onFake,
    });
    let runId = "";
    const { result } = await subscribeSoon("hang");
    runId = result.runId;
    await socket.find((it) => it.data?.runId === runId && it.data.delta === "so far");
    await gateway.api("POST", `/v1/runs/${runId}/abort`);
    const answer = await waiting;
    assert.equal(answer.status, 499);
    assert.equal(answer.body.error.code, "aborted");
    assert.equal(answer.body.error.runId, runId);
    await until(() => fake.requests[asked]!.aborted, "the upstream socket closes");
  });

  test("aborting a queued run takes it out of the line and leaves its message", async () => {
    const first = await run({ message: "/slow 30", sessionKey: "line" });
    const second = await run({ message: "never", sessionKey: "line" });
    assert.equal(second.status, "queued");
    assert.equal((await socket.call("chat.abort", { runId: second.runId })).result.aborted, true);
    assert.equal((await socket.end(second.runId)).at(-1)!.type, "chat.aborted");
    assert.equal((await socket.end(first.runId)).at(-1)!.type, "chat.done");
    const third = await run({ message: "third", sessionKey: "line" });
    assert.equal((await socket.end(third.runId)).at(-1)!.type, "chat.done");
    const { body } = await gateway.api("GET", "/v1/sessions/line");
    assert.equal(body.messageCount, body.messages.length);
    assert.equal(body.messages.length, 5);
  });

  /** Subscribes to a session as soon as there is one. */
  async function subscribeSoon(sessionKey: string): Promise<Json> {
    let reply: Json = {};
    await until(async () => {
      reply = await socket.call("chat.subscribe", { sessionKey });
      return reply.result?.runId != null;
    }, "the session appears");
    return reply;
  }
});

describe("disconnects", () => {
  test("a dropped connection does not end the run, over WebSocket and SSE", async () => {
    const own = await gateway.ws();
    const first = await run({ message: "/slow 15", sessionKey: "ws-drop" }, own);
    own.ws.terminate();
    const response = await gateway.fetch("/v1/agent/run/stream", {
      method: "POST",
      body: JSON.stringify({ message: "/slow 15", sessionKey: "sse-drop" }),
    });
    const events = sseEvents(response);
    const { value } = await events.next();
    await events.return();
    for (const runId of [first.runId, value!.data.runId]) await ended(runId, "done");
  });

  test("with onDisconnect abort it does, over WebSocket, SSE and a waiting request", async () => {
    const options = { onDisconnect: "abort" };
    const own = await gateway.ws();
    const first = await run({ message: "/slow 3000", options }, own);
    own.ws.terminate();
    await ended(first.runId, "aborted");

    const response = await gateway.fetch("/v1/agent/run/stream", {
      method: "POST",
      body: JSON.stringify({ message: "/slow 3000", options }),
    });
    const events = sseEvents(response);
    const { value } = await events.next();
    await events.return();
    await ended(value!.data.runId, "aborted");

    const leaving = new AbortController();
    const body = JSON.stringify({ message: "/slow 3000", sessionKey: "leaving", options });
    const waiting = gateway.fetch("/v1/agent/run", { method: "POST", body, signal: leaving.signal });
    waiting.catch(() => {});
    let runId = "";
    await until(async () => {
      runId = (await socket.call("chat.subscribe", { sessionKey: "leaving" })).result?.runId ?? "";
      return runId !== "";
    }, "the run begins");
    leaving.abort();
    await ended(runId, "aborted");
  });

  async function ended(runId: string, status: string): Promise<void> {
    let now = "";
    await until(async () => {
      now = (await gateway.api("GET", `/v1/runs/${runId}`)).body.status;
      return now !== "running" && now !== "queued";
    }, `the end of ${runId}`);
    assert.equal(now, status);
  }
});

describe("idempotency", () => {
  test("the same key and body are the same run, during it and after its end", async () => {
    const params = { message: "/slow 10", sessionKey: "idem", idempotencyKey: "key-1" };
    const first = await run(params);
    const again = await run(params);
    assert.equal(again.runId, first.runId);
    await socket.end(first.runId);
    assert.equal((await run(params)).runId, first.runId);
    const http = await gateway.api(
      "POST",
      "/v1/agent/run",
      { message: "/slow 10", sessionKey: "idem" },
      { "idempotency-key": "key-1" },
    );
    assert.equal(http.body.runId, first.runId);
    assert.equal(http.body.response, socket.events(first.runId).at(-1)!.data.response);
    assert.equal((await gateway.api("GET", "/v1/sessions/idem")).body.messageCount, 2);
  });

  test("requests with one key that come at once are one run", async () => {
    const ask = () =>
      gateway.api(
        "POST",
        "/v1/agent/run",
        { message: "hello", sessionKey: "at-once" },
        { "idempotency-key": "key-2" },
      );
    const runs = await Promise.all(Array.from({ length: 8 }, ask));
    assert.deepEqual([...new Set(runs.map((it) => it.body.runId))].length, 1);
    assert.equal((await gateway.api("GET", "/v1/sessions/at-once")).body.messageCount, 2);
  });

  test("the same key with another body is 409", async () => {
    await run({ message: "one", idempotencyKey: "key-3" });
    const { error } = await socket.call("chat.run", { message: "two", idempotencyKey: "key-3" });
    assert.equal(error.code, "conflict");
    assert.equal(error.param, "idempotencyKey");
    const answer = await gateway.api(
      "POST",
      "/v1/runs",
      { message: "three" },
      { "idempotency-key": "key-3" },
    );
    assert.equal(answer.status, 409);
  });

  test("a key belongs to its credential", async () => {
    const { body } = await gateway.api("POST", "/v1/tokens", { name: "x", scopes: ["chat"] });
    const as = { authorization: `Bearer ${body.token}`, "idempotency-key": "key-4" };
    const theirs = await gateway.api("POST", "/v1/runs", { message: "same" }, as);
    const ours = await gateway.api("POST", "/v1/runs", { message: "same" }, { "idempotency-key": "key-4" });
    assert.notEqual(theirs.body.runId, ours.body.runId);
  });
});

describe("order and time", () => {
  test("twenty concurrent runs of a session go one at a time in the order of their sending", async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        run({
          message: `number ${index}`,
          sessionKey: "order",
          // Some with a key and some with a model: what a request needs to be checked must not change its place.
          ...(index % 3 === 0 && { idempotencyKey: `order-${index}` }),
          ...(index % 2 === 0 && { options: { model: "builtin/demo" } }),
        }),
      ),
    );
    const { body: early } = await gateway.api("GET", "/v1/sessions/order");
    assert.equal(early.messages.filter((it: Json) => it.role === "user").length, 20);
    for (const { runId } of replies) await socket.end(runId);
    const starts = socket.messages.filter(
      (it) => it.type === "chat.started" && it.data.sessionKey === "order",
    );
    assert.deepEqual(
      starts.map((it) => it.data.runId),
      replies.map((it) => it.runId),
    );
    const { body } = await gateway.api("GET", "/v1/sessions/order");
    assert.deepEqual(
      body.messages.map((it: Json) => (it.role === "user" ? it.content : it.role)),
      replies.flatMap((_, index) => [`number ${index}`, "assistant"]),
    );
    assert.equal(body.messageCount, 40);
    const order = socket.messages.filter((it) => it.data?.sessionKey === "order" && it.data.seq);
    let current = "";
    for (const { type, data } of order) {
      if (type === "chat.started") current = data.runId;
      assert.equal(data.runId, current, "events of two runs of a session are mixed");
    }
  });

  test("queued messages are listed at once, behind the running one's", async () => {
    const first = await run({ message: "/slow 40", sessionKey: "queue" });
    const second = await run({ message: "second", sessionKey: "queue" });
    const third = await run({ message: "third", sessionKey: "queue" });
    assert.deepEqual([second.status, third.status], ["queued", "queued"]);
    const { body } = await gateway.api("GET", "/v1/sessions/queue");
    assert.deepEqual(
      body.messages.map((it: Json) => it.content),
      ["/slow 40", "second", "third"],
    );
    assert.equal((await gateway.api("GET", `/v1/runs/${second.runId}`)).body.status, "queued");
    for (const { runId } of [first, second, third]) await socket.end(runId);
    const done = (await gateway.api("GET", "/v1/sessions/queue")).body.messages;
    assert.deepEqual(
      done.map((it: Json) => it.role),
      ["user", "assistant", "user", "assistant", "user", "assistant"],
    );
  });

  test("a run over its timeoutMs is 504 with its runId, and its partial answer is kept", async () => {
    const answer = await gateway.api("POST", "/v1/agent/run", {
      message: "/slow 3000",
      sessionKey: "late",
      options: { timeoutMs: 600 },
    });
    assert.equal(answer.status, 504);
    assert.equal(answer.body.error.code, "timeout");
    const { runId } = answer.body.error;
    const looked = (await gateway.api("GET", `/v1/runs/${runId}`)).body;
    assert.equal(looked.status, "failed");
    assert.equal(looked.error.code, "timeout");
    const [, partial] = (await gateway.api("GET", "/v1/sessions/late")).body.messages;
    assert.equal(partial.status, "failed");
    assert.match(partial.content, /^This is OpenClaw's built-in demo/);
    const events = await allEvents(await stream(`/v1/runs/${runId}/events`));
    assert.equal(events.at(-1)!.event, "error");
    assert.equal(events.at(-1)!.data.error.code, "timeout");
  });

  test("a failing model ends the run with chat.error and the provider's status mapped", async () => {
    fake.script([{ status: 401, body: { error: { message: "bad key" } } }]);
    const { runId } = await run({ message: "x", options: onFake });
    const end = (await socket.end(runId)).at(-1)!;
    assert.equal(end.type, "chat.error");
    assert.equal(end.data.error.code, "upstream_error");
    fake.script([{ status: 400, body: { error: { message: "too many toys" } } }]);
    const answer = await gateway.api("POST", "/v1/agent/run", { message: "x", options: onFake });
    assert.equal(answer.status, 400);
    assert.match(answer.body.error.message, /too many toys/);
  });

  test("a level that the model lacks is lowered, xhigh is refused", async () => {
    const { runId } = await run({ message: "x", options: { model: "fake/plain", thinking: "high" } });
    const [started] = await socket.end(runId);
    assert.equal(started!.data.thinking, "off");
    const options = { model: "fake/plain", thinking: "xhigh" };
    const refused = await gateway.api("POST", "/v1/agent/run", { message: "x", options });
    assert.equal(refused.status, 400);
    assert.equal(refused.body.error.param, "options.thinking");
  });
});
