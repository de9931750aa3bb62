import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FourWires, startFourWires } from "../support/four-wires.ts";
import type { Json } from "../support/gateway.ts";

/** What nobody knows of a model, its provider judges. */

let rig: FourWires;

before(async () => {
  rig = await startFourWires();
});

after(() => rig.close());

async function sentFor(path: string, body: Json): Promise<Json> {
  rig.fake.script([{ text: "ok" }]);
  const { status, body: answer } = await rig.gateway.api("POST", path, body);
  assert.equal(status, 200, JSON.stringify(answer));
  return rig.fake.requests.at(-1)!.body;
}

const messages = [{ role: "user", content: "Hi" }];

test("an effort that is asked for reaches models that no table lists, on every wire", async () => {
  const chat = (model: string) =>
    sentFor("/v1/chat/completions", { model, messages, reasoning_effort: "high" });
  assert.deepEqual((await chat("resp/gpt-77")).reasoning, { effort: "high", summary: "auto" });
  assert.deepEqual((await chat("anthro/claude-new-9")).thinking, { type: "enabled", budget_tokens: 16_384 });
  const { generationConfig } = await chat("gem/gemini-9-pro");
  assert.equal((generationConfig as { thinkingConfig: Json }).thinkingConfig.thinkingLevel, "high");
  const told = await sentFor("/v1/responses", {
    model: "chat/new",
    input: "Hi",
    reasoning: { effort: "high" },
  });
  assert.equal(told.reasoning_effort, "high");
});

test("models of a vendor are known by their names at other providers of the same API", async () => {
  const body = { model: "anthro/claude-opus-4-6", messages, reasoning_effort: "high" };
  assert.deepEqual((await sentFor("/v1/chat/completions", body)).thinking, { type: "adaptive" });
});

test("a request that is nested without end is refused", async () => {
  let parameters: Json = { type: "object" };
  for (let depth = 0; depth < 600; depth++) parameters = { type: "object", properties: { a: parameters } };
  const tools = [{ type: "function", function: { name: "f", parameters } }];
  const { status } = await rig.gateway.api("POST", "/v1/chat/completions", {
    model: "chat/model",
    messages,
    tools,
  });
  assert.equal(status, 400);
});

test("a coding assistant's hints that a vendor has no word for are left out and told", async () => {
  rig.fake.script([{ text: "ok" }]);
  const answer = await fetch(`${rig.gateway.url}/v1/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${rig.gateway.token}` },
    body: JSON.stringify({
      ...{ model: "gem/gemini-2.5-flash", input: "Hi", parallel_tool_calls: false },
      text: { verbosity: "low" },
      tools: [{ type: "function", name: "f", parameters: { type: "object", properties: {} } }],
    }),
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("x-openclaw-ignored"), "parallel_tool_calls, text.verbosity");
});
