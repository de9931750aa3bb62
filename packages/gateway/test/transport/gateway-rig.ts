import { once } from "node:events";
import type { SystemEvent } from "openclaw-protocol";
import { type RawData, WebSocket } from "ws";
import type { Call, Dispatch } from "../../src/api/dispatch.ts";
import type { RawRoute } from "../../src/api/http-call.ts";
import { GatewayError } from "../../src/lib/errors.ts";
import { createIds } from "../../src/lib/ids.ts";
import { Secret } from "../../src/lib/secrets.ts";
import {
  type Credentials,
  createCredentials,
  type GatewaySecrets,
  type NamedToken,
} from "../../src/services/credentials.ts";
import { createTickets, type Tickets } from "../../src/services/tickets.ts";
import type { Limits } from "../../src/transport/limits.ts";
import type { OriginSettings } from "../../src/transport/origin.ts";
import { createTransport, type Transport } from "../../src/transport/server.ts";

export const gatewayToken = "gateway-token-for-tests";

/** What the fake behind the transport was asked. */
export interface Asked {
  method: string;
  params: Record<string, unknown>;
  call: Call;
}

export interface RigOptions {
  answer?: (asked: Asked) => unknown;
  limits?: Partial<Limits>;
  origins?: Partial<OriginSettings>;
  routes?: RawRoute[];
  secrets?: GatewaySecrets;
  /** Named tokens by the sha-256 (hex) of their secret. */
  tokens?: Map<string, NamedToken>;
}

export interface Rig {
  url: string;
  port: number;
  transport: Transport;
  credentials: Credentials;
  tickets: Tickets;
  asked: Asked[];
  /** Everything that was logged, as text. */
  logged: string[];
  requests: { label: string; status: number }[];
  clock: { ms: number; now(): number };
  publish(event: SystemEvent): void;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  socket(
    path?: string,
    options?: { headers?: Record<string, string>; protocols?: string[] },
  ): Promise<TestSocket>;
  close(): Promise<void>;
}

/** A real transport on a free port, with a fake dispatcher behind it. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const asked: Asked[] = [];
  const logged: string[] = [];
  const requests: Rig["requests"] = [];
  const listeners = new Set<(event: SystemEvent) => void>();
  const clock = { ms: Date.now(), now: () => clock.ms };
  const tickets = createTickets({ clock });
  const secrets = options.secrets ?? { mode: "token", token: new Secret(gatewayToken) };
  const tokens = options.tokens ?? new Map<string, NamedToken>();
  const credentials = createCredentials({
    ...secrets,
    tokens: { find: async (hash) => tokens.get(hash) },
    tickets,
    clock,
  });
  const dispatch: Dispatch = async (method, params, call) => {
    const it = { method, params: params as Record<string, unknown>, call }; // the transport sends objects
    asked.push(it);
    return options.answer?.(it) ?? {};
  };
  const log = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const transport = createTransport({
    dispatch,
    credentials,
    limits: {
      bodyBytes: 10 * 1024 * 1024,
      timeoutMs: 0,
      concurrency: 10,
      connections: 10,
      perMinute: 100,
      ...options.limits,
    },
    origins: {
      allowedHosts: [],
      allowedOrigins: [],
      boundAddress: "127.0.0.1",
      hostName: "test-machine",
      ...options.origins,
    },
    routes: options.routes ?? [],
    version: "2026.11.0",
    capabilities: ["chat", "channels", "browser"],
    log: { debug: log, info: log, warn: log, error: log },
    ids: createIds(),
    clock,
    broadcast(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    metrics: {
      requestDone: (label, status) => void requests.push({ label, status }),
      sockets: () => undefined,
    },
  });
  const { port } = await transport.listen(0, "127.0.0.1");
  const url = `http://127.0.0.1:${port}`;
  const authorised = { authorization: `Bearer ${gatewayToken}` };
  return {
    ...{ url, port, transport, credentials, tickets, asked, logged, requests, clock },
    publish: (event) => {
      for (const listener of listeners) listener(event);
    },
    fetch: (path, init = {}) => fetch(url + path, { ...init, headers: { ...authorised, ...init.headers } }),
    socket: (path = "/", how = {}) =>
      openSocket(`ws://127.0.0.1:${port}${path}`, how.headers ?? authorised, how.protocols ?? []),
    async close() {
      credentials.close();
      await transport.close({ graceMs: 0 });
    },
  };
}

/** A WebSocket that keeps what it got until a test asks for it. */
export interface TestSocket {
  ws: WebSocket;
  /** The first message, from now on or from before, that fits; waits for it. */
  next(fits: (message: Message) => boolean): Promise<Message>;
  messages: Message[];
  send(frame: unknown): void;
  request(id: number, method: string, params?: object): Promise<Message>;
  closed: Promise<number>;
}

// biome-ignore lint/suspicious/noExplicitAny: messages are looked into by tests, which fail on what is not there
export type Message = Record<string, any>;

async function openSocket(
  url: string,
  headers: Record<string, string>,
  protocols: string[],
): Promise<TestSocket> {
  const ws = new WebSocket(url, protocols, { headers });
  const messages: Message[] = [];
  const unseen: Message[] = [];
  const closed = new Promise<number>((resolve) => ws.on("close", resolve));
  ws.on("message", (data: RawData) => {
    const message = JSON.parse(data.toString()) as Message; // the gateway sends objects
    messages.push(message);
    unseen.push(message);
    ws.emit("unseen");
  });
  await once(ws, "open"); // rejects with the error of a refused upgrade
  const next: TestSocket["next"] = async (fits) => {
    for (;;) {
      const at = unseen.findIndex(fits);
      if (at >= 0) return unseen.splice(at, 1)[0]!;
      await once(ws, "unseen", { signal: AbortSignal.timeout(5000) });
    }
  };
  return {
    ...{ ws, messages, next, closed },
    send: (frame) => ws.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    request(id, method, params) {
      ws.send(JSON.stringify({ id, method, params }));
      return next((message) => message.id === id);
    },
  };
}

/** Waits until the condition holds; fails after 5 s. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The error that a dispatcher of a test may throw. */
export function refused(code: GatewayError["code"], message: string): GatewayError {
  return new GatewayError(code, message);
}
