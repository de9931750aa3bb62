import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, setUp } from "../models/wire-under-test.ts";

test("a thinking level reaches a model of Google's API whatever its name is", async (t) => {
  const { fake, wire } = await setUp(t, "google");
  const sent = async (thinking: "off" | "high") => {
    await ask(wire, "in-house-1", { thinking });
    return (fake.requests.at(-1)!.body.generationConfig as { thinkingConfig?: unknown }).thinkingConfig;
  };
  assert.deepEqual(await sent("high"), { thinkingLevel: "high", includeThoughts: true });
  assert.equal(await sent("off"), undefined);
});
