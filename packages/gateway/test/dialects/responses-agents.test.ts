import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Json } from "../support/gateway.ts";
import {
  pixel,
  type ResponsesRig,
  startResponsesRig,
  turnsOf,
  weather,
  wireModels,
} from "./responses-rig.ts";

/** Agents by way of Responses: throw-away or with a session, and what is not theirs to honour. */

let rig: ResponsesRig;

before(async () => {
  rig = await startResponsesRig({ agents: { defaults: { model: wireModels.chat } } });
});

after(() => rig.close());

const model = "openclaw";
const sessions = async () => (await rig.gateway.api("GET", "/v1/sessions")).body.sessions as Json[];

test("without a session the messages are all there is, and nothing is listed", async () => {
  rig.fake.script([{ text: "ok" }]);
  const before = (await sessions()).length;
  const input = [
    { role: "user", content: "one" },
    { role: "assistant", content: "two" },
    { role: "user", content: "three" },
  ];
  const { status, body } = await rig.ask({ model, input, instructions: "Be kind." });
  assert.deepEqual([status, body.status, body.model], [200, "completed", model]);
  assert.equal(body.output[0].content[0].text, "ok");
  assert.deepEqual(turnsOf(rig.lastSent()), ["user: one", "assistant: two", "user: three"]);
  assert.match(JSON.stringify(rig.lastSent().messages[0]), /Be kind\./);
  assert.equal((await sessions()).length, before);
});

test("turns by previous_response_id make a throw-away conversation go on", async () => {
  let count = 0;
  rig.fake.script(() => [{ text: `answer ${++count}` }]);
  const one = await rig.ask({ model, input: "first" });
  await rig.ask({ model, input: "second", previous_response_id: one.body.id });
  assert.deepEqual(turnsOf(rig.lastSent()), ["user: first", "assistant: answer 1", "user: second"]);
});

test("a session has the history: only what is new is taken", async () => {
  let count = 0;
  rig.fake.script(() => [{ text: `answer ${++count}` }]);
  const headers = { "x-openclaw-session-key": "responses-1" };
  await rig.ask({ model, input: "first" }, headers);
  const input = [
    { role: "user", content: "not this" },
    { role: "assistant", content: "nor this" },
    { role: "user", content: "second" },
  ];
  const streamed = await rig.ask({ model: "openclaw/main", input, stream: true }, headers);
  assert.match(streamed.text, /event: response\.completed/);
  assert.deepEqual(turnsOf(rig.lastSent()), ["user: first", "assistant: answer 1", "user: second"]);
  assert.ok((await sessions()).some((it) => it.sessionKey === "responses-1"));
  const bad = await rig.ask({ model, input: "x" }, { "x-openclaw-session-key": "x".repeat(300) });
  assert.deepEqual([bad.status, bad.body.error.param], [400, "sessionKey"]);
});

test("a caller's user has a session of its own", async () => {
  rig.fake.script([{ text: "ok" }]);
  await rig.ask({ model, input: "mine", user: "ann" });
  await rig.ask({ model, input: "again", user: "ann" });
  assert.deepEqual(turnsOf(rig.lastSent()), ["user: mine", "assistant: ok", "user: again"]);
  await rig.ask({ model, input: "other", user: "bob" });
  assert.deepEqual(turnsOf(rig.lastSent()), ["user: other"]);
});

test("a picture reaches the agent's model", async () => {
  rig.fake.script([{ text: "seen" }]);
  const content = [
    { type: "input_text", text: "look" },
    { type: "input_image", image_url: `data:image/png;base64,${pixel}` },
  ];
  assert.equal((await rig.ask({ model, input: [{ role: "user", content }] })).status, 200);
  assert.ok(JSON.stringify(rig.lastSent()).includes(pixel));
});

test("what is not an agent's is refused by name, and vendors' own tools are left out", async () => {
  const output = [
    { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
    { type: "function_call_output", call_id: "c", output: "x" },
  ];
  const cases: [string, Json][] = [
    ["tools", { tools: [weather] }],
    ["tools", { tools: [{ type: "custom", name: "x" }] }],
    ["text.format", { text: { format: { type: "json_object" } } }],
    ["text.verbosity", { text: { verbosity: "low" } }],
    ["top_p", { top_p: 0.5 }],
    ["presence_penalty", { presence_penalty: 1 }],
    ["prompt", { prompt: { id: "pmpt_1" } }],
    ["input", { input: output }],
    ["input", { input: [{ role: "assistant", content: "I said" }] }],
    ["model", { model: "openclaw/nobody" }],
  ];
  const asked = rig.fake.requests.length;
  for (const [param, body] of cases) {
    const answer = await rig.ask({ model, input: "hi", ...body });
    assert.deepEqual([answer.status, answer.body.error?.param], [param === "model" ? 404 : 400, param]);
  }
  const summary = await rig.gateway.api("POST", "/v1/responses/compact", { model, input: "hi" });
  assert.deepEqual([summary.status, summary.body.error.param], [400, "model"]);
  assert.equal(rig.fake.requests.length, asked);
  rig.fake.script([{ text: "ok" }]);
  const more = { top_p: 1, text: { format: { type: "text" } }, tools: [{ type: "web_search" }] };
  const { status, headers } = await rig.ask({ model, input: "hi", ...more });
  assert.deepEqual([status, headers.get("x-openclaw-ignored")], [200, "tools[0].web_search"]);
});
