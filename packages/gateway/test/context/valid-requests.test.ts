import assert from "node:assert/strict";
import { test } from "node:test";
import type { PromptMessage } from "../../src/runtime/models/types.ts";
import { validRequest } from "../../src/runtime/transcript.ts";
import { setUp, wires } from "../models/wire-under-test.ts";
import { seeded } from "../support/random.ts";
import {
  checkAnthropic,
  checkChatCompletions,
  checkGemini,
  checkResponses,
  checkTurns,
} from "./provider-rules.ts";
import { pick, soundLog, turnsLog, wildLog } from "./random-logs.ts";
import { bytesOf } from "./sessions-on-disk.ts";

const isLong = process.env.OPENCLAW_TEST_LONG === "1";
const logsPerWire = isLong ? 5_000 : 250;
const logsBuilt = isLong ? 50_000 : 4_000;

const system: PromptMessage = { role: "system", content: "Be kind." };
const inputs = [["text"], ["text", "image"], ["text", "image", "pdf", "audio", "video"]];

const rules = {
  openai: checkChatCompletions,
  anthropic: checkAnthropic,
  google: checkGemini,
  responses: checkResponses,
};

function randomLog(random: () => number): PromptMessage[] {
  if (random() < 0.5) return wildLog(random, 1 + Math.floor(random() * 14));
  return turnsLog(random, 1 + Math.floor(random() * 4));
}

for (const wire of wires) {
  test(`${wire}: of any log a request is made that its provider takes`, { timeout: 600_000 }, async (t) => {
    const { ask, fake } = await setUp(t, wire, { script: [{ text: "ok" }] });
    for (let seed = 1; seed <= logsPerWire; seed++) {
      const random = seeded(seed);
      const log = randomLog(random);
      const input = pick(random, inputs);
      try {
        await ask({ messages: validRequest([system, ...log], { input }) });
        rules[wire](fake.requests[0]!.body);
      } catch (error) {
        throw new Error(`seed ${seed}: ${JSON.stringify(log)}`, { cause: error });
      }
      fake.requests.length = 0;
    }
  });
}

test("a provider whose models want turns gets the user's messages in a row as one", async (t) => {
  const { ask, fake } = await setUp(t, "openai", {
    script: [{ text: "ok" }],
    provider: { id: "ollama" },
  });
  for (let seed = 1; seed <= 100; seed++) {
    const messages = validRequest(randomLog(seeded(seed)), { input: ["text"] });
    await ask({ messages });
    checkChatCompletions(fake.requests[0]!.body);
    checkTurns(fake.requests[0]!.body);
    fake.requests.length = 0;
  }
  await ask({
    messages: ["one", "two"].map((text) => ({ role: "user", content: [{ type: "text", text }] })),
  });
  assert.deepEqual(fake.requests[0]!.body.messages, [{ role: "user", content: "one\n\ntwo" }]);
});

test("Mistral gets ids of its own form, the same for a call and its result", async (t) => {
  const { ask, fake } = await setUp(t, "openai", { provider: { id: "mistral" }, script: [{ text: "ok" }] });
  await ask({ messages: validRequest([...soundLog(50), ...soundLog(1)], { input: ["text"] }) });
  const messages = fake.requests[0]!.body.messages as {
    tool_call_id?: string;
    tool_calls?: { id: string }[];
  }[];
  const asked = messages.flatMap((it) => it.tool_calls ?? []).map((it) => it.id);
  assert.equal(new Set(asked).size, 51);
  for (const id of asked) assert.match(id, /^[a-zA-Z0-9]{9}$/);
  assert.deepEqual(
    asked,
    messages.flatMap((it) => it.tool_call_id ?? []),
  );
});

test("appending to a log leaves the bytes of what stood before its last answer as they were", () => {
  for (let seed = 1; seed <= logsBuilt; seed++) {
    const random = seeded(seed);
    const log: PromptMessage[] = [system, ...randomLog(random)];
    const model = { input: pick(random, inputs) };
    const whole = bytesOf(validRequest(log, model));
    for (let answer = 1; answer < log.length; answer++) {
      const before = log.slice(0, answer);
      if (log[answer]!.role !== "assistant" || before.every((it) => it.role !== "user")) continue;
      const then = bytesOf(validRequest(before, model));
      assert.deepEqual(whole.slice(0, then.length), then, `seed ${seed}, before ${answer}`);
    }
  }
});

test("a whole turn's bytes never change again", () => {
  const log: PromptMessage[] = [system, ...soundLog(30)];
  const model = { input: ["text"] };
  let before: string[] = [];
  for (let end = 2; end <= log.length; end++) {
    const isAnswered = log[end - 1]!.role !== "assistant" || end === log.length || log[end]!.role === "user";
    if (!isAnswered) continue;
    const now = bytesOf(validRequest(log.slice(0, end), model));
    assert.deepEqual(now.slice(0, before.length), before);
    before = now;
  }
});

test("the same log gives the same request, and one made valid stays as it is", () => {
  for (let seed = 1; seed <= logsBuilt / 4; seed++) {
    const log: PromptMessage[] = [system, ...randomLog(seeded(seed))];
    const once = validRequest(log, { input: ["text"] });
    assert.deepEqual(validRequest(log, { input: ["text"] }), once);
    assert.deepEqual(validRequest(once, { input: ["text"] }), once, `seed ${seed}`);
  }
});

test("what needs no repair is handed on, not copied", () => {
  const log: PromptMessage[] = [system, ...soundLog(500)];
  const valid = validRequest(log, { input: ["text"] });
  assert.equal(valid.length, log.length - 1);
  for (const [index, it] of valid.entries()) assert.equal(it, log[index]);
});
