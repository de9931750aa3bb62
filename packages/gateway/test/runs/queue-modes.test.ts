import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type AgentRig, startAgentRig } from "../support/agent-rig.ts";
import type { Json } from "../support/gateway.ts";
import { until } from "../support/until.ts";

/** What becomes of messages to a session that is busy. */

const said = (body: Json): string[] =>
  body.messages.filter((it: Json) => it.role === "user").map((it: Json) => it.content);

/** Holds the model's first answer back until the test lets it go. */
function held(rig: AgentRig): () => void {
  const gate = Promise.withResolvers<void>();
  const from = rig.fake.requests.length;
  rig.fake.script((_, count) =>
    count === from ? [{ text: "first " }, { pause: gate.promise }, { text: "part" }] : [{ text: "second" }],
  );
  return gate.resolve;
}

async function startedRun(rig: AgentRig, sessionKey: string): Promise<Json> {
  const before = rig.fake.requests.length;
  const first = await rig.run({ message: "one", sessionKey });
  await until(() => rig.fake.requests.length > before, "a request to the model");
  return first;
}

describe("collect", () => {
  let rig: AgentRig;
  before(async () => {
    rig = await startAgentRig({ session: { queue: "collect" } });
  });
  after(() => rig.close());

  test("messages that come while a run goes on are one run's", async () => {
    const release = held(rig);
    const first = await startedRun(rig, "collect");
    const [two, three, four] = await Promise.all(
      ["two", "three", "four"].map((message) => rig.run({ message, sessionKey: "collect" })),
    );
    assert.equal(two!.status, "queued");
    assert.deepEqual(
      [three, four].map((it) => it!.status),
      ["merged", "merged"],
    );
    assert.equal(three!.runId, two!.runId);
    assert.equal(four!.runId, two!.runId);
    release();
    await rig.socket.end(first.runId);
    await rig.socket.end(two!.runId);
    assert.deepEqual(said(rig.lastRequest()), ["one", "two", "three", "four"]);
    const { body } = await rig.gateway.api("GET", "/v1/sessions/collect");
    assert.deepEqual(
      body.messages.map((it: Json) => it.content),
      ["one", "first part", "two", "three", "four", "second"],
    );
    assert.equal(body.messageCount, 6);
  });

  test("a message that asks for another model gets a run of its own", async () => {
    const release = held(rig);
    const first = await startedRun(rig, "other");
    const two = await rig.run({ message: "two", sessionKey: "other" });
    const three = await rig.run({ message: "three", sessionKey: "other", options: { model: "fake/n" } });
    assert.notEqual(three.runId, two.runId);
    assert.equal(three.status, "queued");
    release();
    for (const { runId } of [first, two, three]) await rig.socket.end(runId);
    assert.equal(rig.lastRequest().model, "n");
  });

  test("the same idempotency key joins once", async () => {
    const release = held(rig);
    const first = await startedRun(rig, "once");
    await rig.run({ message: "two", sessionKey: "once" });
    const params = { message: "three", sessionKey: "once", idempotencyKey: "k" };
    const joined = await rig.run(params);
    const again = await rig.run(params);
    assert.equal(again.runId, joined.runId);
    release();
    await rig.socket.end(first.runId);
    await rig.socket.end(joined.runId);
    assert.deepEqual(said(rig.lastRequest()), ["one", "two", "three"]);
  });
});

describe("steer", () => {
  let rig: AgentRig;
  before(async () => {
    rig = await startAgentRig({ session: { queue: "steer" } });
  });
  after(() => rig.close());

  test("a message joins the running run and is heard after the tools' results", async () => {
    const gate = Promise.withResolvers<void>();
    const from = rig.fake.requests.length;
    rig.fake.script((_, count) =>
      count === from
        ? [{ pause: gate.promise }, { call: { name: "clock", arguments: {}, id: "c1" } }]
        : [{ text: "steered" }],
    );
    const first = await startedRun(rig, "steer");
    const second = await rig.run({ message: "two", sessionKey: "steer" });
    assert.deepEqual(second, { runId: first.runId, sessionKey: "steer", status: "merged" });
    gate.resolve();
    const events = await rig.socket.end(first.runId);
    assert.equal(events.at(-1)?.data.response, "steered");
    const roles = rig.lastRequest().messages.map((it: Json) => it.role);
    assert.deepEqual(roles.slice(-4), ["user", "assistant", "tool", "user"]);
    const { body } = await rig.gateway.api("GET", "/v1/sessions/steer");
    assert.deepEqual(
      body.messages.map((it: Json) => [it.role, it.content]),
      [
        ["user", "one"],
        ["assistant", ""],
        ["user", "two"],
        ["assistant", "steered"],
      ],
    );
  });

  test("a message during the last answer is answered by the same run, and both answers are kept", async () => {
    const release = held(rig);
    const first = await startedRun(rig, "late");
    const second = await rig.run({ message: "two", sessionKey: "late" });
    assert.equal(second.status, "merged");
    release();
    const events = await rig.socket.end(first.runId);
    assert.equal(events.at(-1)?.data.response, "second");
    const { body } = await rig.gateway.api("GET", "/v1/sessions/late");
    assert.deepEqual(
      body.messages.map((it: Json) => it.content),
      ["one", "first part", "two", "second"],
    );
  });

  test("what was said to a run that was aborted stays in the transcript and is told to the next one", async () => {
    held(rig);
    const first = await startedRun(rig, "dropped");
    await rig.run({ message: "two", sessionKey: "dropped" });
    await rig.socket.call("chat.abort", { runId: first.runId });
    rig.fake.script([{ text: "ok" }]);
    const third = await rig.run({ message: "three", sessionKey: "dropped" });
    await rig.socket.end(third.runId);
    assert.deepEqual(said(rig.lastRequest()), ["one", "two", "three"]);
  });
});

describe("interrupt", () => {
  let rig: AgentRig;
  before(async () => {
    rig = await startAgentRig({ session: { queue: "interrupt" } });
  });
  after(() => rig.close());

  test("a newer message ends the running run and is answered at once", async () => {
    held(rig);
    const first = await startedRun(rig, "interrupt");
    const second = await rig.run({ message: "two", sessionKey: "interrupt" });
    const events = await rig.socket.end(first.runId);
    assert.equal(events.at(-1)?.type, "chat.aborted");
    const ended = await rig.socket.end(second.runId);
    assert.equal(ended.at(-1)?.data.response, "second");
    const { body } = await rig.gateway.api("GET", "/v1/sessions/interrupt");
    assert.deepEqual(
      body.messages.map((it: Json) => [it.content, it.status ?? "whole"]),
      [
        ["one", "whole"],
        ["first ", "aborted"],
        ["two", "whole"],
        ["second", "whole"],
      ],
    );
  });
});
