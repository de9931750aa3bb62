import { hash } from "node:crypto";
import type { AgentsConfig } from "openclaw-protocol";
import { measure } from "./call-size.ts";

/** Most characters of all answers, and of one; with their keys that stays below 40 MB. */
const charactersAtMost = 16_000_000;
const answerAtMost = 1_000_000;
/** A longer request is not worth the time that its key would take. */
const requestAtMost = 500_000;

/** Whole answers of models by what was asked, in memory: `agents.defaults.cache`. The longest unused go first. */
export interface AnswerCache {
  /** The key of a request; undefined where it is too long to be kept. */
  keyOf(model: string, request: unknown): string | undefined;
  get(key: string): string | undefined;
  put(key: string, answer: string): void;
}

interface Kept {
  answer: string;
  until: number;
}

export function createAnswerCache(
  { ttl, maxSize }: Pick<AgentsConfig["defaults"]["cache"], "ttl" | "maxSize">,
  now: () => number,
): AnswerCache {
  const kept = new Map<string, Kept>();
  let characters = 0;

  function drop(key: string, { answer }: Kept): void {
    kept.delete(key);
    characters -= answer.length;
  }

  return {
    keyOf(model, request) {
      const { characters: text, fileCharacters } = measure(request);
      if (text + fileCharacters > requestAtMost) return undefined;
      return hash("sha256", JSON.stringify([model, request]));
    },
    get(key) {
      const found = kept.get(key);
      if (!found) return undefined;
      if (now() >= found.until) {
        drop(key, found);
        return undefined;
      }
      kept.delete(key); // to the end: the last to be dropped
      kept.set(key, found);
      return found.answer;
    },
    put(key, answer) {
      if (answer.length > answerAtMost) return;
      const old = kept.get(key);
      if (old) drop(key, old);
      kept.set(key, { answer, until: now() + ttl * 1_000 });
      characters += answer.length;
      for (const [first, one] of kept) {
        if (kept.size <= maxSize && characters <= charactersAtMost) break;
        drop(first, one);
      }
    },
  };
}
