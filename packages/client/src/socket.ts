import type { ErrorDetail, RunEvent, SystemEvent } from "./contract.gen.ts";
import { ConnectionError, OpenClawError, TimeoutError } from "./errors.ts";
import type { CallOptions } from "./http.ts";
import { sleep } from "./waiting.ts";

/** As much of the WebSocket interface as is used; browsers, Node ≥ 22 and the `ws` package have it. */
export interface WebSocketLike {
  send(data: string): void;
  close(code?: number): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number }) => void): void;
}
export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

export type ConnectionState = "connecting" | "open" | "closed";

export interface SocketSettings {
  url: string;
  WebSocket: WebSocketConstructor | undefined;
  /** A fresh ticket; the socket's only credential. */
  ticket(signal: AbortSignal): Promise<string>;
  /** Wait before the nth attempt after a loss (0, 1, 2 …), ms. */
  reconnectDelay(attempt: number): number;
  /** A connection on which nothing is heard for so long is given up, ms. */
  silenceMs: number;
  onEvent(event: RunEvent | SystemEvent): void;
  /** A connection is there: send what resumes the last one. */
  onOpen(): void;
  /** `error` is why the connection is closed and not tried again. */
  onState(state: ConnectionState, error?: unknown): void;
}

export interface SocketCallOptions extends CallOptions {
  /** Whether the call may be sent again when its reply was lost. */
  repeatable?: boolean;
  /** Runs before any event that came after the reply is delivered. */
  onReply?(result: never, sentAgain: boolean): void;
}

interface PendingCall {
  frame: string;
  repeatable: boolean;
  sent: number;
  settle(reply: { result?: unknown; error?: ErrorDetail }): void;
  fail(error: unknown): void;
}

const mostCalls = 1000;
/** A connection that lived so long was a good one: after it the waits start over. */
const goodMs = 5000;

/** One WebSocket that outlives its connections: calls wait for the next one, and lost replies are asked for again. */
export class Socket {
  readonly #settings: SocketSettings;
  readonly #calls = new Map<number, PendingCall>();
  #lastId = 0;
  #connection: WebSocketLike | undefined;
  #lifetime: AbortController | undefined;

  constructor(settings: SocketSettings) {
    this.#settings = settings;
  }

