import assert from "node:assert/strict";
import { test } from "node:test";
import { thinkingLevels, type Usage } from "openclaw-protocol";
import { catalog, factsOf, lowestEffort } from "../../src/runtime/models/catalog.ts";
import { costOf } from "../../src/runtime/models/cost.ts";
import { findProvider, providers } from "../../src/runtime/models/providers.ts";
import { nearestThinking } from "../../src/runtime/models/thinking.ts";

test("every catalog belongs to a known provider, and every row is sound", () => {
  for (const [provider, models] of Object.entries(catalog)) {
    assert.ok(findProvider(provider), provider);
    assert.equal(new Set(models.map((it) => it.id)).size, models.length, provider);
    for (const { id, thinking, maxTokens, contextWindow, cost } of models) {
      assert.ok(thinking.includes("off"), id);
      assert.deepEqual(
        thinking,
        thinkingLevels.filter((it) => thinking.includes(it)),
        id,
      );
      assert.ok(maxTokens <= contextWindow, id);
      assert.ok((cost.cacheRead ?? 0) <= cost.input && cost.input <= Math.max(cost.output, cost.input), id);
    }
  }
});

test("every provider that needs a key names its variable, and ids are unique", () => {
  assert.equal(new Set(providers.map((it) => it.id)).size, providers.length);
  for (const it of providers) assert.equal(it.needsKey, it.keyVariables.length > 0, it.id);
  assert.deepEqual(findProvider("google")?.keyVariables, ["GEMINI_API_KEY", "GOOGLE_API_KEY"]);
});

test("facts are found for dated names and through OpenRouter", () => {
  assert.equal(factsOf("anthropic", "claude-3-5-sonnet").maxTokens, 8192);
  assert.equal(factsOf("anthropic", "claude-3-5-sonnet-20241022").contextWindow, 200_000);
  assert.equal(factsOf("openai", "gpt-4o-2024-08-06").cost.input, 2.5);
  assert.equal(factsOf("openrouter", "anthropic/claude-sonnet-4.5").cost.output, 15);
  assert.equal(factsOf("openrouter", "openai/gpt-5").thinking.length, 5);
  assert.equal(lowestEffort("openrouter", "nobody/nothing"), undefined);
});

test("what the owner configured goes before the catalog, and guesses are careful", () => {
  const own = factsOf("openai", "gpt-4o", { id: "gpt-4o", contextWindow: 5, cost: { input: 1, output: 2 } });
  assert.deepEqual([own.contextWindow, own.cost, own.maxTokens], [5, { input: 1, output: 2 }, 16_384]);
  const guess = factsOf("mine", "model");
  assert.deepEqual([guess.contextWindow, guess.maxTokens, guess.thinking], [128_000, 8192, ["off"]]);
  assert.deepEqual(factsOf("mine", "model", { id: "model", reasoning: true }).thinking, [
    "off",
    "minimal",
    "low",
    "medium",
    "high",
  ]);
  assert.deepEqual(factsOf("openai", "gpt-5", { id: "gpt-5", reasoning: false }).thinking, ["off"]);
});

test("a thinking level is never raised, always one of the model's, and xhigh is refused where it is lacking", () => {
  for (let mask = 0; mask < 32; mask++) {
    const levels = thinkingLevels.filter((level, index) => level === "off" || mask & (1 << (index - 1)));
    for (const wish of thinkingLevels) {
      if (wish === "xhigh" && !levels.includes("xhigh")) {
        assert.throws(() => nearestThinking(wish, levels), {
          code: "invalid_request",
          param: "options.thinking",
        });
        continue;
      }
      const used = nearestThinking(wish, levels);
      assert.ok(levels.includes(used));
      assert.ok(thinkingLevels.indexOf(used) <= thinkingLevels.indexOf(wish));
      const between = thinkingLevels.slice(
        thinkingLevels.indexOf(used) + 1,
        thinkingLevels.indexOf(wish) + 1,
      );
      assert.ok(
        between.every((it) => !levels.includes(it)),
        `${wish} of ${levels.join()}`,
      );
    }
  }
});

test("cost is linear in tokens, and cached tokens cost what a cache read costs", () => {
  const prices = { input: 3, output: 15, cacheRead: 0.3 };
  const usage = (promptTokens: number, completionTokens: number, cachedTokens?: number): Usage => ({
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    ...(cachedTokens !== undefined && { cachedTokens }),
  });
  assert.equal(costOf(usage(1_000_000, 0), prices), 3);
  assert.equal(costOf(usage(0, 1_000_000), prices), 15);
  assert.equal(costOf(usage(1_000_000, 0, 1_000_000), prices), 0.3);
  assert.equal(costOf(usage(1_000_000, 0, 1_000_000), { input: 3, output: 15 }), 3);
  for (let cached = 0; cached <= 1000; cached += 100) {
    const cost = costOf(usage(1000, 500, cached), prices);
    assert.ok(cost <= costOf(usage(1000, 500), prices) && cost > 0);
    assert.ok(Math.abs(costOf(usage(2000, 1000, 2 * cached), prices) - 2 * cost) < 1e-12);
  }
  assert.equal(costOf(usage(10, 0, 99), prices), costOf(usage(10, 0, 10), prices));
});
