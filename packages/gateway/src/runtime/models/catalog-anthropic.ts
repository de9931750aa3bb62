import { type CatalogEntry, entry } from "./catalog-entry.ts";

const input = ["text", "image", "pdf"] as const;
const plain = { input };
const budget = { input, thinking: ["off", "minimal", "low", "medium", "high"] } as const;
const adaptive = { input, thinking: ["off", "low", "medium", "high"] } as const;
const adaptiveToXhigh = { input, thinking: ["off", "low", "medium", "high", "xhigh"] } as const;

const million = { context: 1_000_000, answer: 128_000 };

/** From https://platform.claude.com/docs/en/models/overview, as of November 2026. */
export const anthropicModels: readonly CatalogEntry[] = [
  entry("claude-sonnet-5-5", "Claude Sonnet 5.5", million, [2, 10, 0.2, 2.5], adaptiveToXhigh),
  entry("claude-opus-5-5", "Claude Opus 5.5", million, [4, 20, 0.2, 5], adaptiveToXhigh),
  entry("claude-haiku-5-5", "Claude Haiku 5.5", million, [0.1, 0.5, 0.01, 0.125], adaptiveToXhigh),
  entry("claude-fable-5-1", "Claude Fable 5.1", million, [10, 50, 1, 12.5], adaptiveToXhigh),
  entry("claude-opus-5", "Claude Opus 5", million, [5, 25, 0.5, 6.25], adaptiveToXhigh),
  entry("claude-sonnet-5", "Claude Sonnet 5", million, [2, 10, 0.2, 2.5], adaptiveToXhigh),
  entry("claude-opus-4-6", "Claude Opus 4.6", million, [5, 25, 0.5, 6.25], adaptive),
  entry("claude-sonnet-4-6", "Claude Sonnet 4.6", million, [3, 15, 0.3, 3.75], adaptive),
  entry(
    "claude-opus-4-5",
    "Claude Opus 4.5",
    { context: 200_000, answer: 64_000 },
    [5, 25, 0.5, 6.25],
    budget,
  ),
  entry(
    "claude-sonnet-4-5",
    "Claude Sonnet 4.5",
    { context: 200_000, answer: 64_000 },
    [3, 15, 0.3, 3.75],
    budget,
  ),
  entry(
    "claude-haiku-4-5",
    "Claude Haiku 4.5",
    { context: 200_000, answer: 64_000 },
    [1, 5, 0.1, 1.25],
    budget,
  ),
  entry(
    "claude-opus-4-1",
    "Claude Opus 4.1",
    { context: 200_000, answer: 32_000 },
    [15, 75, 1.5, 18.75],
    budget,
  ),
  entry(
    "claude-3-7-sonnet",
    "Claude Sonnet 3.7",
    { context: 200_000, answer: 64_000 },
    [3, 15, 0.3, 3.75],
    budget,
  ),
  entry(
    "claude-3-5-sonnet",
    "Claude Sonnet 3.5",
    { context: 200_000, answer: 8192 },
    [3, 15, 0.3, 3.75],
    plain,
  ),
  entry("claude-3-5-haiku", "Claude Haiku 3.5", { context: 200_000, answer: 8192 }, [0.8, 4, 0.08, 1], plain),
];
