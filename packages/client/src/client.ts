import { Chat, type ChatInput } from "./chat.ts";
import type { Methods, RunAnswer, StreamEvent } from "./contract.gen.ts";
import { createGroups, type Groups } from "./groups.ts";
import { type CallOptions, createHttp, type Http } from "./http.ts";
import { type HttpMethod, requestOf } from "./request.ts";
import { streamRun } from "./run-stream.ts";
import type { WebSocketConstructor } from "./socket.ts";

export interface ClientOptions {
  /** Where the gateway is; unless told, where the page came from, or `http://127.0.0.1:18789`. */
  baseUrl?: string | undefined;
  /** The gateway's token or a named API token. */
  token?: string | undefined;
  /** The gateway's password. */
  password?: string | undefined;
  /** Headers to send with every HTTP request. */
  headers?: Record<string, string> | undefined;
  /** Most time that a call may take, ms; 60 s unless told. Runs are limited by the gateway. */
  timeoutMs?: number | undefined;
  fetch?: typeof fetch | undefined;
  /** For `chat` where there is no global one (Node 20): the `ws` package's will do. */
  WebSocket?: WebSocketConstructor | undefined;
  /** Wait before the nth attempt (0, 1, 2 …) to reconnect, ms. */
  reconnectDelay?: ((attempt: number) => number) | undefined;
  /** A WebSocket on which nothing is heard for so long is given up, ms; three heartbeats unless told. */
  silenceMs?: number | undefined;
}

export interface RunCallOptions extends CallOptions {
  /** Made up unless told. The same key and body within 24 h mean the same run. */
  idempotencyKey?: string | undefined;
}

type Params<M extends keyof Methods> = Methods[M]["params"];
type Result<M extends keyof Methods> = Promise<Methods[M]["result"]>;

/** A client of the OpenClaw gateway. HTTP for calls, `chat` for a WebSocket that survives reconnects. */
export class OpenClawClient {
  /** Runs, sessions and events over one WebSocket. Connects on first use. */
  readonly chat: Chat;
  readonly agents: Groups["agents"];
  readonly sessions: Groups["sessions"];
  readonly channels: Groups["channels"];
  readonly pairings: Groups["pairings"];
  readonly browser: Groups["browser"];
  readonly media: Groups["media"];
  readonly models: Groups["models"];
  readonly tokens: Groups["tokens"];
  readonly tickets: Groups["tickets"];
  readonly approvals: Groups["approvals"];
  readonly cron: Groups["cron"];
  readonly #http: Http;
  readonly #timeoutMs: number;

  constructor(options: ClientOptions = {}) {
    const page = (globalThis as { location?: { origin?: string } }).location?.origin; // only browsers have it
    const baseUrl = (options.baseUrl ?? page ?? "http://127.0.0.1:18789").replace(/\/+$/, "");
    this.#timeoutMs = options.timeoutMs ?? 60_000;
    this.#http = createHttp({
      baseUrl,
      headers: {
        ...options.headers,
        ...(options.password && { "x-openclaw-password": options.password }),
        ...(options.token && { authorization: `Bearer ${options.token}` }),
      },
      fetch: options.fetch ?? ((...args) => globalThis.fetch(...args)),
    });
    this.chat = new Chat(
      {
        url: `${baseUrl.replace(/^http/, "ws")}/`,
        WebSocket: options.WebSocket ?? globalThis.WebSocket,
        ticket: async (signal) => (await this.tickets.create({ signal })).ticket,
        reconnectDelay: options.reconnectDelay ?? backoff,
        silenceMs: options.silenceMs ?? 45_000,
      },
      { timeoutMs: this.#timeoutMs },
    );
    const groups = createGroups((...args) => this.call(...args));
    this.agents = groups.agents;
    this.sessions = groups.sessions;
    this.channels = groups.channels;
    this.pairings = groups.pairings;
    this.browser = groups.browser;
    this.media = groups.media;
    this.models = groups.models;
    this.tokens = groups.tokens;
    this.tickets = groups.tickets;
    this.approvals = groups.approvals;
    this.cron = groups.cron;
  }

  /** Calls any method over HTTP. `agent.run` and `chat.run` always carry an idempotency key. */
  call<M extends HttpMethod>(method: M, params: Params<M>, options: RunCallOptions = {}): Result<M> {
    const timeoutMs = options.timeoutMs ?? (method === "agent.run" ? 0 : this.#timeoutMs);
    const request = requestOf(method, params, options.idempotencyKey);
    return this.#http.json(request, { ...options, timeoutMs }) as Result<M>; // as the contract says
  }

  status(options?: CallOptions): Result<"system.status"> {
    return this.call("system.status", {}, options);
  }

  health(options?: CallOptions): Result<"system.health"> {
    return this.call("system.health", {}, options);
  }

  readonly agent = {
    /** Runs the agent and waits for its answer. */
    run: (params: ChatInput, options?: RunCallOptions): Promise<RunAnswer> =>
      this.call("agent.run", params, options),
    /**
     * Runs the agent and yields its events; a broken connection is taken up where it broke. Ends after `done` or
     * `aborted`, throws the typed error of an `error` event. Aborting the signal stops the watching, not the run.
     */
    stream: (
      params: ChatInput,
      options: Omit<RunCallOptions, "timeoutMs"> = {},
    ): AsyncGenerator<StreamEvent, void, undefined> => {
      const request = requestOf("agent.run", params, options.idempotencyKey);
      return streamRun(this.#http, { ...request, path: `${request.path}/stream` }, options.signal);
    },
  };

  readonly runs = {
    /** Starts a run and returns at once. */
    start: (params: ChatInput, options?: RunCallOptions) => this.call("chat.run", params, options),
    get: (runId: string, options?: CallOptions) => this.call("run.get", { runId }, options),
    abort: (runId: string, options?: CallOptions) => this.call("chat.abort", { runId }, options),
    /** Replays what came after `afterSeq` (0 unless told) and follows the run to its end. */
    events: (runId: string, { afterSeq = 0, signal }: { afterSeq?: number; signal?: AbortSignal } = {}) =>
      streamRun(this.#http, { runId, seq: afterSeq }, signal),
  };
}

/** The first attempt almost at once, then 1 s doubling to 30 s, each somewhere in its upper half. */
function backoff(attempt: number): number {
  return attempt === 0
    ? 200 * Math.random()
    : Math.min(30_000, 1000 * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}
