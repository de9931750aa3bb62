import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import Anthropic from "@anthropic-ai/sdk";
import { generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { startFakeModel } from "../support/fake-model.ts";
import { startGateway } from "../support/gateway.ts";

/** Clients keep nothing but what they were answered: what Gemini wants back has to come back through them. */

let fake: Awaited<ReturnType<typeof startFakeModel>>;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let client: Anthropic;
let from = 0;

before(async () => {
  fake = await startFakeModel();
  const google = { baseUrl: `${fake.url}/v1beta`, apiKey: "google-upstream" };
  gateway = await startGateway({ config: { models: { providers: { google } } } });
  client = new Anthropic({ baseURL: gateway.url, apiKey: gateway.token, maxRetries: 0 });
});

after(async () => {
  await gateway.close();
  await fake.close();
});

beforeEach(() => {
  from = fake.requests.length;
  fake.script((_request, count) =>
    count === from
      ? [
          { reasoning: "Two cities." },
          { text: "Let me see." },
          { call: { name: "get_weather", arguments: { city: "Bern" }, id: "a" } },
          { call: { name: "get_weather", arguments: { city: "Basel" }, id: "b" } },
        ]
      : [{ text: "Sunny." }],
  );
});

const model = "google/gemini-2.5-pro";
const max_tokens = 512;
const parameters = {
  type: "object" as const,
  properties: { city: { type: "string" as const } },
  required: ["city"],
};
const weather: Anthropic.Tool = { name: "get_weather", description: "Weather", input_schema: parameters };
const asked: Anthropic.MessageParam[] = [{ role: "user", content: "Weather in Bern and Basel?" }];

/** The calls as Gemini was told of them in the second request: each must have the signature that it came with. */
function assertRestored(): void {
  assert.equal(fake.requests.length, from + 2);
  const contents = fake.requests.at(-1)!.body.contents as { parts: Record<string, unknown>[] }[]; // Gemini's form
  const calls = contents.flatMap(({ parts }) => parts.filter((it) => it.functionCall));
  assert.deepEqual(
    calls.map((it) => [(it.functionCall as { args: unknown }).args, it.thoughtSignature]),
    [
      [{ city: "Bern" }, "signature-of-a"],
      [{ city: "Basel" }, "signature-of-b"],
    ],
  );
}

async function goOn(first: Anthropic.Message): Promise<void> {
  const results = first.content.flatMap((it): Anthropic.ToolResultBlockParam[] =>
    it.type === "tool_use" ? [{ type: "tool_result", tool_use_id: it.id, content: "sunny" }] : [],
  );
  assert.equal(results.length, 2);
  await client.messages.create({
    ...{ model, max_tokens, tools: [weather] },
    messages: [...asked, { role: "assistant", content: first.content }, { role: "user", content: results }],
  });
  assertRestored();
}

test("by the official SDK, from a whole answer", async () => {
  await goOn(await client.messages.create({ model, max_tokens, messages: asked, tools: [weather] }));
});

test("by the official SDK, from a stream", async () => {
  const stream = client.messages.stream({ model, max_tokens, messages: asked, tools: [weather] });
  await goOn(await stream.finalMessage());
});

test("by the official SDK's tool runner, streamed and not", async () => {
  for (const stream of [false, true]) {
    from = fake.requests.length;
    const tools = [{ ...weather, type: "custom" as const, run: () => "sunny", parse: (it: unknown) => it }];
    const runner = client.beta.messages.toolRunner({ model, max_tokens, messages: asked, tools, stream });
    await runner.runUntilDone();
    assertRestored();
  }
});

const forAiSdk = () => ({
  model: createAnthropic({ baseURL: `${gateway.url}/v1`, apiKey: gateway.token })(model),
  prompt: "Weather in Bern and Basel?",
  maxRetries: 0,
  stopWhen: stepCountIs(3),
  tools: {
    get_weather: tool({
      description: "Weather",
      inputSchema: jsonSchema<{ city: string }>(parameters),
      execute: () => "sunny",
    }),
  },
});

test("by the AI SDK, from whole answers", async () => {
  const { text } = await generateText(forAiSdk());
  assert.equal(text, "Sunny.");
  assertRestored();
});

test("by the AI SDK, from streams", async () => {
  const { text, steps } = streamText(forAiSdk());
  assert.equal(await text, "Sunny.");
  assert.equal((await steps)[0]!.toolCalls.length, 2);
  assertRestored();
});