  /** Connects unless that is done or under way. */
  connect(): void {
    if (this.#lifetime) return;
    const lifetime = new AbortController();
    this.#lifetime = lifetime;
    this.#stayConnected(lifetime.signal).catch((error: unknown) => this.#giveUp(lifetime, error));
  }

  /** Ends the connection and everything that waits for it. The next call connects anew. */
  close(reason: unknown = new ConnectionError("The connection was closed by this client.")): void {
    if (this.#lifetime) this.#giveUp(this.#lifetime, reason);
  }

  /** Drops the connection for a new one. */
  restart(): void {
    this.#connection?.close(4000);
  }

  /** Calls a method; connects if need be. */
  call(method: string, params: object, options: SocketCallOptions = {}): Promise<unknown> {
    const { signal, timeoutMs = 0, onReply, repeatable = false } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#calls.size >= mostCalls)
        return reject(new Error(`${mostCalls} calls already wait for a reply.`));
      const id = ++this.#lastId;
      const over = () => {
        this.#calls.delete(id);
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      const call: PendingCall = {
        frame: JSON.stringify({ id, method, params }),
        repeatable,
        sent: 0,
        settle: ({ result, error }) => {
          over();
          if (error) return reject(new OpenClawError(error));
          onReply?.(result as never, call.sent > 1); // as the caller declared it
          resolve(result);
        },
        fail: (error) => {
          over();
          reject(error);
        },
      };
      const abort = () => call.fail(signal?.reason);
      const late = () => call.fail(new TimeoutError(`No reply to ${method} within ${timeoutMs} ms.`));
      const timer = timeoutMs > 0 ? setTimeout(late, timeoutMs) : undefined;
      signal?.addEventListener("abort", abort);
      this.#calls.set(id, call);
      if (this.#connection) this.#send(call);
      else this.connect();
    });
  }

  #send(call: PendingCall): void {
    call.sent++;
    this.#connection?.send(call.frame);
  }

  async #stayConnected(signal: AbortSignal): Promise<void> {
    const { onState, reconnectDelay } = this.#settings;
    let everOpen = false;
    for (let attempt = 0; ; ) {
      onState("connecting");
      let openedAt: number | undefined;
      let told = 0;
      try {
        await this.#oneConnection(signal, () => {
          openedAt = Date.now();
          everOpen = true;
        });
      } catch (error) {
        signal.throwIfAborted();
        if (!everOpen || isFinal(error)) throw error;
        if (error instanceof OpenClawError) told = error.retryAfterMs ?? 0;
      }
      signal.throwIfAborted();
      if (openedAt !== undefined && Date.now() - openedAt > goodMs) attempt = 0;
      this.#forgetReplies();
      await sleep(Math.max(told, reconnectDelay(attempt++)), signal);
    }
  }

  /** Opens a connection and resolves when it is lost; rejects when none came about or the gateway refused. */
  async #oneConnection(signal: AbortSignal, opened: () => void): Promise<void> {
    const { ticket, WebSocket, url, silenceMs, onOpen, onState } = this.#settings;
    if (!WebSocket) {
      throw new Error(
        "There is no WebSocket here. Pass one as the WebSocket option (Node 20: the ws package's).",
      );
    }
    const protocols = ["openclaw", `openclaw.ticket.${await ticket(signal)}`];
    signal.throwIfAborted();
    const connection = new WebSocket(url, protocols);
    let heard = Date.now();
    let open = false;
    await new Promise<void>((resolve, reject) => {
      const end = (error?: unknown) => {
        clearInterval(watch);
        signal.removeEventListener("abort", leave);
        if (this.#connection === connection) this.#connection = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      const leave = () => {
        end(signal.reason);
        connection.close(1000);
      };
      const watch = setInterval(() => {
        if (Date.now() - heard <= silenceMs) return;
        end(new ConnectionError("The gateway fell silent."));
        connection.close();
      }, silenceMs / 3);
      signal.addEventListener("abort", leave);
      // What an error is about is told by the close that follows it.
      connection.addEventListener("error", () => {});
      connection.addEventListener("open", () => {
        if (signal.aborted) return;
        this.#connection = connection;
        open = true;
        opened();
        onState("open");
        const waiting = [...this.#calls.values()];
        onOpen();
        for (const call of waiting) this.#send(call);
      });
      connection.addEventListener("message", ({ data }) => {
        if (this.#connection !== connection) return;
        heard = Date.now();
        this.#receive(String(data));
      });
      connection.addEventListener("close", ({ code }) => {
        if (code === 1008) return end(revoked());
        end(open ? undefined : new ConnectionError(`No WebSocket at ${url}. Check that the gateway runs.`));
      });
    });
  }

  #receive(text: string): void {
    let frame: { id?: unknown; type?: unknown };
    try {
      frame = JSON.parse(text);
    } catch {
      return; // not from a gateway; nothing waits for it
    }
    if (typeof frame.type === "string")
      this.#settings.onEvent(frame as RunEvent | SystemEvent); // as the contract says
    else if (typeof frame.id === "number") this.#calls.get(frame.id)?.settle(frame as { result?: unknown });
  }

  /** Calls whose reply was lost fail, unless they may be sent again. */
  #forgetReplies(): void {
    for (const call of [...this.#calls.values()]) {
      if (call.sent === 0 || call.repeatable) continue;
      call.fail(
        new ConnectionError(
          "The connection broke before the reply: whether the call was carried out is unknown.",
        ),
      );
    }
  }

  #giveUp(lifetime: AbortController, error: unknown): void {
    if (this.#lifetime !== lifetime) return;
    this.#lifetime = undefined;
    lifetime.abort(error);
    for (const call of [...this.#calls.values()]) call.fail(error);
    this.#settings.onState("closed", error);
  }
}

function isFinal(error: unknown): boolean {
  return (
    !(error instanceof ConnectionError) &&
    !(error instanceof OpenClawError && (error.status === 429 || error.status >= 500))
  );
}

function revoked(): OpenClawError {
  return new OpenClawError({
    code: "unauthorized",
    type: "client_error",
    message: "The credential was revoked or rotated. Use a new one.",
  });
}
