import type { CallSize } from "../budgets.ts";

/** What a part of a request comes to, before anybody has counted tokens. */
export interface Measure {
  /** Of texts, and of the names in tools' schemas. */
  characters: number;
  /** Pictures and files, and how many characters they are sent as. */
  files: number;
  fileCharacters: number;
}

const charactersPerToken = 4;
const tokensPerFile = 1_500;
/** An answer whose length nobody bounds is thought to be this long, tokens; a longer bound is not believed. */
const usualAnswer = 1_024;
/** Nothing that means something lies deeper. */
const deepest = 16;

/** Measures any JSON value. */
export function measure(value: unknown): Measure {
  const sum: Measure = { characters: 0, files: 0, fileCharacters: 0 };
  add(value, "", 0, sum);
  return sum;
}

function add(value: unknown, name: string, depth: number, sum: Measure): void {
  if (typeof value === "string") {
    if (value.startsWith("data:") || (name === "data" && value.length > 256)) {
      sum.files += 1;
      sum.fileCharacters += value.length;
    } else sum.characters += value.length;
    return;
  }
  if (typeof value !== "object" || value === null || depth > deepest) return;
  if (Array.isArray(value)) {
    for (const item of value) add(item, name, depth + 1, sum);
    return;
  }
  for (const key in value) {
    sum.characters += key.length;
    add((value as Record<string, unknown>)[key], key, depth + 1, sum); // an object: just checked
  }
}

/** How large a call will be, roughly. `maxTokens`: the caller's own bound of one answer, if it is one. */
export function sizeOf(sent: unknown, maxTokens: unknown, answers = 1): CallSize {
  const { characters, files } = measure(sent);
  const most =
    typeof maxTokens === "number" && maxTokens >= 0 ? Math.min(maxTokens, usualAnswer) : usualAnswer;
  return {
    promptTokens: Math.ceil(characters / charactersPerToken) + files * tokensPerFile,
    completionTokens: most * answers,
  };
}

/** Tokens of a text that was received. */
export function tokensOf(characters: number): number {
  return Math.ceil(characters / charactersPerToken);
}
