import { besideResults } from "../../runtime/models/result-media.ts";
import type { PromptMessage } from "../../runtime/models/types.ts";

/** APIs whose results of tools are text alone. */
const textResultsOnly: ReadonlySet<string> = new Set(["openai-completions", "demo"]);

/** Where a model's API takes no pictures and files as results of tools, the user sends them, right behind the results. */
export function withResultMedia(messages: readonly PromptMessage[], api: string): readonly PromptMessage[] {
  return textResultsOnly.has(api) ? besideResults(messages) : messages;
}
