import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";

test("models behind an API that this build does not speak are neither listed nor anyone's default", async (t) => {
  const api = "openai-responses";
  const providers = { later: { baseUrl: "http://127.0.0.1:9/v1", apiKey: "k", api, models: [{ id: "m" }] } };
  const gateway = await startGateway({ config: { models: { providers } } });
  t.after(() => gateway.close());
  const { body } = await gateway.api("GET", "/v1/models");
  const ids = body.data.map((row: { id: string }) => row.id);
  assert.ok(ids.includes("builtin/demo"));
  assert.ok(!ids.includes("later/m"));
  assert.equal((await gateway.api("GET", "/status")).body.model, "builtin/demo");
  assert.match(gateway.output(), /models\.providers\.later\.api/);
});
