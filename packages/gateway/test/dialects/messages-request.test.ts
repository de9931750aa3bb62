import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { messages } from "../../src/api/dialects/messages/dialect.ts";
import { GatewayError } from "../../src/lib/errors.ts";
import type { ResolvedModel } from "../../src/services/models/models.ts";
import refusals from "./fixtures/messages/refusals.json" with { type: "json" };
import requests from "./fixtures/messages/requests.json" with { type: "json" };

/** Of a resolved model only what translating looks at. */
function modelOf(api: string, thinking = ["off", "low", "medium", "high"]): ResolvedModel {
  return { id: "some/model", api, facts: { thinking }, levels: thinking } as unknown as ResolvedModel;
}

const hello = { model: "some/model", max_tokens: 64, messages: [{ role: "user", content: "Hello" }] };

type Body = Parameters<typeof messages.translate>[0];

function translated(change: object, model = modelOf("openai-completions")) {
  return messages.translate({ ...hello, ...change } as Body, model);
}

function refusalOf(work: () => unknown): GatewayError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    return error;
  }
  assert.fail("it was not refused");
}

describe("a request becomes our own", () => {
  for (const { name, api, body, request, ignored = [] } of requests) {
    test(name, () => {
      const result = messages.translate(body as Body, modelOf(api));
      assert.deepEqual(JSON.parse(JSON.stringify(result.request)), request);
      assert.deepEqual(result.ignored, ignored);
    });
  }
});

describe("what is wrong is refused by name", () => {
  for (const { param, change } of refusals) {
    test(`${param}: ${JSON.stringify(change).slice(0, 80)}`, () => {
      const refusal = refusalOf(() => translated(change));
      assert.equal(refusal.code, "invalid_request");
      assert.equal(refusal.param, param);
    });
  }
});

test("a budget of thinking becomes the level that would have such a budget", () => {
  const levels = ["off", "minimal", "low", "medium", "high", "xhigh"];
  const levelOf = (budget: number, has = levels) =>
    translated({ thinking: { type: "enabled", budget_tokens: budget } }, modelOf("google-generative-ai", has))
      .request.thinking;
  const budgets = [1024, 2047, 2048, 8191, 8192, 16_383, 16_384, 31_999, 32_000];
  assert.deepEqual(
    budgets.map((it) => levelOf(it)),
    ["minimal", "minimal", "low", "low", "medium", "medium", "high", "high", "xhigh"],
  );
  assert.equal(levelOf(64_000, ["off", "low", "high"]), "high", "more than a model has is no error");
  assert.equal(levelOf(8192, ["off"]), "off");
});

test("a message that is neither text nor a call nor a thought is left out", () => {
  const { request } = translated({
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: [{ type: "redacted_thinking", data: "x" }] },
      { role: "user", content: [] },
      { role: "user", content: "b" },
    ],
  });
  assert.deepEqual(
    request.messages.map((it) => it.role),
    ["user", "user"],
  );
});

describe("an agent", () => {
  const turnOf = (change: object) => messages.turn({ ...hello, model: "openclaw", ...change } as Body);

  test("is told what was said, by whom, and how hard to think", () => {
    const turn = turnOf({
      system: [{ type: "text", text: "Be brief." }],
      messages: [
        { role: "user", content: "a" },
        { role: "system", content: "Be kind." },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "hm", signature: "x" },
            { type: "text", text: "b" },
          ],
        },
        {
          role: "user",
          content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } }],
        },
      ],
      metadata: { user_id: "ann" },
      thinking: { type: "enabled", budget_tokens: 40_000 },
      tools: [{ type: "web_search_20250305", name: "web_search" }],
      container: "c1",
      temperature: 0.5,
    });
    const picture = {
      type: "image",
      mimeType: "image/png",
      data: "AA==",
      param: "messages[3].content[0].source.data",
    };
    assert.deepEqual(turn, {
      system: ["Be brief.", "Be kind."],
      messages: [
        { role: "user", content: [{ type: "text", text: "a" }] },
        { role: "assistant", content: [{ type: "text", text: "b" }] },
        { role: "user", content: [picture] },
      ],
      param: "messages",
      user: "ann",
      thinking: "high",
      maxTokens: 64,
      temperature: 0.5,
      ignored: ["container", "tools[0]"],
    });
  });

  test("has its own tools and settings, and takes no calls", () => {
    const tool = { name: "see", input_schema: {} };
    const call = { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "see", input: {} }] };
    const cases: [string, object][] = [
      ["tools", { tools: [tool] }],
      ["stop_sequences", { stop_sequences: ["x"] }],
      ["top_k", { top_k: 4 }],
      ["tool_choice", { tool_choice: { type: "any" } }],
      ["output_config.format", { output_config: { format: { type: "json_schema", schema: {} } } }],
      ["messages[1].content[0]", { messages: [...hello.messages, call] }],
    ];
    for (const [param, change] of cases) assert.equal(refusalOf(() => turnOf(change)).param, param);
  });
});
