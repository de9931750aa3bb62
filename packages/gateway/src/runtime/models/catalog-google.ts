import { type CatalogEntry, entry } from "./catalog-entry.ts";

const sizes = { context: 1_048_576, answer: 65_536 };
const input = ["text", "image", "audio", "video", "pdf"] as const;
const fromMinimal = { input, thinking: ["off", "minimal", "low", "medium", "high"] } as const;
const fromLow = { input, thinking: ["off", "low", "medium", "high"] } as const;

/** From https://ai.google.dev/gemini-api/docs/models and its pricing page; prices of prompts up to 200k tokens. */
export const googleModels: readonly CatalogEntry[] = [
  entry("gemini-3.5-flash", "Gemini 3.5 Flash", sizes, [1.5, 9, 0.15], fromMinimal),
  entry("gemini-3.1-pro-preview", "Gemini 3.1 Pro", sizes, [2, 12, 0.2], fromLow),
  entry("gemini-3-flash-preview", "Gemini 3 Flash", sizes, [0.5, 3, 0.05], fromMinimal),
  entry("gemini-2.5-pro", "Gemini 2.5 Pro", sizes, [1.25, 10, 0.125], fromMinimal),
  entry("gemini-2.5-flash", "Gemini 2.5 Flash", sizes, [0.3, 2.5, 0.03], fromMinimal),
  entry("gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", sizes, [0.1, 0.4, 0.01], fromMinimal),
];
