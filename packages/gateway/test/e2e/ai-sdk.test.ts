import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import {
  APICallError,
  generateObject,
  generateText,
  type LanguageModel,
  type ModelMessage,
  stepCountIs,
  streamObject,
  streamText,
  tool,
} from "ai";
import { z } from "zod";
import { pixel, type ResponsesRig, startResponsesRig, wireModels } from "../dialects/responses-rig.ts";
import { until } from "../support/until.ts";

/** Vercel's AI SDK by its own providers: Chat Completions, Responses and Messages, before three wires. */

let rig: ResponsesRig;

before(async () => {
  rig = await startResponsesRig();
});

after(() => rig.close());

const openai = () => createOpenAI({ baseURL: `${rig.gateway.url}/v1`, apiKey: rig.gateway.token });
const anthropic = () => createAnthropic({ baseURL: `${rig.gateway.url}/v1`, apiKey: rig.gateway.token });

/** How the SDK speaks to us, whoever answers. */
const dialects: [string, (model: string) => LanguageModel][] = [
  ["openai.chat", (it) => openai().chat(it)],
  ["openai.responses", (it) => openai().responses(it)],
  ["anthropic", (it) => anthropic()(it)],
];
const wires = [wireModels.chat, wireModels.messages, wireModels.responses];
const quiet = { maxRetries: 0 };
const asked: unknown[] = [];

const tools = {
  get_weather: tool({
    description: "The weather of a city",
    inputSchema: z.object({ city: z.string() }),
    execute(input) {
      asked.push(input);
      return { degrees: 20, sky: "blue" };
    },
  }),
};

/** A call of each tool first, words then. */
function callsFirst(): void {
  const from = rig.fake.requests.length;
  asked.length = 0;
  rig.fake.script((_request, count) =>
    count === from
      ? [
          { text: "Let me see." },
          { call: { name: "get_weather", arguments: { city: "Bern" }, id: "call_1" } },
          { call: { name: "get_weather", arguments: { city: "Basel" }, id: "call_2" } },
        ]
      : [{ text: "Sunny." }],
  );
}

for (const [name, modelOf] of dialects) {
  for (const wire of wires) {
    describe(`${name} before ${wire}`, () => {
      test("generateText", async () => {
        rig.fake.script([{ text: "Hello" }, { text: " there" }, { usage: { prompt: 7, completion: 3 } }]);
        const { text, usage, finishReason } = await generateText({
          ...{ ...quiet, model: modelOf(wire), system: "Be kind.", prompt: "hi" },
        });
        assert.deepEqual([text, finishReason], ["Hello there", "stop"]);
        assert.deepEqual([usage.inputTokens, usage.outputTokens], [7, 3]);
        assert.match(JSON.stringify(rig.lastSent()), /Be kind\./);
      });

      test("streamText", async () => {
        rig.fake.script([{ text: "a" }, { text: "b" }, { text: "😀" }]);
        const result = streamText({ ...quiet, model: modelOf(wire), prompt: "hi" });
        const deltas: string[] = [];
        for await (const delta of result.textStream) deltas.push(delta);
        assert.deepEqual(deltas, ["a", "b", "😀"]);
        assert.equal(await result.finishReason, "stop");
      });

      test("tools, until there is nothing left to call, and a further turn", async () => {
        for (const streamed of [false, true]) {
          callsFirst();
          const ask = { ...quiet, model: modelOf(wire), tools, stopWhen: stepCountIs(4) };
          const result = streamed
            ? streamText({ ...ask, prompt: "Weather?" })
            : await generateText({ ...ask, prompt: "Weather?" });
          if ("consumeStream" in result) await result.consumeStream();
          assert.equal(await result.text, "Sunny.");
          assert.equal((await result.steps).length, 2);
          assert.deepEqual(asked, [{ city: "Bern" }, { city: "Basel" }]);
          assert.match(JSON.stringify(rig.lastSent()), /blue/);

          const { messages: said } = await result.response;
          const messages: ModelMessage[] = [
            { role: "user", content: "Weather?" },
            ...said,
            { role: "user", content: "Thanks!" },
          ];
          const again = await generateText({ ...ask, messages });
          assert.equal(again.text, "Sunny.");
          const sent = JSON.stringify(rig.lastSent());
          for (const it of ["Let me see.", "Basel", "blue", "Sunny.", "Thanks!"]) {
            assert.ok(sent.includes(it), `${it} is in ${sent}`);
          }
        }
      });

      test("generateObject and streamObject", async () => {
        const bern = { city: "Bern", people: 134_000 };
        const schema = z.object({ city: z.string(), people: z.number() });
        // The SDK asks Anthropic's models for objects by a tool or by a format, as the model's name lets it think.
        rig.fake.script(({ body }) =>
          /"name":"json"/.test(JSON.stringify(body.tools ?? ""))
            ? [{ call: { name: "json", arguments: bern } }]
            : [{ text: JSON.stringify(bern) }],
        );
        const whole = await generateObject({ ...quiet, model: modelOf(wire), schema, prompt: "Bern?" });
        assert.deepEqual(whole.object, bern);
        assert.match(JSON.stringify(rig.lastSent()), /"people"/);
        const streamed = streamObject({ ...quiet, model: modelOf(wire), schema, prompt: "Bern?" });
        for await (const _ of streamed.partialObjectStream);
        assert.deepEqual(await streamed.object, bern);
      });

      test("pictures", async () => {
        rig.fake.script([{ text: "seen" }]);
        const content = [
          { type: "text" as const, text: "What is this?" },
          { type: "image" as const, image: Buffer.from(pixel, "base64"), mediaType: "image/png" },
        ];
        const messages: ModelMessage[] = [{ role: "user", content }];
        assert.equal((await generateText({ ...quiet, model: modelOf(wire), messages })).text, "seen");
        assert.ok(JSON.stringify(rig.lastSent()).includes(pixel));
      });

      test("aborting closes the upstream socket", async () => {
        rig.fake.script([{ text: "a" }, { hang: true }]);
        const index = rig.fake.requests.length;
        const leaving = new AbortController();
        const result = streamText({
          ...{ ...quiet, model: modelOf(wire), prompt: "hi", abortSignal: leaving.signal },
        });
        for await (const _ of result.textStream) break;
        leaving.abort();
        await until(() => rig.fake.requests[index]!.aborted, "the upstream socket closes");
      });

      test("errors", async () => {
        rig.fake.script([{ status: 400, body: { error: { message: "no such toy", type: "x" } } }]);
        await assert.rejects(generateText({ ...quiet, model: modelOf(wire), prompt: "hi" }), (error) => {
          assert.ok(APICallError.isInstance(error));
          assert.equal(error.statusCode, 400);
          assert.match(error.message, /no such toy/);
          return true;
        });
        rig.fake.script([{ text: "a" }, { cut: true }]);
        const errors: unknown[] = [];
        const result = streamText({
          ...{ ...quiet, model: modelOf(wire), prompt: "hi" },
          onError: ({ error }) => void errors.push(error),
        });
        await result.consumeStream({ onError: () => {} });
        assert.equal(errors.length, 1);
        assert.match(JSON.stringify(errors[0]) + String(errors[0]), /broke off|ended/);
      });
    });
  }
}

