import assert from "node:assert/strict";
import { test } from "node:test";
import type { GatewayError } from "../../src/lib/errors.ts";
import { createGoogleBodies, pathOf } from "../../src/runtime/models/google-request.ts";
import type { ModelRequest } from "../../src/runtime/models/types.ts";
import { hello } from "./wire-under-test.ts";

type Json = Record<string, unknown>;

const flash = "gemini-3.5-flash";
const look = { name: "look", description: "Looks", parameters: { type: "object", properties: { x: {} } } };
function bodyOf(more: Partial<ModelRequest>, model = flash): Json {
  return JSON.parse(createGoogleBodies()(hello(model, more))) as Json; // our own bodies are objects
}

test("each generation thinks in its own way", () => {
  const thoughts = { includeThoughts: true };
  const cases: [string, Partial<ModelRequest>, unknown][] = [
    ["gemini-2.5-flash", {}, undefined],
    ["gemini-2.5-flash", { thinking: "off" }, { thinkingBudget: 0 }],
    ["gemini-2.5-flash", { thinking: "xhigh" }, { thinkingBudget: 24_576, ...thoughts }],
    ["gemini-2.5-flash", { thinkingBudget: 1234 }, { thinkingBudget: 1234, ...thoughts }],
    ["gemini-2.5-flash", { thinkingBudget: 0 }, { thinkingBudget: 0 }],
    ["gemini-2.5-flash", { thinking: "off", thinkingBudget: 1234 }, { thinkingBudget: 0 }],
    [
      "gemini-2.5-flash",
      { thinking: "low", thinkingBudget: 60_000 },
      { thinkingBudget: 24_576, ...thoughts },
    ],
    ["gemini-2.5-pro", { thinking: "low", thinkingBudget: 60_000 }, { thinkingBudget: 32_768, ...thoughts }],
    ["gemini-2.5-pro", { thinking: "off" }, { thinkingBudget: 128 }],
    [flash, { thinking: "high", thinkingBudget: 1234 }, { thinkingLevel: "high", ...thoughts }],
    [flash, { thinkingBudget: 1234 }, undefined],
    [flash, { thinking: "minimal" }, { thinkingLevel: "minimal", ...thoughts }],
    [flash, { thinking: "xhigh" }, { thinkingLevel: "high", ...thoughts }],
    ["gemini-3-flash-preview", { thinking: "off" }, { thinkingLevel: "minimal" }],
    ["gemini-3.5-flash-lite", { thinking: "off" }, { thinkingLevel: "minimal" }],
    ["gemini-3.1-pro-preview", { thinking: "off" }, { thinkingLevel: "low" }],
    ["gemini-3.8-flash", { thinking: "off" }, { thinkingLevel: "low" }],
    ["gemini-3.8-flash", { thinking: "minimal" }, { thinkingLevel: "low", ...thoughts }],
    ["gemini-4-argon", { thinking: "off" }, { thinkingLevel: "low" }],
    ["in-house-1", { thinking: "minimal" }, { thinkingLevel: "minimal", ...thoughts }],
    ["in-house-1", { thinking: "off" }, undefined],
  ];
  for (const [model, more, expected] of cases) {
    const { thinkingConfig } = bodyOf(more, model).generationConfig as Json;
    assert.deepEqual(thinkingConfig, expected, `${model} ${JSON.stringify(more)}`);
  }
});

test("settings reach Google under its names, and what is not set is not sent", () => {
  assert.deepEqual(bodyOf({}).generationConfig, {});
  const { generationConfig } = bodyOf({
    temperature: 0,
    topP: 0.5,
    topK: 40,
    maxTokens: 7,
    stop: ["x"],
    seed: 0,
    presencePenalty: 0.1,
    frequencyPenalty: 0,
    verbosity: "medium",
    cacheKey: "k",
  });
  assert.deepEqual(generationConfig, {
    temperature: 0,
    topP: 0.5,
    topK: 40,
    maxOutputTokens: 7,
    stopSequences: ["x"],
    seed: 0,
    presencePenalty: 0.1,
  });
});

test("what Gemini cannot honour is refused by its name", () => {
  const cases: [Partial<ModelRequest>, string, string][] = [
    [{ presencePenalty: 1 }, "gemini-2.5-flash", "presence_penalty"],
    [{ frequencyPenalty: 1 }, "gemini-2.5-pro", "frequency_penalty"],
    [{ tools: [look], parallelToolCalls: false }, flash, "parallel_tool_calls"],
    [{ verbosity: "low" }, flash, "verbosity"],
  ];
  for (const [more, model, param] of cases) {
    assert.throws(
      () => bodyOf(more, model),
      (error: GatewayError) => error.code === "invalid_request" && error.param === param,
    );
  }
});

test("a format is JSON, with a schema where there is one", () => {
  const config = (responseFormat: ModelRequest["responseFormat"]) =>
    bodyOf({ responseFormat }).generationConfig;
  const responseMimeType = "application/json";
  assert.deepEqual(config({ type: "json" }), { responseMimeType });
  const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", title: "own" };
  assert.deepEqual(config({ type: "json", schema, name: "n", description: "d", strict: true }), {
    responseMimeType,
    responseJsonSchema: { title: "own", description: "d", type: "object" },
  });
});

test("tools are declared by JSON Schema, and those without parameters by none", () => {
  const tools = [
    look,
    { name: "now", description: "Tells the time", parameters: { type: "object", properties: {} } },
    { name: "any", description: "Takes anything", parameters: {} },
  ];
  const body = bodyOf({ tools });
  assert.deepEqual(body.tools, [
    {
      functionDeclarations: [
        { name: "look", description: "Looks", parametersJsonSchema: look.parameters },
        { name: "now", description: "Tells the time" },
        { name: "any", description: "Takes anything" },
      ],
    },
  ]);
  assert.equal(body.toolConfig, undefined);
  const bodies = createGoogleBodies();
  const request = hello(flash, { tools });
  assert.equal(bodies(request), bodies(request), "the second time from what is kept");
});

test("a tool choice is one of Google's modes", () => {
  const strict = { ...look, strict: true };
  const cases: [Partial<ModelRequest>, unknown][] = [
    [{ toolChoice: "auto" }, { mode: "AUTO" }],
    [{ toolChoice: "none" }, { mode: "NONE" }],
    [{ toolChoice: "required" }, { mode: "ANY" }],
    [{ toolChoice: { name: "look" } }, { mode: "ANY", allowedFunctionNames: ["look"] }],
    [{ tools: [strict] }, { mode: "VALIDATED" }],
    [{ tools: [strict], toolChoice: "auto" }, { mode: "VALIDATED" }],
    [{ tools: [strict], toolChoice: "none" }, { mode: "NONE" }],
  ];
  for (const [more, expected] of cases) {
    const { toolConfig } = bodyOf({ tools: [look], ...more });
    assert.deepEqual(toolConfig, { functionCallingConfig: expected }, JSON.stringify(more));
  }
  assert.equal(bodyOf({ toolChoice: "required" }).toolConfig, undefined, "nothing to choose from");
});

test("a model's name is one step of the path, unless it says its folder", () => {
  assert.equal(pathOf(flash, "x"), "/models/gemini-3.5-flash:x");
  assert.equal(pathOf("tunedModels/mine", "x"), "/tunedModels/mine:x");
  assert.equal(pathOf("a b?c#d", "x"), "/models/a%20b%3Fc%23d:x");
});
