import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import { type ResponsesRig, startResponsesRig, wireModels } from "../dialects/responses-rig.ts";
import { until } from "../support/until.ts";

/** LangChain's ChatOpenAI, over Chat Completions and over Responses, before three wires. */

let rig: ResponsesRig;

before(async () => {
  rig = await startResponsesRig();
});

after(() => rig.close());

const weather = tool(({ city }) => `20 °C in ${city}`, {
  name: "get_weather",
  description: "The weather of a city",
  schema: z.object({ city: z.string() }),
});
const place = z.object({ city: z.string(), people: z.number() });
const bern = { city: "Bern", people: 134_000 };

for (const useResponsesApi of [false, true]) {
  for (const wire of [wireModels.chat, wireModels.messages, wireModels.responses]) {
    describe(`${useResponsesApi ? "Responses" : "Chat Completions"} before ${wire}`, () => {
      const model = () =>
        new ChatOpenAI({
          ...{ model: wire, apiKey: rig.gateway.token, maxRetries: 0, useResponsesApi },
          configuration: { baseURL: `${rig.gateway.url}/v1` },
        });

      test("invoke", async () => {
        rig.fake.script([{ text: "Hello" }, { text: " there" }, { usage: { prompt: 7, completion: 3 } }]);
        const answer = await model().invoke([new SystemMessage("Be kind."), new HumanMessage("hi")]);
        assert.equal(answer.text, "Hello there");
        const usage: { input_tokens?: number; output_tokens?: number } = answer.usage_metadata ?? {};
        assert.deepEqual([usage.input_tokens, usage.output_tokens], [7, 3]);
        assert.match(JSON.stringify(rig.lastSent()), /Be kind\./);
      });

      test("stream", async () => {
        rig.fake.script([{ text: "a" }, { text: "b" }, { text: "😀" }]);
        const texts: string[] = [];
        for await (const chunk of await model().stream("hi")) if (chunk.text !== "") texts.push(chunk.text);
        assert.deepEqual(texts, ["a", "b", "😀"]);
      });

      test("bound tools: calls, whole and streamed, their results, the answer", async () => {
        const bound = model().bindTools([weather]);
        for (const streamed of [false, true]) {
          rig.fake.script([
            { text: "Let me see." },
            { call: { name: "get_weather", arguments: { city: "Bern" }, id: "call_1" } },
            { call: { name: "get_weather", arguments: { city: "Basel" }, id: "call_2" } },
          ]);
          const asked = [new HumanMessage("Weather?")];
          let answer = streamed ? undefined : await bound.invoke(asked);
          if (streamed) {
            for await (const chunk of await bound.stream(asked)) {
              answer = answer ? answer.concat(chunk) : chunk;
            }
          }
          assert.deepEqual(
            answer!.tool_calls?.map((it) => [it.name, it.args]),
            [
              ["get_weather", { city: "Bern" }],
              ["get_weather", { city: "Basel" }],
            ],
          );
          const results = await Promise.all(answer!.tool_calls!.map((call) => weather.invoke(call)));
          assert.ok(results.every((it) => ToolMessage.isInstance(it)));
          rig.fake.script([{ text: "Sunny." }]);
          const end = await bound.invoke([...asked, answer!, ...results]);
          assert.equal(end.text, "Sunny.");
          const sent = JSON.stringify(rig.lastSent());
          for (const it of ["Let me see.", "20 °C in Bern", "20 °C in Basel"])
            assert.ok(sent.includes(it), it);
        }
      });

      test("structured output, by a schema and by a function", async () => {
        rig.fake.script([{ text: JSON.stringify(bern) }]);
        const bySchema = model().withStructuredOutput(place, { method: "jsonSchema", name: "place" });
        assert.deepEqual(await bySchema.invoke("Bern?"), bern);
        assert.match(JSON.stringify(rig.lastSent()), /"people"/);
        rig.fake.script([{ call: { name: "place", arguments: bern } }]);
        const byFunction = model().withStructuredOutput(place, { method: "functionCalling", name: "place" });
        assert.deepEqual(await byFunction.invoke("Bern?"), bern);
      });

      test("aborting closes the upstream socket", async () => {
        rig.fake.script([{ text: "a" }, { hang: true }]);
        const index = rig.fake.requests.length;
        const leaving = new AbortController();
        const reading = (async () => {
          for await (const chunk of await model().stream("hi", { signal: leaving.signal })) {
            if (chunk.text !== "") leaving.abort();
          }
        })();
        await assert.rejects(reading);
        await until(() => rig.fake.requests[index]!.aborted, "the upstream socket closes");
      });

      test("errors", async () => {
        rig.fake.script([{ status: 400, body: { error: { message: "no such toy", type: "x" } } }]);
        await assert.rejects(model().invoke("hi"), /no such toy/);
        rig.fake.script([{ text: "a" }, { cut: true }]);
        const reading = (async () => {
          for await (const _ of await model().stream("hi"));
        })();
        await assert.rejects(reading, /broke off|ended/);
      });
    });
  }
}
