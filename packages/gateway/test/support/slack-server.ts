import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** A call of a method, or an upload or download of a file, as it came in. */
export interface SlackCall {
  method: string;
  args: Record<string, string>;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
}

/** What a method answers once in place of its usual answer; `cut` breaks the connection off, `hang` never answers. */
export type SlackReply =
  | { status?: number; headers?: Record<string, string>; body: unknown }
  | "cut"
  | "hang";

/**
 * Slack's Web API and Socket Mode on this machine, built from https://docs.slack.dev/reference/methods and
 * https://docs.slack.dev/apis/events-api/using-socket-mode: greeting, envelopes, acknowledgements, redelivery of what
 * was not acknowledged, requests to reconnect.
 */
export interface SlackServer {
  apiRoot: string;
  origin: string;
  calls: SlackCall[];
  /** The calls of one method. */
  callsOf(method: string): SlackCall[];
  /** The next calls of a method get these. */
  next(method: string, ...replies: SlackReply[]): void;
  /** What a file's address gives, by its path below `/files/`. */
  files: Map<string, { bytes: Buffer; mimeType: string }>;
  /** Open sockets of Socket Mode; the newest is last. */
  sockets: WebSocket[];
  /** Ids of the envelopes that were acknowledged, in order. */
  acks: string[];
  /** Connections and answers that are kept waiting. */
  hanging: ReadonlySet<unknown>;
  /** Sends an event in an envelope, again on each new connection until it is acknowledged. Returns the envelope's id. */
  deliver(payload: unknown, type?: string): string;
  /** Asks for a new connection. */
  disconnect(reason: string): void;
  /** Whether new sockets are opened and greeted, and whether pings are answered. */
  manners: { opens: boolean; greets: boolean; pongs: boolean };
  close(): Promise<void>;
}

const bot = { user_id: "U0BOT00001", bot_id: "B0BOT00001", team_id: "T0TEAM0001" };

