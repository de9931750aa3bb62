import { eventsOf, type StreamRules } from "./event-source.ts";
import type { Answer } from "./exchange.ts";
import { parseObject } from "./parse-object.ts";
import type { PassOptions, PassThrough } from "./types.ts";
import { readText, type Upstream } from "./upstream.ts";

type Json = Record<string, unknown>;

/** One of a provider's endpoints, for bodies that are handed on. */
export interface Endpoint {
  /** What follows the `baseUrl`. */
  path: string;
  /** With the key in them. */
  headers: Readonly<Record<string, string>>;
  /** Whether a JSON object is an answer of this endpoint. */
  isAnswer(body: Json): boolean;
  /** Absent where it never streams. */
  rules?: StreamRules;
  /** Reads a JSON object that may be huge; undefined where the answer is none. */
  read?(answer: Answer, upstream: Upstream, options: PassOptions): Promise<Json | undefined>;
}

/** Hands bodies on to an endpoint, and its answers back. */
export function createPassThrough(upstream: Upstream, endpoint: Endpoint): PassThrough {
  const { path, rules } = endpoint;
  const forJson = { accept: "application/json", ...endpoint.headers };
  const forStream = { accept: "text/event-stream", ...endpoint.headers };
  const post = (body: Json, headers: Record<string, string>, options: PassOptions) =>
    upstream.post(
      path,
      options.headers ? { ...headers, ...options.headers } : headers,
      JSON.stringify(body),
      options,
    );

  return {
    async complete(body, options) {
      const answer = await post(body, forJson, { ...options, whole: true });
      const completion = endpoint.read
        ? await endpoint.read(answer, upstream, options)
        : parseObject(await readText(answer, upstream, options));
      if (completion === undefined) throw upstream.failures.garbage("something that is not a completion");
      if (endpoint.isAnswer(completion)) return completion;
      if (completion.error) throw upstream.failures.ofObject(completion.error);
      throw upstream.failures.garbage("something that is not a completion");
    },
    async *stream(body, options): AsyncGenerator<Json[]> {
      if (!rules) throw new Error(`${path} does not stream`); // the route's own mistake
      const answer = await post(body.stream === true ? body : { ...body, stream: true }, forStream, options);
      const source = eventsOf(answer, upstream, rules, options);
      try {
        for (let events = await source.next(); events !== null; events = await source.next()) yield events;
      } finally {
        source.close();
      }
    },
  };
}
