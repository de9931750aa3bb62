import { createPause } from "../../lib/slices.ts";
import { pathOf } from "./google-request.ts";
import { isObject } from "./google-stream.ts";
import { parseObject } from "./parse-object.ts";
import type { CallOptions, Embedded, EmbedRequest } from "./types.ts";
import { readText, type Upstream } from "./upstream.ts";

type Json = Record<string, unknown>;

/** More are refused. */
const mostInBatch = 100;
const charsPerToken = 4;

/** Embeddings by `batchEmbedContents`: https://ai.google.dev/api/embeddings */
export async function googleEmbeddings(
  { model, texts, dimensions }: EmbedRequest,
  upstream: Upstream,
  headers: Readonly<Record<string, string>>,
  options: CallOptions,
): Promise<Embedded> {
  const path = pathOf(model, "batchEmbedContents");
  const name = model.includes("/") ? model : `models/${model}`;
  const vectors: number[][] = [];
  let promptTokens = 0;
  for (let from = 0; from < texts.length; from += mostInBatch) {
    const batch = texts.slice(from, from + mostInBatch);
    const requests = batch.map((text) => ({
      model: name,
      content: { parts: [{ text }] },
      outputDimensionality: dimensions,
    }));
    const answer = await upstream.post(path, headers, JSON.stringify({ requests }), options);
    const read = await readVectors(await readText(answer, upstream, options), options);
    if (read?.vectors.length !== batch.length) throw failureIn(read?.rest, upstream);
    vectors.push(...read.vectors);
    promptTokens += tokensIn(read.rest) ?? estimate(batch);
  }
  return { vectors, promptTokens };
}

/** Vector by vector: a hundred of 3,072 numbers, parsed as a whole, would hold up everybody else. */
async function readVectors(
  text: string,
  options: CallOptions,
): Promise<{ vectors: number[][]; rest: Json } | undefined> {
  const pause = createPause(options);
  const vectors: number[][] = [];
  const rest: string[] = [];
  let end = 0;
  for (const found of text.matchAll(/(?<!\\)"values"\s*:\s*(\[[^\]]*\])/g)) {
    const vector = vectorIn(found[1]!);
    if (!vector) return undefined;
    vectors.push(vector);
    rest.push(text.slice(end, found.index), '"values":null');
    end = found.index + found[0].length;
    await pause();
  }
  rest.push(text.slice(end));
  const object = parseObject(rest.join(""));
  return object && { vectors, rest: object };
}

function vectorIn(json: string): number[] | undefined {
  try {
    const vector = JSON.parse(json) as unknown[]; // it stands in brackets
    return vector.every((it) => typeof it === "number") ? vector : undefined;
  } catch {
    return undefined;
  }
}

function failureIn(answer: Json | undefined, upstream: Upstream): unknown {
  if (answer?.error) return upstream.failures.ofObject(answer.error);
  return upstream.failures.garbage("something that is no list of embeddings");
}

/** Newer models tell what they counted. */
function tokensIn({ usageMetadata }: Json): number | undefined {
  const count = isObject(usageMetadata) ? usageMetadata.promptTokenCount : undefined;
  return typeof count === "number" ? count : undefined;
}

function estimate(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Math.ceil(text.length / charsPerToken), 0);
}