describe("openai.responses", () => {
  for (const wire of wires) {
    test(`goes on by previousResponseId, and by references to what is stored, before ${wire}`, async () => {
      let count = 0;
      rig.fake.script(() => [{ text: `answer ${++count}` }]);
      const model = openai().responses(wire);
      const first = await generateText({ ...quiet, model, prompt: "first" });
      const previousResponseId = String(first.providerMetadata!.openai!.responseId);
      await generateText({
        ...{ ...quiet, model, prompt: "second", providerOptions: { openai: { previousResponseId } } },
      });
      const sent = JSON.stringify(rig.lastSent());
      for (const it of ["first", "answer 1", "second"]) assert.ok(sent.includes(it), it);

      const messages: ModelMessage[] = [
        { role: "user", content: "first" },
        ...first.response.messages,
        { role: "user", content: "third" },
      ];
      const bodies: string[] = [];
      const watching = createOpenAI({
        baseURL: `${rig.gateway.url}/v1`,
        apiKey: rig.gateway.token,
        fetch: (url, init) => {
          bodies.push(String(init?.body));
          return fetch(url, init);
        },
      });
      await generateText({ ...quiet, model: watching.responses(wire), messages });
      assert.match(bodies[0]!, /item_reference/, "the SDK does refer");
      assert.match(JSON.stringify(rig.lastSent()), /answer 1/);
    });
  }

  test("thoughts come as reasoning, and go back to the provider that had them", async () => {
    rig.fake.script([{ reasoning: "Hm" }, { reasoning: "m." }, { text: "Yes." }]);
    const model = openai().responses(wireModels.messages);
    const providerOptions = {
      openai: { reasoningEffort: "low", reasoningSummary: "auto", forceReasoning: true },
    };
    const first = await generateText({ ...quiet, model, prompt: "first", providerOptions });
    assert.equal(first.reasoningText, "Hmm.");
    const messages: ModelMessage[] = [
      { role: "user", content: "first" },
      ...first.response.messages,
      { role: "user", content: "second" },
    ];
    await generateText({ ...quiet, model, messages, providerOptions });
    assert.match(JSON.stringify(rig.lastSent()), /fake-signature/);
    const unstored = { openai: { ...providerOptions.openai, store: false } };
    const one = await generateText({ ...quiet, model, prompt: "first", providerOptions: unstored });
    const more: ModelMessage[] = [
      { role: "user", content: "first" },
      ...one.response.messages,
      { role: "user", content: "second" },
    ];
    await generateText({ ...quiet, model, messages: more, providerOptions: unstored });
    assert.match(JSON.stringify(rig.lastSent()), /fake-signature/);
  });
});
