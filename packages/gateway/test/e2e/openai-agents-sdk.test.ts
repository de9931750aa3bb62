import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Agent, MemorySession, OpenAIProvider, Runner, setTracingDisabled, tool } from "@openai/agents";
import { z } from "zod";
import { type ResponsesRig, startResponsesRig, wireModels } from "../dialects/responses-rig.ts";
import { until } from "../support/until.ts";

/** OpenAI's Agents SDK, over Responses and over Chat Completions, before three wires. */

let rig: ResponsesRig;

before(async () => {
  setTracingDisabled(true); // traces would go to OpenAI
  rig = await startResponsesRig();
});

after(() => rig.close());

const asked: string[] = [];
const weather = tool({
  name: "get_weather",
  description: "The weather of a city",
  parameters: z.object({ city: z.string() }),
  execute({ city }) {
    asked.push(city);
    return `20 °C in ${city}`;
  },
});

function callsFirst(): void {
  const from = rig.fake.requests.length;
  asked.length = 0;
  rig.fake.script((_request, count) =>
    count === from
      ? [
          { call: { name: "get_weather", arguments: { city: "Bern" }, id: "call_1" } },
          { call: { name: "get_weather", arguments: { city: "Basel" }, id: "call_2" } },
        ]
      : [{ text: "Sunny " }, { text: "weather." }],
  );
}

for (const useResponses of [true, false]) {
  for (const wire of [wireModels.chat, wireModels.messages, wireModels.responses]) {
    describe(`${useResponses ? "Responses" : "Chat Completions"} before ${wire}`, () => {
      const runner = () =>
        new Runner({
          modelProvider: new OpenAIProvider({ openAIClient: rig.client, useResponses }),
          tracingDisabled: true,
        });
      const agent = (more: object = {}) =>
        new Agent({ name: "Helper", instructions: "Be kind.", model: wire, tools: [weather], ...more });

      test("an agent calls its function and answers", async () => {
        callsFirst();
        const result = await runner().run(agent(), "Weather?");
        assert.equal(result.finalOutput, "Sunny weather.");
        assert.deepEqual(asked, ["Bern", "Basel"]);
        const sent = JSON.stringify(rig.lastSent());
        for (const it of ["Be kind.", "20 °C in Bern", "20 °C in Basel"]) assert.ok(sent.includes(it), it);
      });

      test("the same as a stream", async () => {
        callsFirst();
        const result = await runner().run(agent(), "Weather?", { stream: true });
        let text = "";
        for await (const piece of result.toTextStream()) text += piece;
        await result.completed;
        assert.equal(text, "Sunny weather.");
        assert.equal(result.finalOutput, "Sunny weather.");
        assert.deepEqual(asked, ["Bern", "Basel"]);
      });

      test("a session goes on where it was", async () => {
        const session = new MemorySession();
        callsFirst();
        await runner().run(agent(), "Weather?", { session });
        await runner().run(agent(), "And tomorrow?", { session });
        const sent = JSON.stringify(rig.lastSent());
        for (const it of ["Weather?", "20 °C in Bern", "Sunny weather.", "And tomorrow?"]) {
          assert.ok(sent.includes(it), it);
        }
      });

      test("an output of a type", async () => {
        const bern = { city: "Bern", people: 134_000 };
        rig.fake.script([{ text: JSON.stringify(bern) }]);
        const outputType = z.object({ city: z.string(), people: z.number() });
        const result = await runner().run(agent({ tools: [], outputType }), "Bern?");
        assert.deepEqual(result.finalOutput, bern);
        assert.match(JSON.stringify(rig.lastSent()), /"people"/);
      });

      test("errors, and aborting", async () => {
        rig.fake.script([{ status: 400, body: { error: { message: "no such toy", type: "x" } } }]);
        await assert.rejects(runner().run(agent(), "hi"), /no such toy/);
        rig.fake.script([{ hang: true }]);
        const index = rig.fake.requests.length;
        const leaving = new AbortController();
        const running = runner().run(agent(), "hi", { signal: leaving.signal });
        await until(() => rig.fake.requests.length > index, "the provider is asked");
        leaving.abort();
        await assert.rejects(running);
        await until(() => rig.fake.requests[index]!.aborted, "the upstream socket closes");
      });
    });
  }
}

test("turns are chained by previous responses, which the gateway keeps", async () => {
  let count = 0;
  rig.fake.script(() => [{ text: `answer ${++count}` }]);
  const runner = new Runner({
    modelProvider: new OpenAIProvider({ openAIClient: rig.client, useResponses: true }),
    tracingDisabled: true,
  });
  const agent = new Agent({ name: "Helper", instructions: "Be kind.", model: wireModels.messages });
  const first = await runner.run(agent, "first");
  await runner.run(agent, "second", { previousResponseId: String(first.lastResponseId) });
  const sent = JSON.stringify(rig.lastSent());
  for (const it of ["first", "answer 1", "second", "Be kind."]) assert.ok(sent.includes(it), it);
});

test("a function of an agent of ours is refused: it has its own tools", async () => {
  const runner = new Runner({
    modelProvider: new OpenAIProvider({ openAIClient: rig.client, useResponses: true }),
    tracingDisabled: true,
  });
  const plain = await runner.run(new Agent({ name: "Ours", model: "openclaw" }), "Hello!");
  assert.match(String(plain.finalOutput), /You said: "Hello!"/);
  const armed = new Agent({ name: "Ours", model: "openclaw", tools: [weather] });
  await assert.rejects(runner.run(armed, "Hello!"), /own tools/);
});
