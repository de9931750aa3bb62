import assert from "node:assert/strict";
import { test } from "node:test";
import { configSchema, providerApis } from "openclaw-protocol";
import { createWire } from "../../src/runtime/models/index.ts";

test("an API that the config allows is spoken, any other is refused by name", async () => {
  const parse = (api: string) => configSchema.safeParse({ models: { providers: { mine: { api } } } });
  const provider = { id: "mine", baseUrl: "http://127.0.0.1:9/v1", headers: {} };
  const ports = { now: Date.now, random: Math.random, sleep: async () => {} };
  for (const api of providerApis) {
    assert.ok(parse(api).success, api);
    await (await createWire(api, provider, ports)).close?.();
  }
  const refused = parse("openai-telepathy");
  assert.deepEqual(refused.error?.issues[0]?.path, ["models", "providers", "mine", "api"]);
});
