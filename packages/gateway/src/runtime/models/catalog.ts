import type { ModelConfig, ThinkingLevel } from "openclaw-protocol";
import { anthropicModels } from "./catalog-anthropic.ts";
import type { CatalogEntry } from "./catalog-entry.ts";
import { googleModels } from "./catalog-google.ts";
import { openModels } from "./catalog-open.ts";
import { openaiModels } from "./catalog-openai.ts";
import type { ModelFacts } from "./types.ts";

/** The models that we know, by provider; a provider's own list may be longer. The first is a good default. */
export const catalog: Readonly<Record<string, readonly CatalogEntry[]>> = {
  openai: openaiModels,
  anthropic: anthropicModels,
  google: googleModels,
  ...openModels,
};

/** OpenRouter's names for the vendors of our catalog. */
const vendors: Record<string, string> = { "x-ai": "xai", mistralai: "mistral" };

const anyLevel: readonly ThinkingLevel[] = ["off", "minimal", "low", "medium", "high"];

/**
 * What is known about a model: what its owner configured, over the catalog, over careful guesses
 * (128k context, 8k answer, text and images, no thinking, no price).
 */
export function factsOf(provider: string, model: string, configured?: ModelConfig): ModelFacts {
  const known = find(provider, model);
  const thinking = known?.thinking ?? ["off"];
  return {
    id: model,
    name: configured?.name ?? known?.name,
    contextWindow: configured?.contextWindow ?? known?.contextWindow ?? 128_000,
    maxTokens: configured?.maxTokens ?? known?.maxTokens ?? 8192,
    input: configured?.input ?? known?.input ?? ["text", "image"],
    thinking: configuredLevels(configured?.reasoning, thinking),
    cost: configured?.cost ?? known?.cost ?? { input: 0, output: 0 },
  };
}

/** Whether the catalog has the model, and so its price. */
export function isListed(provider: string, model: string): boolean {
  return find(provider, model) !== undefined;
}

/** The effort that comes nearest to not thinking, for models that think unless told otherwise. */
export function lowestEffort(provider: string, model: string): string | undefined {
  return find(provider, model)?.lowestEffort;
}

function configuredLevels(
  reasoning: boolean | undefined,
  known: readonly ThinkingLevel[],
): readonly ThinkingLevel[] {
  if (reasoning === false) return ["off"];
  return reasoning === true && known.length === 1 ? anyLevel : known;
}

function find(provider: string, model: string): CatalogEntry | undefined {
  const entries = catalog[provider] ?? [];
  const undated = model.replace(/-(latest|\d{8}|\d{4}-\d{2}-\d{2})$/, "");
  const own = entries.find((it) => it.id === model) ?? entries.find((it) => it.id === undated);
  const slash = model.indexOf("/");
  if (own || provider !== "openrouter" || slash < 0) return own;
  const vendor = model.slice(0, slash);
  const id = model.slice(slash + 1);
  return find(vendors[vendor] ?? vendor, vendor === "anthropic" ? id.replaceAll(".", "-") : id);
}
