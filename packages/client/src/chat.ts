import type { Methods, RunAccepted, RunAnswer, RunEvent, SystemEvent } from "./contract.gen.ts";
import type { CallOptions } from "./http.ts";
import { RunWatches } from "./run-watches.ts";
import { type ConnectionState, Socket, type SocketSettings } from "./socket.ts";
import { randomKey } from "./waiting.ts";

/** What a client says to an agent. */
export type ChatInput = Omit<Methods["chat.run"]["params"], "stream">;

/** A run in flight: iterate it for its events, await `done` for its answer, or both. */
export interface ChatRun extends AsyncIterable<RunEvent> {
  readonly runId: string;
  readonly sessionKey: string;
  /** How it was taken in; `merged`: the message joined a run that was already there. */
  readonly status: RunAccepted["status"];
  /** The answer, also that of an aborted run (`finishReason: "aborted"`); a failed run rejects with its typed error. */
  readonly done: Promise<RunAnswer>;
  /** Ends the run itself; false when it had ended otherwise before. */
  abort(options?: CallOptions): Promise<boolean>;
}

/** Events of a run, or of a session's current and later runs. */
export interface ChatSubscription extends AsyncIterable<RunEvent> {
  readonly runId: string | null;
  readonly sessionKey: string;
  /** Stops watching; runs go on. */
  close(): void;
}

type EventMap = { [E in RunEvent | SystemEvent as E["type"]]: E["data"] } & {
  /** The connection's own state; `error` is there when it is closed and not tried again. */
  connection: { state: ConnectionState; error?: unknown };
};
export type ChatEventName = keyof EventMap;
export type ChatEventData<T extends ChatEventName> = EventMap[T];

type Params<M extends keyof Methods> = Methods[M]["params"];

/**
 * The gateway over one WebSocket: connects on first use, reconnects by itself and then resumes every run that
 * is being watched. Call `close()` when it is no longer needed: an open connection keeps Node running.
 */
export class Chat {
  readonly #socket: Socket;
  readonly #watches: RunWatches;
  readonly #listeners = new Map<string, Set<(data: never) => void>>();
  readonly #timeoutMs: number;

  constructor(
    settings: Omit<SocketSettings, "onEvent" | "onOpen" | "onState">,
    options: { timeoutMs: number },
  ) {
    this.#timeoutMs = options.timeoutMs;
    this.#socket = new Socket({
      ...settings,
      onOpen: () => this.#watches.resume(),
      onEvent: (event) => {
        if ("seq" in event.data && !this.#watches.deliver(event as RunEvent)) return; // only run events have a seq
        this.#emit(event.type, event.data);
      },
      onState: (state, error) => {
        if (state === "closed") this.#watches.fail(error);
        this.#emit("connection", error === undefined ? { state } : { state, error });
      },
    });
    this.#watches = new RunWatches({
      call: (method, params, how) =>
        this.#socket.call(method, params, { timeoutMs: this.#timeoutMs, ...how }),
      restart: () => this.#socket.restart(),
    });
  }

  /**
   * Starts a run and resolves as soon as it is taken in. It always carries an idempotency key, so that a reply
   * lost in a reconnect neither loses nor doubles the message. Aborting the signal stops the watching, not the run.
   */
  async run(params: ChatInput, options: CallOptions = {}): Promise<ChatRun> {
    const { signal, timeoutMs = this.#timeoutMs } = options;
    let run: ChatRun | undefined;
    await this.#socket.call("chat.run", withKey(params), {
      signal,
      timeoutMs,
      repeatable: true,
      onReply: (accepted: RunAccepted, sentAgain) => {
        const watch = this.#watches.start(accepted, signal);
        // A reply that was lost took the first events along.
        if (sentAgain) void this.#watches.catchUp(accepted.runId);
        run = {
          ...accepted,
          done: watch.done,
          abort: async (how) => (await this.call("chat.abort", { runId: accepted.runId }, how)).aborted,
          [Symbol.asyncIterator]: () => watch.events[Symbol.asyncIterator](),
        };
      },
    });
    return run!; // made before the call resolved
  }

  /**
   * Follows a run, or a session's current and later runs, missed events first (`afterSeq`: 0 unless told). A run
   * that this client follows already is joined where it is.
   */
  async subscribe(params: Params<"chat.subscribe">, options: CallOptions = {}): Promise<ChatSubscription> {
    const { runId, watch } = await this.#watches.subscribe(params, options);
    return {
      runId,
      sessionKey: watch.sessionKey,
      close: () => this.#watches.close(watch),
      [Symbol.asyncIterator]: () => watch.events[Symbol.asyncIterator](),
    };
  }

  /** Calls any method over the socket. */
  call<M extends keyof Methods>(
    method: M,
    params: Params<M>,
    options: CallOptions = {},
  ): Promise<Methods[M]["result"]> {
    const runs = method === "agent.run" || method === "chat.run";
    const sent = runs ? withKey(params) : params;
    return this.#socket.call(method, sent, {
      // The gateway itself limits how long a run takes.
      timeoutMs: method === "agent.run" ? 0 : this.#timeoutMs,
      ...options,
      repeatable: "idempotencyKey" in sent || /^(chat|run|system|model)\.|\.(get|list|status)$/.test(method),
    }) as Promise<Methods[M]["result"]>; // as the contract says
  }

  /** Listens; returns the function that stops it. Connects, unless it is only the connection that is listened to. */
  on<T extends ChatEventName>(type: T, listener: (data: ChatEventData<T>) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    listeners.add(listener as (data: never) => void); // only called with data of its own type
    if (type !== "connection") this.#socket.connect();
    return () => void listeners.delete(listener as (data: never) => void); // as above
  }

  /** Closes the connection; what still waits fails with a `ConnectionError`. The next use connects again. */
  close(): void {
    this.#socket.close();
  }

  #emit(type: string, data: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      try {
        listener(data as never); // see on()
      } catch (error) {
        // A listener's mistake is its owner's, and no reason to lose the connection.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}

function withKey<P extends object>(params: P): P & { idempotencyKey: string } {
  return { idempotencyKey: randomKey(), ...params } as P & { idempotencyKey: string }; // the caller's own key wins
}
