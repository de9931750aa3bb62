import type { Json } from "./socket.ts";

export interface SseEvent {
  event: string;
  id: string | undefined;
  data: Json;
}

/** The events of a server-sent stream, read by hand so that its very bytes are tested: LF, one block per event. */
export async function* sseEvents(response: Response): AsyncGenerator<SseEvent, void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
      const block = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (!block.startsWith(":")) yield parse(block);
    }
  }
  if (rest !== "") throw new Error(`the stream ended within an event: ${rest}`);
}

export async function allEvents(response: Response): Promise<SseEvent[]> {
  const events: SseEvent[] = [];
  for await (const event of sseEvents(response)) events.push(event);
  return events;
}

function parse(block: string): SseEvent {
  if (block.includes("\r")) throw new Error(`a carriage return in ${JSON.stringify(block)}`);
  const fields = new Map(
    block.split("\n").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
    }),
  );
  return {
    event: fields.get("event") ?? "message",
    id: fields.get("id"),
    data: JSON.parse(fields.get("data") ?? "null"),
  };
}
