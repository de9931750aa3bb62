import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Json } from "../support/gateway.ts";
import { onFake, type RunRig, startRunRig, textOf } from "../support/run-rig.ts";
import { sseEvents } from "../support/sse.ts";
import { until } from "../support/until.ts";

/** How runs are ended, repeated, ordered and limited in time. */

let rig: RunRig;
let gateway: RunRig["gateway"];
let fake: RunRig["fake"];
let socket: RunRig["socket"];
let run: RunRig["run"];

before(async () => {
  rig = await startRunRig();
  ({ gateway, fake, socket, run } = rig);
});

after(() => rig.close());

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
