import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import type { Answer } from "./exchange.ts";
import { parseObject } from "./parse-object.ts";
import type { CallOptions, ModelEvent } from "./types.ts";
import { brokenOff, readText, type Upstream } from "./upstream.ts";

type Json = Record<string, unknown>;

/** The JSON events of a streamed answer. */
export interface EventSource {
  /** Those that came together, in order and never empty; null after the last. */
  next(): Promise<Json[] | null>;
  close(): void;
}

/** How a provider's stream begins, fails and ends. */
export interface StreamRules {
  /** Whether the answer is complete with this event, though more may follow. A stream without one fails as cut. */
  finishes(event: Json): boolean;
  /** Whether nothing follows this event. `[DONE]` always ends a stream. */
  ends?(event: Json): boolean;
  /** The failure that an event tells of; undefined where it is none. */
  errorIn(event: Json): unknown;
  /** A whole answer, of a provider that did not stream, as the events that say the same; undefined where it is none. */
  fromWhole?(answer: Json): Json[] | undefined;
}

/**
 * Reads the server-sent events of an answer up to its end. An answer in plain JSON, from a provider that does
 * not stream, becomes the events that say the same.
 */
export function eventsOf(
  answer: Answer,
  upstream: Upstream,
  rules: StreamRules,
  options: CallOptions,
): EventSource {
  const type = answer.headers["content-type"];
  if (rules.fromWhole && typeof type === "string" && type.includes("application/json"))
    return wholeAnswer(answer, upstream, rules, options);

  const { failures, limits } = upstream;
  const decoder = new StringDecoder("utf8");
  let events: Json[] = [];
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
      const event = parseObject(data);
      if (event === undefined) {
        problem = failures.garbage("a broken event");
        return;
      }
      const error = rules.errorIn(event);
      if (error !== undefined) {
        problem = failures.ofObject(error);
        return;
      }
      finished ||= rules.finishes(event);
      done = rules.ends?.(event) ?? false;
      events.push(event);
    },
    onError(error) {
      if (error.type === "max-buffer-size-exceeded")
        problem ??= failures.garbage("an event that is too large");
    },
  });

  return {
    async next() {
      while (events.length === 0) {
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
      const together = events;
      events = [];
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

function wholeAnswer(
  answer: Answer,
  upstream: Upstream,
  rules: StreamRules,
  options: CallOptions,
): EventSource {
  let read = false;
  return {
    async next() {
      if (read) return null;
      read = true;
      const whole = parseObject(await readText(answer, upstream, options));
      const error = whole && rules.errorIn(whole);
      if (error !== undefined) throw upstream.failures.ofObject(error);
      const events = whole && rules.fromWhole?.(whole);
      if (events === undefined) throw upstream.failures.garbage("something that is not a completion");
      return events;
    },
    close: () => answer.close(),
  };
}

/** Makes our events of a provider's. */
export interface EventReader {
  take(event: Json, events: ModelEvent[]): void;
  /** What is left to say once the stream has ended. */
  end(): ModelEvent[];
}

/** Our events of an answer, as they come. It is asked for with the first of them, and closed in the end. */
export async function* readAll(
  open: () => Promise<{ source: EventSource; reader: EventReader }>,
): AsyncGenerator<ModelEvent, void> {
  const { source, reader } = await open();
  try {
    for (let together = await source.next(); together !== null; together = await source.next()) {
      const events: ModelEvent[] = [];
      for (const event of together) reader.take(event, events);
      for (const event of events) yield event; // `yield*` would cost two more promises for each
    }
    for (const event of reader.end()) yield event;
  } finally {
    source.close();
  }
}
