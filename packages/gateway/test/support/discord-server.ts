import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** A request as the server got it. */
export interface Asked {
  method: string;
  /** Below `/api/v10`, without the query. */
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  body: Record<string, unknown>;
  files: File[];
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

type Handler = (asked: Asked, response: ServerResponse) => Answer | undefined | Promise<Answer | undefined>;

/** A payload of the gateway (https://discord.com/developers/docs/events/gateway-events#payload-structure). */
interface Payload {
  op: number;
  d: Record<string, unknown> | number | null;
}

export const botId = "200000000000000001";
export const guildId = "300000000000000001";

/**
 * Discord's REST API and gateway, version 10, as far as the adapter's failures need them; written after Discord's
 * documentation. It does what no real server would do when asked: refuse, break off, fall silent.
 */
export async function startDiscord({ heartbeatMs = 40_000 }: { heartbeatMs?: number } = {}) {
  const token = "MTk4NjIyNDgzNDcxOTI1MjQ4.test.secret-of-the-bot";
  const asked: Asked[] = [];
  const handlers: [pattern: RegExp, handler: Handler][] = [];
  const messages = new Map<string, Record<string, unknown>[]>();
  const gateway = {
    identified: [] as Record<string, unknown>[],
    resumed: [] as Record<string, unknown>[],
    beats: 0,
    /** Answers heartbeats. */
    isBeating: true,
    /** Accepts resumed sessions. */
    resumes: true,
    /** Closes whoever identifies with this code. */
    closeWith: undefined as number | undefined,
    /** Says nothing at all, not even hello. */
    isMute: false,
    sockets: new Set<WebSocket>(),
    dispatch,
    /** Breaks off without a close frame. */
    cut() {
      for (const socket of gateway.sockets) socket.terminate();
    },
    close(code: number) {
      for (const socket of gateway.sockets) socket.close(code);
    },
    send(payload: unknown) {
      for (const socket of gateway.sockets) socket.send(JSON.stringify(payload));
    },
  };
  let sequence = 0;
  let sessions = 0;
  let sessionId = "";
  const told: { s: number; t: string; d: unknown }[] = [];

  const server = createServer((request, response) => {
    void respond(request, response).catch(() => response.destroy());
  });
  const wss = new WebSocketServer({ server });
  wss.on("connection", onSocket);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const origin = `http://127.0.0.1:${port}`;
  const gatewayUrl = `ws://127.0.0.1:${port}`;

  function dispatch(t: string, d: unknown): void {
    sequence += 1;
    told.push({ s: sequence, t, d });
    gateway.send({ op: 0, s: sequence, t, d });
  }

  function onSocket(socket: WebSocket): void {
    if (!gateway.isMute) {
      socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: heartbeatMs } }));
    }
    socket.on("error", () => {});
    socket.on("close", () => gateway.sockets.delete(socket));
    socket.on("message", (raw) => {
      const payload = JSON.parse(String(raw)) as Payload; // the client's, and a test fails otherwise
      if (payload.op === 1) {
        gateway.beats += 1;
        if (gateway.isBeating) socket.send(JSON.stringify({ op: 11 }));
      }
      if (typeof payload.d !== "object" || payload.d === null) return;
      if (payload.op === 2) onIdentify(socket, payload.d);
      if (payload.op === 6) onResume(socket, payload.d);
    });
  }

  function onIdentify(socket: WebSocket, d: Record<string, unknown>): void {
    gateway.identified.push(d);
    if (gateway.closeWith !== undefined || d.token !== token) {
      socket.close(gateway.closeWith ?? 4004);
      return;
    }
    sessions += 1;
    sessionId = `session-${sessions}`;
    told.length = 0;
    gateway.sockets.add(socket);
    dispatch("READY", {
      v: 10,
      user: { id: botId, username: "claw", bot: true },
      session_id: sessionId,
      resume_gateway_url: gatewayUrl,
      application: { id: botId, flags: 0 },
      guilds: [{ id: guildId, unavailable: true }],
    });
  }

  function onResume(socket: WebSocket, d: Record<string, unknown>): void {
    gateway.resumed.push(d);
    if (!gateway.resumes || d.session_id !== sessionId) {
      socket.send(JSON.stringify({ op: 9, d: false }));
      return;
    }
    gateway.sockets.add(socket);
    for (const { s, t, d: data } of told) {
      if (s > Number(d.seq)) socket.send(JSON.stringify({ op: 0, s, t, d: data }));
    }
    dispatch("RESUMED", {});
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", origin);
    const one: Asked = {
      method: request.method ?? "GET",
      path: url.pathname.replace(/^\/api\/v10/, ""),
      query: url.searchParams,
      authorization: request.headers.authorization,
      ...(await bodyOf(request)),
    };
    asked.push(one);
    const handler = handlers.find(([pattern]) => pattern.test(`${one.method} ${one.path}`))?.[1] ?? usual;
    const answer = await handler(one, response);
    if (!answer) return;
    response.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  function usual({ method, path, query, authorization, body }: Asked): Answer {
    const isCallback = path.startsWith("/interactions/");
    if (!isCallback && authorization !== `Bot ${token}`) {
      return { status: 401, body: { message: "401: Unauthorized", code: 0 } };
    }
    const [, area, id, part] = path.split("/");
    if (path === "/users/@me") return { body: { id: botId, username: "claw", bot: true } };
    if (path === "/gateway/bot") {
      return {
        body: {
          url: gatewayUrl,
          shards: 1,
          session_start_limit: { total: 1000, remaining: 999, reset_after: 0, max_concurrency: 1 },
        },
      };
    }
    if (path === "/users/@me/channels") return { body: { id: "400000000000000009", type: 1 } };
    if (area === "applications" && method === "GET") return { body: [] };
    if (area === "applications") return { status: 201, body };
    if (isCallback) return { status: 204 };
    if (part === "messages" && method === "GET") {
      const after = BigInt(query.get("after") ?? 0);
      const limit = Number(query.get("limit") ?? 50);
      const later = (messages.get(id ?? "") ?? []).filter((it) => BigInt(String(it.id)) > after);
      return { body: later.slice(0, limit).reverse() };
    }
    if (part === "messages") return { body: { id: "500000000000000001", channel_id: id } };
    if (part === "typing") return { status: 204 };
    if (area === "channels" && method === "GET")
      return { status: 404, body: { message: "Unknown Channel", code: 10003 } };
    return { status: 404, body: { message: "404: Not Found", code: 0 } };
  }

  return {
    token,
    origin,
    apiRoot: `${origin}/api`,
    asked,
    messages,
    gateway,
    openSockets: () => wss.clients.size,
    /** Answers what matches, e.g. `/^POST \/channels/`, in place of the usual; undefined answers nothing. */
    on(pattern: RegExp, handler: Handler) {
      handlers.unshift([pattern, handler]);
    },
    async close() {
      for (const socket of wss.clients) socket.terminate();
      wss.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export type FakeDiscord = Awaited<ReturnType<typeof startDiscord>>;

async function bodyOf(request: IncomingMessage): Promise<Pick<Asked, "body" | "files">> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/"))
    return { body: bytes.length > 0 ? JSON.parse(String(bytes)) : {}, files: [] };
  const form = await new Response(bytes, { headers: { "content-type": type } }).formData();
  const files = [...form.values()].filter((it) => it instanceof File);
  return { body: JSON.parse(String(form.get("payload_json") ?? "{}")), files };
}