export async function slackServer(): Promise<SlackServer> {
  const calls: SlackCall[] = [];
  const replies = new Map<string, SlackReply[]>();
  const unacknowledged = new Map<string, { payload: unknown; type: string; attempts: number }>();
  const hanging = new Set<{ destroy(): unknown }>();
  let tickets = 0;
  let posts = 0;

  const http = createServer((request, response) => void serve(request, response));
  const wss = new WebSocketServer({ noServer: true, autoPong: false });
  http.on("upgrade", (request, socket, head) => {
    if (!server.manners.opens) return void hanging.add(socket.on("error", () => {}));
    wss.handleUpgrade(request, socket, head, (opened) => {
      server.sockets.push(opened);
      opened.on("error", () => {});
      opened.on("close", () => void server.sockets.splice(server.sockets.indexOf(opened), 1));
      opened.on("ping", (data) => server.manners.pongs && opened.pong(data));
      opened.on("message", (data) => acknowledged(String(data)));
      if (!server.manners.greets) return;
      opened.send(
        JSON.stringify({ type: "hello", num_connections: 1, connection_info: { app_id: "A0APP00001" } }),
      );
      for (const id of unacknowledged.keys()) push(opened, id);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo; // it listens on a port
  const origin = `http://127.0.0.1:${port}`;

  const server: SlackServer = {
    apiRoot: `${origin}/api/`,
    origin,
    calls,
    callsOf: (method) => calls.filter((it) => it.method === method),
    next: (method, ...more) => void replies.set(method, [...(replies.get(method) ?? []), ...more]),
    files: new Map(),
    sockets: [],
    acks: [],
    hanging,
    deliver(payload, type = "events_api") {
      const id = `envelope-${++tickets}`;
      unacknowledged.set(id, { payload, type, attempts: 0 });
      const socket = server.sockets.at(-1);
      if (socket) push(socket, id);
      return id;
    },
    disconnect(reason) {
      server.sockets
        .at(-1)
        ?.send(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "here" } }));
    },
    manners: { opens: true, greets: true, pongs: true },
    async close() {
      const closed = new Promise((resolve) => http.close(resolve));
      for (const socket of wss.clients) socket.terminate();
      for (const it of hanging) it.destroy();
      http.closeAllConnections();
      await closed;
    },
  };

  function push(socket: WebSocket, id: string): void {
    const { payload, type, attempts } = unacknowledged.get(id)!;
    unacknowledged.set(id, { payload, type, attempts: attempts + 1 });
    const about = { envelope_id: id, type, payload, accepts_response_payload: false };
    socket.send(
      JSON.stringify({ ...about, retry_attempt: attempts, retry_reason: attempts ? "timeout" : "" }),
    );
  }

  function acknowledged(text: string): void {
    const { envelope_id: id } = JSON.parse(text) as { envelope_id: string }; // the client says nothing else
    server.acks.push(id);
    unacknowledged.delete(id);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer); // no encoding is set
    const bytes = Buffer.concat(pieces);
    const url = new URL(request.url ?? "/", origin);
    const method = url.pathname.replace(/^\/api\//, "");
    const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
    const args = isForm ? Object.fromEntries(new URLSearchParams(bytes.toString())) : {};
    calls.push({ method, args, headers: request.headers, bytes });

    const reply = replies.get(method)?.shift() ?? usual(method, args, request.headers);
    if (reply === "cut") return void request.socket.destroy();
    if (reply === "hang") return void hanging.add(response);
    const { status = 200, headers = {}, body } = reply;
    const isRaw = Buffer.isBuffer(body) || typeof body === "string";
    response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
    response.end(isRaw ? body : JSON.stringify(body));
  }

  function usual(method: string, args: Record<string, string>, headers: IncomingHttpHeaders): SlackReply {
    const file = server.files.get(method.replace(/^\/files\//, ""));
    if (file) return { headers: { "content-type": file.mimeType }, body: file.bytes };
    if (method === "/upload") return { headers: { "content-type": "text/plain" }, body: "OK - 3" };
    if (!/^Bearer (xoxb|xapp)-good$/.test(headers.authorization ?? "")) return no("invalid_auth");
    switch (method) {
      case "auth.test":
        return yes({ url: "https://example.slack.com/", team: "Example", user: "claw", ...bot });
      case "apps.connections.open":
        return headers.authorization === "Bearer xapp-good"
          ? yes({ url: `ws://127.0.0.1:${port}/link/?ticket=ticket-${++tickets}` })
          : no("not_allowed_token_type");
      case "chat.postMessage":
        return yes({ channel: args.channel, ts: `1700000000.${String(++posts).padStart(6, "0")}` });
      case "chat.update":
        return yes({ channel: args.channel, ts: args.ts, text: args.text });
      case "conversations.open":
        return args.users?.startsWith("U0") ? yes({ channel: { id: "D0DIRECT01" } }) : no("user_not_found");
      case "users.info":
        return yes({ user: { id: args.user, is_admin: args.user === "U0ADMIN001", is_owner: false } });
      case "users.lookupByEmail":
        return args.email === "ada@example.com" ? yes({ user: { id: "U0ADA00001" } }) : no("users_not_found");
      case "files.getUploadURLExternal":
        return yes({ upload_url: `${origin}/upload`, file_id: "F0FILE0001" });
      case "files.completeUploadExternal":
        return yes({ files: [{ id: "F0FILE0001", title: "a file" }] });
      case "files.info":
        return yes({ file: { id: args.file, url_private_download: `${origin}/files/shared.txt` } });
      default:
        return no("unknown_method");
    }
  }
  return server;
}

function yes(facts: object): SlackReply {
  return { body: { ok: true, ...facts } };
}

/** A refusal, as Slack writes them: with status 200. */
export function no(error: string, facts: object = {}): SlackReply {
  return { body: { ok: false, error, ...facts } };
}

/** A post in the wrapper of the Events API. */
export function callback(event: object, outer: object = {}): object {
  return {
    token: "deprecated",
    team_id: bot.team_id,
    api_app_id: "A0APP00001",
    type: "event_callback",
    event_id: "Ev0EVENT001",
    event_time: 1_700_000_000,
    authorizations: [{ enterprise_id: null, team_id: bot.team_id, user_id: bot.user_id, is_bot: true }],
    event: {
      type: "message",
      channel: "D0DIRECT01",
      channel_type: "im",
      user: "U0ADA00001",
      text: "hello",
      ts: "1700000001.000100",
      event_ts: "1700000001.000100",
      ...event,
    },
    ...outer,
  };
}
