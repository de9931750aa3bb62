import assert from "node:assert/strict";
import { test } from "node:test";
import { startFakeModel } from "../support/fake-model.ts";
import { startGateway } from "../support/gateway.ts";

test("a provider of the Responses API serves models, agents and sessions", async (t) => {
  const fake = await startFakeModel([{ reasoning: "hm" }, { text: "Hel" }, { text: "lo" }]);
  t.after(() => fake.close());
  const provider = {
    baseUrl: `${fake.url}/v1`,
    apiKey: "sk-mine",
    api: "openai-responses",
    models: [{ id: "thinker", reasoning: true }],
  };
  const gateway = await startGateway({
    config: {
      models: { providers: { later: provider } },
      agents: { defaults: { model: "later/thinker", thinking: "low" } },
    },
  });
  t.after(() => gateway.close());

  const list = await gateway.api("GET", "/v1/models");
  assert.ok(list.body.data.some((row: { id: string }) => row.id === "later/thinker"));
  assert.equal((await gateway.api("GET", "/status")).body.model, "later/thinker");

  const messages = [{ role: "user", content: "hi" }];
  const plain = await gateway.api("POST", "/v1/chat/completions", { model: "later/thinker", messages });
  assert.equal(plain.body.choices[0].message.content, "Hello");
  const stop = { model: "later/thinker", messages, stop: ["x"] };
  const refused = await gateway.api("POST", "/v1/chat/completions", stop);
  assert.deepEqual([refused.status, refused.body.error.param], [400, "stop"]);

  for (const message of ["first", "second"]) {
    const run = await gateway.api("POST", "/v1/agent/run", { message, sessionKey: "s" });
    assert.equal(run.body.response, "Hello");
    assert.equal(run.body.finishReason, "stop");
  }
  const { reasoning, input } = fake.requests.at(-1)!.body;
  assert.deepEqual(reasoning, { effort: "low", summary: "auto" });
  for (const said of ["first", "Hello", "second"]) assert.ok(JSON.stringify(input).includes(said), said);
});
