import { Chat, type ChatInput } from "./chat.ts";
import type { Methods, RunAnswer, Session, StreamEvent } from "./contract.gen.ts";
import { type CallOptions, createHttp, type Http, type HttpRequest } from "./http.ts";
import { routes } from "./routes.gen.ts";
import { streamRun } from "./run-stream.ts";
import type { WebSocketConstructor } from "./socket.ts";
import { randomKey } from "./waiting.ts";

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

/** What can be called over HTTP; following runs is `agent.stream`, `runs.events` and `chat`. */
export type HttpMethod = Exclude<keyof Methods, "chat.subscribe" | "chat.unsubscribe">;
type Params<M extends keyof Methods> = Methods[M]["params"];
type Result<M extends keyof Methods> = Promise<Methods[M]["result"]>;
type Rest<M extends keyof Methods, K extends string> = Omit<Params<M>, K>;

/** A client of the OpenClaw gateway. HTTP for calls, `chat` for a WebSocket that survives reconnects. */
export class OpenClawClient {
  /** Runs, sessions and events over one WebSocket. Connects on first use. */
  readonly chat: Chat;
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
        ticket: async (signal) => (await this.call("ticket.create", {}, { signal })).ticket,
        reconnectDelay: options.reconnectDelay ?? backoff,
        silenceMs: options.silenceMs ?? 45_000,
      },
      { timeoutMs: this.#timeoutMs },
    );
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

  readonly sessions = {
    list: (params: Params<"session.list"> = {}, options?: CallOptions) =>
      this.call("session.list", params, options),
    /** All sessions, page after page. */
    iterate: (params: Params<"session.list"> = {}, options?: CallOptions) =>
      this.#everySession(params, options),
    get: (sessionKey: string, params: Rest<"session.get", "sessionKey"> = {}, options?: CallOptions) =>
      this.call("session.get", { ...params, sessionKey }, options),
    update: (sessionKey: string, changes: Rest<"session.update", "sessionKey">, options?: CallOptions) =>
      this.call("session.update", { ...changes, sessionKey }, options),
    delete: (sessionKey: string, options?: CallOptions) =>
      this.call("session.delete", { sessionKey }, options),
    reset: (sessionKey: string, options?: CallOptions) => this.call("session.reset", { sessionKey }, options),
    compact: (sessionKey: string, options?: CallOptions) =>
      this.call("session.compact", { sessionKey }, options),
    fork: (sessionKey: string, params: Rest<"session.fork", "sessionKey"> = {}, options?: CallOptions) =>
      this.call("session.fork", { ...params, sessionKey }, options),
    export: (sessionKey: string, params: Rest<"session.export", "sessionKey"> = {}, options?: CallOptions) =>
      this.call("session.export", { ...params, sessionKey }, options),
  };

  readonly channels = {
    list: (options?: CallOptions) => this.call("channel.list", {}, options),
    status: (channelId: string, options?: CallOptions) => this.call("channel.status", { channelId }, options),
    enable: (channelId: string, options?: CallOptions) => this.call("channel.enable", { channelId }, options),
    disable: (channelId: string, options?: CallOptions) =>
      this.call("channel.disable", { channelId }, options),
    login: (channelId: string, options?: CallOptions) => this.call("channel.login", { channelId }, options),
    logout: (channelId: string, options?: CallOptions) => this.call("channel.logout", { channelId }, options),
    send: (channelId: string, message: Rest<"channel.send", "channelId">, options?: CallOptions) =>
      this.call("channel.send", { ...message, channelId }, options),
  };

  readonly browser = {
    status: (options?: CallOptions) => this.call("browser.status", {}, options),
    navigate: (params: Params<"browser.navigate">, options?: CallOptions) =>
      this.call("browser.navigate", params, options),
    screenshot: (params: Params<"browser.screenshot"> = {}, options?: CallOptions) =>
      this.call("browser.screenshot", params, options),
  };

  readonly models = {
    list: (options?: CallOptions) => this.call("model.list", {}, options),
    get: (id: string, options?: CallOptions) => this.call("model.get", { id }, options),
  };

  readonly tokens = {
    list: (options?: CallOptions) => this.call("token.list", {}, options),
    create: (params: Params<"token.create">, options?: CallOptions) =>
      this.call("token.create", params, options),
    revoke: (tokenId: string, options?: CallOptions) => this.call("token.revoke", { tokenId }, options),
    rotate: (tokenId: string, options?: CallOptions) => this.call("token.rotate", { tokenId }, options),
  };

  readonly approvals = {
    list: (options?: CallOptions) => this.call("approval.list", {}, options),
    resolve: (approvalId: string, decision: Params<"approval.resolve">["decision"], options?: CallOptions) =>
      this.call("approval.resolve", { approvalId, decision }, options),
    log: (params: Params<"approval.log"> = {}, options?: CallOptions) =>
      this.call("approval.log", params, options),
    allowlist: (options?: CallOptions) => this.call("approval.allowlist", {}, options),
    forget: (entryId: string, options?: CallOptions) => this.call("approval.forget", { entryId }, options),
  };

  async *#everySession(
    params: Params<"session.list">,
    options: CallOptions | undefined,
  ): AsyncGenerator<Session, void, undefined> {
    let cursor = params.cursor;
    do {
      const page = await this.call("session.list", { ...params, ...(cursor && { cursor }) }, options);
      yield* page.sessions;
      cursor = page.nextCursor;
    } while (cursor);
  }
}

/** The HTTP request of a method: path parameters in the path, the others in the query or the body. */
function requestOf(method: HttpMethod, params: object, key: string | undefined): HttpRequest {
  const [verb = "", template = ""] = routes[method].split(" ");
  const rest: Record<string, unknown> = { ...params };
  let path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest[name]);
    // A URL would swallow these as steps of the path.
    if (value === "." || value === "..")
      throw new RangeError(`${name} "${value}" works over client.chat.call only.`);
    delete rest[name];
    return encodeURIComponent(value);
  });
  if (verb === "GET" || verb === "DELETE") {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(rest)) if (value !== undefined) query.set(name, String(value));
    if (`${query}`) path += `?${query}`;
    return { verb, path, repeatable: true };
  }
  const runs = method === "agent.run" || method === "chat.run";
  // How the answer comes is decided by what was called.
  if (runs) delete rest.stream;
  const idempotencyKey =
    key ?? (rest.idempotencyKey as string | undefined) ?? (runs ? randomKey() : undefined); // typed in Methods
  return {
    verb,
    path,
    body: rest,
    headers: idempotencyKey === undefined ? undefined : { "idempotency-key": idempotencyKey },
    repeatable: idempotencyKey !== undefined,
  };
}

/** The first attempt almost at once, then 1 s doubling to 30 s, each somewhere in its upper half. */
function backoff(attempt: number): number {
  return attempt === 0
    ? 200 * Math.random()
    : Math.min(30_000, 1000 * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}
