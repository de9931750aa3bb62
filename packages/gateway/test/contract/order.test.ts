import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Json } from "../support/gateway.ts";
import { onFake, type RunRig, startRunRig } from "../support/run-rig.ts";
import { allEvents } from "../support/sse.ts";

/** In which order runs go, and how they fail. */

let rig: RunRig;
let gateway: RunRig["gateway"];
let fake: RunRig["fake"];
let socket: RunRig["socket"];
let run: RunRig["run"];
let stream: RunRig["stream"];

before(async () => {
  rig = await startRunRig();
  ({ gateway, fake, socket, run, stream } = rig);
});

after(() => rig.close());

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
