import { connect } from "node:net";

/** Bytes that came in one read, at `performance.now()` time. */
interface Read {
  readonly at: number;
  /** How many deltas of the model were in them. */
  readonly deltas: number;
}

export interface Answer {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly status: number;
  readonly body: string;
  /** Every read that brought deltas. */
  readonly reads: readonly Read[];
}

/** A kept connection that has one request under way at a time. */
export interface Connection {
  /** Sends a whole request and resolves with its whole answer. Rejects when the connection breaks. */
  send(request: string): Promise<Answer>;
  close(): void;
}

/** How every delta of `fake-model.ts` begins, in the provider's stream as in ours. */
const deltaMark = '"content":"word ';

/** An answer that is not there by then will never come. */
const patienceMs = 30_000;

/**
 * HTTP by hand: what is measured is which bytes come together and when, which a client library would hide.
 * Answers have a Content-Length or end with an empty chunk.
 */
export async function openConnection(port: number): Promise<Connection> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  socket.setEncoding("latin1");
  let pending: { onRead(text: string): void; fail(error: Error): void } | undefined;
  const broken = () => pending?.fail(new Error("The connection closed before its answer was whole."));
  socket.setTimeout(patienceMs, () => {
    if (pending) socket.destroy();
  });
  socket.on("data", (text: string) => pending?.onRead(text));
  socket.on("error", broken).on("close", broken);

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) throw new Error("The connection closed while it was idle.");
        const startedAt = performance.now();
        const reads: Read[] = [];
        let text = "";
        let deltas = 0;
        pending = {
          onRead(more) {
            const at = performance.now();
            text += more;
            const counted = text.split(deltaMark).length - 1;
            if (counted > deltas) reads.push({ at, deltas: counted - deltas });
            deltas = counted;
            const whole = wholeAnswer(text);
            if (whole === undefined) return;
            pending = undefined;
            resolve({ startedAt, endedAt: at, reads, ...whole });
          },
          fail: reject,
        };
        socket.write(request);
      }),
    close() {
      socket.destroy();
    },
  };
}

/** Status and body, once everything is there. */
function wholeAnswer(text: string): { status: number; body: string } | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const body = text.slice(headEnd + 4);
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, headEnd))?.[1];
  const isWhole = length === undefined ? body.endsWith("0\r\n\r\n") : body.length >= Number(length);
  return isWhole ? { status: Number(text.slice(9, 12)), body } : undefined;
}
