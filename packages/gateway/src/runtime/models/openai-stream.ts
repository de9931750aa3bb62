import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import type { Answer } from "./exchange.ts";
import type { CallOptions } from "./types.ts";
import { brokenOff, readText, type Upstream } from "./upstream.ts";

type Json = Record<string, unknown>;

/** The chunks of a streamed completion. */
export interface ChunkSource {
  /** Those that came together, in order and never empty; null after the last. */
  next(): Promise<Json[] | null>;
  close(): void;
}

/**
 * Reads the server-sent events of a completion up to `[DONE]`. An answer in plain JSON, from a provider that does
 * not stream, becomes one chunk. A stream that ends with neither `[DONE]` nor a finish reason fails as cut.
 */
export function chunksOf(answer: Answer, upstream: Upstream, options: CallOptions): ChunkSource {
  const type = answer.headers["content-type"];
  if (typeof type === "string" && type.includes("application/json"))
    return wholeAnswer(answer, upstream, options);

  const { failures, limits } = upstream;
  const decoder = new StringDecoder("utf8");
  let chunks: Json[] = [];
  let problem: unknown;
  let done = false;
  let finished = false;

  const parser = createParser({
    maxBufferSize: limits.answerBytes,
    onEvent({ data }) {
      if (done || problem !== undefined) return;
      if (data === "[DONE]") {
        done = true;
        return;
      }
      const chunk = parseObject(data);
      if (chunk === undefined) problem = failures.garbage("a broken event");
      else if (chunk.error) problem = failures.ofObject(chunk.error);
      else {
        finished ||= hasFinishReason(chunk);
        chunks.push(chunk);
      }
    },
    onError(error) {
      if (error.type === "max-buffer-size-exceeded")
        problem ??= failures.garbage("an event that is too large");
    },
  });

  return {
    async next() {
      while (chunks.length === 0) {
        if (problem !== undefined) throw problem;
        if (done) return null;
        const read = await nextRead();
        if (read !== null) {
          for (const bytes of read) if (problem === undefined) parser.feed(decoder.write(bytes));
        } else {
          parser.feed("\n\n"); // a last event may lack its empty line
          if (!finished && !done) problem ??= failures.cut();
          done = true;
        }
      }
      const together = chunks;
      chunks = [];
      return together;
    },
    close: () => answer.close(done),
  };

  async function nextRead(): Promise<Buffer[] | null> {
    try {
      return await answer.read();
    } catch (thrown) {
      throw brokenOff(thrown, upstream, options.signal);
    }
  }
}

function wholeAnswer(answer: Answer, upstream: Upstream, options: CallOptions): ChunkSource {
  let read = false;
  return {
    async next() {
      if (read) return null;
      read = true;
      const completion = parseObject(await readText(answer, upstream, options));
      if (completion?.error) throw upstream.failures.ofObject(completion.error);
      if (!Array.isArray(completion?.choices))
        throw upstream.failures.garbage("something that is not a completion");
      return [asChunk(completion)];
    },
    close: () => answer.close(),
  };
}

/** A whole completion as the one chunk that says the same. */
function asChunk(completion: Json): Json {
  const choices = (completion.choices as Json[]).map(({ message, ...choice }) => {
    const delta = { ...(message as Json | undefined) }; // a message and a delta have the same fields
    const calls = delta.tool_calls;
    if (Array.isArray(calls)) delta.tool_calls = calls.map((call: Json, index) => ({ index, ...call }));
    return { ...choice, delta };
  });
  return { ...completion, object: "chat.completion.chunk", choices };
}

function hasFinishReason(chunk: Json): boolean {
  const choices = chunk.choices;
  return Array.isArray(choices) && choices.some((it: Json | null) => it?.finish_reason != null);
}

/** The JSON object that `text` is, or undefined. */
export function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined; // checked
  } catch {
    return undefined;
  }
}
