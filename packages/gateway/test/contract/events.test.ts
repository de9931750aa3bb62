import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { serverEvent } from "openclaw-protocol";
import { onFake, type RunRig, startRunRig, textOf } from "../support/run-rig.ts";
import { allEvents } from "../support/sse.ts";

/** What a run tells those who watch it, over WebSocket and as server-sent events. */

let rig: RunRig;
let gateway: RunRig["gateway"];
let fake: RunRig["fake"];
let socket: RunRig["socket"];
let run: RunRig["run"];
let stream: RunRig["stream"];

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
  rig = await startRunRig();
  ({ gateway, fake, socket, run, stream } = rig);
});

after(() => rig.close());

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

  test("options.stream: false brings nothing but the end with the whole answer, also of a run with tools", async () => {
    for (const [message, answer] of [
      ["hello", /You said: "hello"/],
      ["Please call the clock tool.", /clock answered/],
    ] as const) {
      const { runId } = await run({ message, options: { stream: false, thinking: "low" } });
      const events = await socket.end(runId);
      assert.deepEqual(
        events.map((it) => it.type),
        ["chat.done"],
      );
      assert.match(events[0]!.data.response, answer);
    }
  });

  test("a session that is yet to come can be followed", async () => {
    const follower = await gateway.ws();
    const { result } = await follower.call("chat.subscribe", { sessionKey: "yet-to-come" });
    assert.deepEqual(result, { runId: null, sessionKey: "yet-to-come", status: null, lastSeq: 0 });
    const { runId } = await run({ message: "hello", sessionKey: "yet-to-come" });
    const events = await follower.end(runId);
    assert.deepEqual([events[0]!.type, events.at(-1)!.type], ["chat.started", "chat.done"]);
    follower.close();
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
