import assert from "node:assert/strict";
import type OpenAI from "openai";
import { ResponsesWS } from "openai/resources/responses/ws";
import type { Json } from "../support/gateway.ts";
import { until } from "../support/until.ts";

/** What a test does with a socket. */
export interface Turns {
  readonly ws: ResponsesWS;
  readonly frames: Json[];
  /** Sends it and gives the events of its answer, the last of them its end. */
  ask(body: Json): Promise<Json[]>;
  /** The events of the next answer. */
  next(): Promise<Json[]>;
  readonly closed: Promise<number>;
}

/** What ends an answer. */
export const ends = new Set(["response.completed", "response.failed", "response.incomplete", "error"]);

/** A socket of the SDK; closed after the test. */
export function openTurns(t: { after(work: () => void): void }, client: OpenAI): Turns {
  const ws = new ResponsesWS(client);
  const frames: Json[] = [];
  let read = 0;
  const closed = Promise.withResolvers<number>();
  ws.on("event", (event) => void frames.push(event));
  ws.on("error", () => {}); // an error is an event too
  ws.on("close", (code: number) => closed.resolve(code));
  t.after(() => ws.close());
  const next = async (): Promise<Json[]> => {
    const from = read;
    const at = () => frames.findIndex((it, index) => index >= from && ends.has(it.type));
    await until(() => at() >= 0, "the end of an answer");
    read = at() + 1;
    return frames.slice(from, read);
  };
  return {
    ws,
    frames,
    next,
    closed: closed.promise,
    ask(body) {
      ws.send({ type: "response.create", ...body } as never);
      return next();
    },
  };
}

/** The text of an answer that came to its end. */
export function textOf(events: Json[]): string {
  const end = events.at(-1)!;
  assert.equal(end.type, "response.completed", JSON.stringify(end).slice(0, 400));
  return end.response.output
    .flatMap((it: Json) => it.content ?? [])
    .map((it: Json) => it.text)
    .join("");
}
