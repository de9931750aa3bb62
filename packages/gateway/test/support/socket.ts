import { once } from "node:events";
import { type RawData, WebSocket } from "ws";

// biome-ignore lint/suspicious/noExplicitAny: messages are looked into by tests, which fail on what is not there
export type Json = Record<string, any>;

const patienceMs = 15_000;

/** A WebSocket that keeps everything that it got. */
export interface TestSocket {
  readonly ws: WebSocket;
  /** All messages so far, in order. */
  readonly messages: Json[];
  /** The first message, past or to come, that fits. */
  find(fits: (message: Json) => boolean, what?: string): Promise<Json>;
  /** Sends a request with an id of its own and waits for its reply. */
  call(method: string, params?: unknown): Promise<Json>;
  send(frame: unknown): void;
  /** The run's events so far, in order. */
  events(runId: string): Json[];
  /** Waits for the run's end, and gives all its events. */
  end(runId: string): Promise<Json[]>;
  /** The close code. */
  readonly closed: Promise<number>;
  close(): void;
}

const ends = new Set(["chat.done", "chat.error", "chat.aborted"]);

/** Opens a WebSocket; rejects with `Unexpected server response: <status>` where it is refused. */
export async function openSocket(
  url: string,
  headers: Record<string, string>,
  protocols: string[],
): Promise<TestSocket> {
  const ws = new WebSocket(url, protocols, { headers });
  const messages: Json[] = [];
  let count = 0;
  ws.setMaxListeners(0); // a test may wait for many things at once
  const closed = new Promise<number>((resolve) => ws.on("close", resolve));
  ws.on("message", (data: RawData) => {
    messages.push(JSON.parse(data.toString())); // text frames come as one Buffer
    ws.emit("kept");
  });
  await once(ws, "open");
  ws.on("error", () => {}); // the close code tells

  const find: TestSocket["find"] = async (fits, what = "message") => {
    const signal = AbortSignal.timeout(patienceMs);
    for (let from = 0; ; ) {
      for (; from < messages.length; from++) if (fits(messages[from]!)) return messages[from]!;
      await once(ws, "kept", { signal }).catch(() => {
        throw new Error(`waited in vain for: ${what}; got ${JSON.stringify(messages).slice(-2000)}`);
      });
    }
  };

  return {
    ws,
    messages,
    find,
    closed,
    send: (frame) => ws.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    call(method, params) {
      count += 1;
      const id = `call-${count}`;
      ws.send(JSON.stringify({ id, method, ...(params !== undefined && { params }) }));
      return find((it) => it.id === id, `the reply to ${method}`);
    },
    events: (runId) => messages.filter((it) => it.data?.runId === runId),
    async end(runId) {
      await find((it) => it.data?.runId === runId && ends.has(it.type), `the end of ${runId}`);
      return messages.filter((it) => it.data?.runId === runId);
    },
    close: () => ws.close(),
  };
}
