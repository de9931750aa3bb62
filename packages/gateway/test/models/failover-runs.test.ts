import assert from "node:assert/strict";
import { test } from "node:test";
import { startFakeModel } from "../support/fake-model.ts";
import { startGateway } from "../support/gateway.ts";

test("an agent's run is answered by a fallback, says by which and at its price, and metrics count it", async (t) => {
  const down = await startFakeModel([{ status: 503 }]);
  const up = await startFakeModel([
    { text: "here" },
    { usage: { prompt: 1_000_000, completion: 0, cached: 400_000 } },
  ]);
  const cost = { input: 1, output: 1, cacheRead: 0.5 };
  const gateway = await startGateway({
    config: {
      models: {
        providers: {
          down: { baseUrl: `${down.url}/v1`, models: [{ id: "m", cost: { input: 100, output: 100 } }] },
          up: { baseUrl: `${up.url}/v1`, models: [{ id: "m", cost }] },
        },
      },
      agents: { defaults: { model: { primary: "down/m", fallbacks: ["up/m"] }, maxCostPerDay: 0.5 } },
    },
  });
  t.after(async () => {
    await gateway.close();
    await up.close();
    await down.close();
  });
  const ask = (options?: object) => gateway.api("POST", "/v1/agent/run", { message: "hi", options });
  const { status, body } = await ask();
  assert.equal(status, 200);
  assert.deepEqual([body.response, body.model, body.cost], ["here", "up/m", 0.8]);
  assert.equal((await ask()).body.error.code, "budget_exceeded");
  assert.equal((await ask({ model: "nobody/m" })).status, 404);
  const { text } = await gateway.api("GET", "/metrics");
  assert.match(text, /^openclaw_model_failovers_total 1$/m);
  assert.match(text, /^openclaw_cached_prompt_tokens_total\{provider="up"\} 400000$/m);
});
