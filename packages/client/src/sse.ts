import { ConnectionError } from "./errors.ts";

export interface ServerSentEvent {
  id: string;
  event: string;
  data: string;
}

/** Most characters of one event: a gateway's frames are far smaller. */
const largestEvent = 32 * 1024 * 1024;

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) from a body. A body that is silent for `silenceMs` (comments
 * count as sound) ends as if it were cut. Leaving the loop closes the connection.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  silenceMs: number,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let heard = Date.now();
  const watch = setInterval(() => {
    if (Date.now() - heard > silenceMs) void reader.cancel().catch(() => {});
  }, silenceMs / 3);
  let line = "";
  let size = 0;
  let afterReturn = false;
  let id = "";
  let event = "";
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard = Date.now();
      let text = decoder.decode(value, { stream: true });
      if (text === "") continue;
      // A line end of two characters may come in two chunks.
      if (afterReturn && text.startsWith("\n")) text = text.slice(1);
      afterReturn = text.endsWith("\r");
      size += text.length;
      if (size > largestEvent)
        throw new ConnectionError("The gateway sent an event that is too large to read.");
      const lines = text.split(/\r\n|\n|\r/);
      line += lines[0];
      for (let i = 1; i < lines.length; i++) {
        if (line === "") {
          if (data.length > 0) yield { id, event: event || "message", data: data.join("\n") };
          event = "";
          data = [];
          size = text.length;
        } else {
          const colon = line.indexOf(":");
          const name = colon < 0 ? line : line.slice(0, colon);
          const field = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
          if (name === "data") data.push(field);
          else if (name === "event") event = field;
          else if (name === "id") id = field;
        }
        line = lines[i]!;
      }
    }
  } finally {
    clearInterval(watch);
    await reader.cancel().catch(() => {});
  }
}
