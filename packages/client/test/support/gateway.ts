import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** A request as it arrived, its body read whole. */
export interface Arrived {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface Frame {
  id: number;
  method: string;
  params: Record<string, unknown>;
}

export interface Script {
  http?(request: Arrived, response: ServerResponse): void | Promise<void>;
  /** `nth` counts the connections from 1. */
  open?(socket: WebSocket, nth: number): void;
  frame?(frame: Frame, socket: WebSocket, nth: number): void;
}

/** A scripted gateway on a port of its own: tickets and upgrades are served, all else is the script's. */
export async function startGateway(script: Script) {
  const requests: Arrived[] = [];
  const frames: Frame[] = [];
  const tickets = new Set<string>();
  let connections = 0;
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const arrived = { method: request.method!, url: request.url!, headers: request.headers, body };
    requests.push(arrived);
    if (arrived.url === "/v1/tickets" && !request.headers["x-no-tickets"]) {
      const ticket = `t${tickets.size + 1}`;
      tickets.add(ticket);
      return sendJson(response, 201, { ticket, expiresAt: new Date(0).toISOString() });
    }
    await script.http?.(arrived, response);
  });
  const sockets = new WebSocketServer({ server, handleProtocols: () => "openclaw" });
  sockets.on("connection", (socket, request) => {
    const nth = ++connections;
    const offered = request.headers["sec-websocket-protocol"] ?? "";
    if (!tickets.has(offered.split("openclaw.ticket.")[1] ?? "")) return socket.close(1008);
    socket.on("error", () => {});
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data)) as Frame;
      frames.push(frame);
      script.frame?.(frame, socket, nth);
    });
    script.open?.(socket, nth);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    frames,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

export function reply(socket: WebSocket, frame: Frame, result: unknown): void {
  socket.send(JSON.stringify({ id: frame.id, result }));
}

export function refuse(socket: WebSocket, frame: Frame, code: string): void {
  socket.send(JSON.stringify({ id: frame.id, error: { code, message: code, type: "client_error" } }));
}

/** Run events with one run's ids filled in. */
export function events(runId = "run-1", sessionKey = "s") {
  const base = { runId, sessionKey };
  const usage = { promptTokens: 1, completionTokens: 2, totalTokens: 3 };
  return {
    started: (seq: number) => ({
      type: "chat.started",
      data: { ...base, seq, model: "m", agentId: "default", thinking: "off" },
    }),
    delta: (seq: number, delta: string) => ({
      type: "chat.delta",
      data: { ...base, seq, messageId: "msg", delta },
    }),
    done: (seq: number, response: string) => ({
      type: "chat.done",
      data: { ...base, seq, finishReason: "stop", usage, model: "m", cost: 0, response },
    }),
    error: (seq: number, code: string) => ({
      type: "chat.error",
      data: { ...base, seq, error: { code, message: "It failed.", type: "server_error" } },
    }),
  };
}

/** The same event as a server-sent one. */
export function sse(event: { type: string; data: { seq: number } }): string {
  return `event: ${event.type.replace(/^chat\./, "")}\nid: ${event.data.seq}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

/** Polls until the condition holds; fails after ten seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Not within 10 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Everything that comes, until it ends. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
