import { type CatalogEntry, entry as entryOf } from "./catalog-entry.ts";

const gpt4o = { context: 128_000, answer: 16_384 };
const gpt41 = { context: 1_047_576, answer: 32_768 };
const o = { context: 200_000, answer: 100_000 };
const gpt5 = { context: 400_000, answer: 128_000 };
const gpt54 = { context: 1_050_000, answer: 128_000 };

const fromLow = { thinking: ["off", "low", "medium", "high"], lowestEffort: "low" } as const;
const fromMinimal = {
  thinking: ["off", "minimal", "low", "medium", "high"],
  lowestEffort: "minimal",
} as const;
const toHigh = { thinking: ["off", "low", "medium", "high"], lowestEffort: "none" } as const;
const toXhigh = { thinking: ["off", "low", "medium", "high", "xhigh"], lowestEffort: "none" } as const;

/** All of them read PDFs: https://developers.openai.com/api/docs/guides/file-inputs */
const entry: typeof entryOf = (id, name, sizes, prices, more) =>
  entryOf(id, name, sizes, prices, { input: ["text", "image", "pdf"], ...more });

/** From https://developers.openai.com/api/docs/models, as of November 2026; prices of prompts up to 272k tokens. */
export const openaiModels: readonly CatalogEntry[] = [
  entry("gpt-5.4", "GPT-5.4", gpt54, [2.5, 15, 0.25], toXhigh),
  entry("gpt-5.6-luna", "GPT-5.6 Luna", gpt54, [0.2, 1.2, 0.02], toXhigh),
  entry("gpt-5.5", "GPT-5.5", gpt54, [5, 30, 0.5], toXhigh),
  entry("gpt-5.4-mini", "GPT-5.4 mini", gpt5, [0.75, 4.5, 0.075], toXhigh),
  entry("gpt-5.2", "GPT-5.2", gpt5, [1.75, 14, 0.175], toXhigh),
  entry("gpt-5.1", "GPT-5.1", gpt5, [1.25, 10, 0.125], toHigh),
  entry("gpt-5", "GPT-5", gpt5, [1.25, 10, 0.125], fromMinimal),
  entry("gpt-5-mini", "GPT-5 mini", gpt5, [0.25, 2, 0.025], fromMinimal),
  entry("gpt-5-nano", "GPT-5 nano", gpt5, [0.05, 0.4, 0.005], fromMinimal),
  entry("gpt-4.1", "GPT-4.1", gpt41, [2, 8, 0.5]),
  entry("gpt-4.1-mini", "GPT-4.1 mini", gpt41, [0.4, 1.6, 0.1]),
  entry("gpt-4.1-nano", "GPT-4.1 nano", gpt41, [0.1, 0.4, 0.025]),
  entry("gpt-4o", "GPT-4o", gpt4o, [2.5, 10, 1.25]),
  entry("gpt-4o-mini", "GPT-4o mini", gpt4o, [0.15, 0.6, 0.075]),
  entry("o3", "o3", o, [2, 8, 0.5], fromLow),
  entry("o4-mini", "o4-mini", o, [1.1, 4.4, 0.275], fromLow),
];
