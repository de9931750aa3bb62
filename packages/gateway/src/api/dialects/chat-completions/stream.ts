import { toGatewayError } from "../../../lib/errors.ts";
import type { HttpCall, HttpStream } from "../../http-call.ts";

/** A stream of chunks that opens with the first one: what fails before is a plain error answer. */
export interface ChunkStream {
  /** Sends the chunks that came together as one write. Waits when the reader is behind. */
  send(chunks: readonly unknown[]): Promise<void> | undefined;
  /** Ends with `[DONE]`. */
  done(): void;
  /** Ends with the error, in whichever way is left. */
  fail(thrown: unknown): void;
}

export function createChunkStream(http: HttpCall, signal: AbortSignal): ChunkStream {
  let stream: HttpStream | undefined;
  const open = () => (stream ??= http.openStream({ contentType: "text/event-stream; charset=utf-8" }));
  return {
    send(chunks) {
      let text = "";
      for (const chunk of chunks) text += `data: ${JSON.stringify(chunk)}\n\n`;
      if (text === "" || open().write(text)) return undefined;
      return open().drained({ signal });
    },
    done() {
      open().end("data: [DONE]\n\n");
    },
    fail(thrown) {
      const error = toGatewayError(thrown);
      if (!stream) http.sendError(error);
      else stream.end(`data: ${JSON.stringify({ error: error.toDetail(http.call.requestId) })}\n\n`);
    },
  };
}
