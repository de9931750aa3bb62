import assert from "node:assert/strict";
import type OpenAI from "openai";
import { until } from "../support/until.ts";

type Response = OpenAI.Responses.Response;
type Event = OpenAI.Responses.ResponseStreamEvent;

/** The response, once nothing more can become of it. */
export async function ended(id: string, sdk: OpenAI): Promise<Response> {
  let last: Response | undefined;
  await until(async () => {
    last = await sdk.responses.retrieve(id);
    return last.status !== "queued" && last.status !== "in_progress";
  }, `the end of ${id}`);
  return last!;
}

/** Everything that comes. */
export async function all(stream: AsyncIterable<Event>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** The id of a response that has just begun, and a promise of the rest of its events. */
export async function begun(stream: AsyncIterable<Event>): Promise<[string, Promise<Event[]>]> {
  const iterator = stream[Symbol.asyncIterator]();
  const { value: first } = (await iterator.next()) as { value: Event };
  assert.ok(first.type === "response.created");
  const rest = all({ [Symbol.asyncIterator]: () => iterator });
  rest.catch(() => {}); // looked at later, or never
  return [first.response.id, rest];
}
