import { StringDecoder } from "node:string_decoder";
import { createPause } from "../../lib/slices.ts";
import type { Answer } from "./exchange.ts";
import { parseObject } from "./parse-object.ts";
import type { Endpoint } from "./pass-through.ts";
import type { CallOptions } from "./types.ts";
import { brokenOff, type Upstream } from "./upstream.ts";

type Json = Record<string, unknown>;

/** Enough for 2048 vectors of 1,536 numbers in digits. */
const mostBytes = 64 * 1024 * 1024;

/** The embeddings of providers that speak OpenAI's dialect. Source: OpenAI API reference, "Embeddings". */
export function embeddingsEndpoint(headers: Readonly<Record<string, string>>): Endpoint {
  return { path: "/embeddings", headers, isAnswer: (body) => Array.isArray(body.data), read: readEmbeddings };
}

/** Parses an answer while it comes: one of many vectors, parsed as a whole, would hold up everybody else. */
async function readEmbeddings(
  answer: Answer,
  upstream: Upstream,
  { signal }: CallOptions,
): Promise<Json | undefined> {
  const most = Math.max(mostBytes, upstream.limits.answerBytes);
  const decoder = new StringDecoder("utf8");
  const reader = createEmbeddingsReader();
  const pause = createPause({ signal });
  let size = 0;
  try {
    for (let read = await answer.read(); read !== null; read = await answer.read()) {
      for (const part of read) size += part.length;
      if (size > most) throw upstream.failures.garbage("an answer that is too large");
      for (const part of read) {
        reader.feed(decoder.write(part));
        await pause();
      }
    }
  } catch (thrown) {
    throw brokenOff(thrown, upstream, signal);
  } finally {
    answer.close();
  }
  reader.feed(decoder.end());
  return reader.end();
}

/** Takes the text of an answer in pieces. */
export interface EmbeddingsReader {
  feed(text: string): void;
  /** The answer, or undefined where it is no JSON object. */
  end(): Json | undefined;
}

/** A vector begins: as an array, or in base64. Quotes inside of a string have a backslash before them. */
const begins = /(?<!\\)"embedding"\s*:\s*(?=["[])/;
/** What may be the first part of such a beginning, characters. A longer one is read with the rest of the answer. */
const longestBegin = 64;

/**
 * Takes the vectors out of an answer's text one by one and puts a number in the place of each, so that what is left
 * to be parsed at the end is short.
 */
export function createEmbeddingsReader(): EmbeddingsReader {
  const vectors: unknown[] = [];
  const rest: string[] = [];
  let waiting = "";
  /** The text of the vector so far, once one has begun; `end` is the character that it ends with. */
  let vector: { parts: string[]; end: string } | undefined;

  /** Returns what follows the vector, or undefined where its end is still to come. */
  function within(open: { parts: string[]; end: string }, text: string): string | undefined {
    const first = open.parts.length === 0 ? 1 : 0; // its own quote ends no string
    const at = text.indexOf(open.end, first);
    if (at < 0) {
      if (text !== "") open.parts.push(text);
      return undefined;
    }
    open.parts.push(text.slice(0, at + 1));
    const whole = open.parts.join("");
    const value = parsed(whole);
    rest.push(value === undefined ? whole : String(vectors.push(value) - 1));
    return text.slice(at + 1);
  }

  return {
    feed(text) {
      let left: string | undefined = text;
      while (left !== undefined) {
        if (vector) {
          left = within(vector, left);
          if (left !== undefined) vector = undefined;
          continue;
        }
        waiting += left;
        const begin = begins.exec(waiting);
        if (!begin) {
          rest.push(waiting.slice(0, -longestBegin));
          waiting = waiting.slice(-longestBegin);
          return;
        }
        const at = begin.index + begin[0].length;
        rest.push(waiting.slice(0, at));
        left = waiting.slice(at);
        waiting = "";
        vector = { parts: [], end: left[0] === "[" ? "]" : '"' };
      }
    },
    end() {
      const answer = parseObject(rest.join("") + waiting + (vector?.parts.join("") ?? ""));
      if (!Array.isArray(answer?.data)) return answer;
      for (const item of answer.data as (Json | null)[]) {
        const index = item?.embedding;
        if (item && typeof index === "number" && index in vectors) item.embedding = vectors[index];
      }
      return answer;
    },
  };
}

/** Arrays in arrays, and whatever else is not one vector, are undefined. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
