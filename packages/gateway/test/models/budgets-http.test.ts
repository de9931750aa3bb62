import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FakeModel, startFakeModel } from "../support/fake-model.ts";
import { startGateway, type TestGateway } from "../support/gateway.ts";

let fake: FakeModel;
let gateway: TestGateway;
const cost = { input: 1_000, output: 1_000 };

before(async () => {
  fake = await startFakeModel([{ text: "dear" }, { usage: { prompt: 10, completion: 20 } }]);
  const models = [
    { id: "m", cost },
    { id: "capped", cost },
  ];
  gateway = await startGateway({
    config: {
      models: {
        providers: {
          fake: { baseUrl: `${fake.url}/v1`, models },
          claude: { baseUrl: fake.url, api: "anthropic-messages", models },
        },
      },
      agents: { defaults: { models: { "fake/capped": { maxCostPerDay: 0.02 } } } },
    },
  });
});

after(async () => {
  await gateway.close();
  await fake.close();
});

/** A token of its own that may cost so much, and a way to ask with it. */
async function limited(maxCostPerDay: number) {
  const wish = { name: "t", scopes: ["chat"], limits: { maxCostPerDay } };
  const { token } = (await gateway.api("POST", "/v1/tokens", wish)).body;
  return (more: object = {}) => {
    const body = { model: "fake/m", messages: [{ role: "user", content: "hi" }], ...more };
    return gateway.api("POST", "/v1/chat/completions", body, { authorization: `Bearer ${token}` });
  };
}

test("a token's budget ends bodies that are passed on and translated ones, with 402 and nothing sent", async () => {
  for (const model of ["fake/m", "claude/m"]) {
    const ask = await limited(0.03);
    assert.equal((await ask({ model })).status, 200);
    const before = fake.requests.length;
    for (const stream of [false, true]) {
      const refused = await ask({ model, stream });
      assert.equal(refused.status, 402);
      const { code, param, message } = refused.body.error;
      assert.deepEqual([code, param], ["budget_exceeded", "budget"]);
      assert.match(message, /\$0\.03 of \$0\.03/);
    }
    assert.equal(fake.requests.length, before);
  }
});

test("a stream is counted though nobody asked for its usage, and shows none then", async () => {
  const ask = await limited(0.03);
  const silent = await ask({ stream: true });
  assert.ok(!silent.text.includes("usage"), silent.text);
  assert.match(silent.text, /dear[\s\S]*\[DONE\]/);
  assert.equal((await ask()).status, 402);
  const open = await limited(1);
  const shown = await open({ stream: true, stream_options: { include_usage: true } });
  assert.match(shown.text, /"total_tokens":30/);
});

test("without a budget a body reaches the provider as it is", async () => {
  const body = { model: "fake/m", messages: [{ role: "user", content: "hi" }], stream: true };
  await gateway.api("POST", "/v1/chat/completions", body);
  assert.deepEqual(fake.requests.at(-1)!.body, { ...body, model: "m" });
});

test("a model's budget holds for everybody, and outlives the process", async () => {
  const body = { model: "fake/capped", messages: [{ role: "user", content: "hi" }] };
  assert.equal((await gateway.api("POST", "/v1/chat/completions", body)).status, 200);
  assert.equal((await gateway.api("POST", "/v1/chat/completions", body)).status, 402);
  await gateway.kill("SIGKILL");
  await gateway.restart();
  assert.equal((await gateway.api("POST", "/v1/chat/completions", body)).status, 402);
  assert.match((await gateway.api("GET", "/metrics")).text, /^openclaw_budget_refusals_total 1$/m);
});
