import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocketServer } from "ws";
import type { RawSocketRoute, SocketCall } from "../api/http-call.ts";
import { GatewayError, toGatewayError } from "../lib/errors.ts";
import { type Caller, requireScope } from "../services/access.ts";
import type { Gate } from "./gate.ts";
import { baseHeaders } from "./headers.ts";
import { heartbeatMs } from "./heartbeat.ts";
import { draining, splitTarget } from "./http.ts";
import type { Tally } from "./limits.ts";
import type { OriginCheck } from "./origin.ts";
import { answerOnConnection } from "./raw-answer.ts";
import { runSocket, type SocketPorts } from "./socket.ts";
import type { Sockets } from "./sockets.ts";

export interface UpgradeParts extends SocketPorts {
  readonly gate: Gate;
  readonly checkOrigin: OriginCheck;
  readonly sockets: Sockets;
  /** Most bytes of a frame; 0 = no limit of ours. */
  readonly frameBytes: number;
  /** The paths where another dialect is spoken. */
  readonly socketRoutes: readonly RawSocketRoute[];
  readonly version: string;
  readonly capabilities: readonly string[];
}

/** What is known of an upgrade, for the answer that may have to refuse it. */
interface Facts {
  readonly requestId: string;
  tally: Tally | undefined;
}

interface Handshake {
  readonly requestId: string;
  refusal: string | undefined;
}

const subprotocol = "openclaw";
const largestFrame = 100 * 1024 * 1024;

/** Turns HTTP requests into WebSockets. One that is refused gets an HTTP answer and never opens. */
export function createUpgradeListener(parts: UpgradeParts) {
  const { limiter, sockets } = parts;
  const rawRoutes = new Map(parts.socketRoutes.map((it) => [it.path, it]));
  let server: Promise<WebSocketServer> | undefined;
  /** The handshake that is being done; ws does one at a time, without a pause. */
  let handshake: Handshake = { requestId: "", refusal: undefined };

  return (request: IncomingMessage, connection: Duplex, head: Buffer): void => {
    const requestId = parts.ids("req");
    connection.on("error", ignore);
    const facts: Facts = { requestId, tally: undefined };
    upgrade(request, connection, head, facts).catch((thrown: unknown) => {
      const error = toGatewayError(thrown);
      if (error.status >= 500) parts.log.error({ requestId, err: error.cause ?? error }, error.message);
      else parts.log.debug({ requestId, code: error.code }, "upgrade refused");
      parts.metrics.requestDone("upgrade", error.status, 0);
      const rate = facts.tally && limiter.headers(facts.tally);
      const headers = rate && ["RateLimit-Policy", rate.policy, "RateLimit", rate.state];
      answerOnConnection(connection, error, { requestId, ...(headers && { headers }) });
    });
  };

  async function upgrade(request: IncomingMessage, connection: Duplex, head: Buffer, facts: Facts) {
    const { path, queryText } = splitTarget(request.url ?? "/");
    parts.checkOrigin(request);
    if (parts.isDraining()) throw draining();
    const query = queryText === "" ? undefined : new URLSearchParams(queryText);
    const caller = await parts.gate.identify(request, query);
    const tally = limiter.tally(caller);
    facts.tally = tally;
    limiter.checkRate(tally);
    const raw = rawRoutes.get(path.replace(/\/+$/, ""));
    if (raw) requireScope(caller, raw.scopes, raw.path);
    else if (!/^\/+(ws\/*)?$/.test(path)) {
      throw new GatewayError(
        "not_found",
        "There is no WebSocket at this path. Connect to / or /ws (our API), or to /v1/responses.",
      );
    }
    // Loaded with the first WebSocket: the start does not need it.
    server ??= import("ws").then((ws) => createServer(ws.WebSocketServer));
    const wss = await server;
    limiter.acquireSocket(tally);
    let opened = false;
    const spoken = { headers: request.headers, open: raw && ((it: SocketCall) => raw.open(it)) };
    handshake = { requestId: facts.requestId, refusal: undefined };
    wss.handleUpgrade(request, connection, head, (ws) => {
      opened = true;
      connection.off("error", ignore);
      const socket = runSocket(
        { ws, connection: request.socket, caller, tally, ...spoken },
        parts,
        (closed) => {
          limiter.releaseSocket(tally);
          sockets.remove(closed);
        },
      );
      if (socket.isOurs) socket.send(connected(caller, parts));
      sockets.add(socket);
    });
    if (opened) return;
    limiter.releaseSocket(tally);
    if (handshake.refusal !== undefined) throw new GatewayError("invalid_request", handshake.refusal);
  }

  function createServer(Server: typeof WebSocketServer): WebSocketServer {
    const made = new Server({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: parts.frameBytes === 0 ? largestFrame : parts.frameBytes,
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
    });
    made.on("headers", (headers) => headers.push(...lines(baseHeaders(handshake.requestId))));
    made.on("wsClientError", (error) => {
      handshake.refusal = `${error.message}. See RFC 6455 for the handshake.`;
    });
    return made;
  }
}

function connected(caller: Caller, parts: UpgradeParts): string {
  return JSON.stringify({
    type: "connected",
    data: {
      clientId: randomUUID(),
      gatewayVersion: parts.version,
      capabilities: parts.capabilities,
      protocol: 1,
      scopes: [...caller.scopes],
      heartbeatMs,
    },
  });
}

function lines(list: readonly string[]): string[] {
  const made: string[] = [];
  for (let i = 0; i < list.length; i += 2) made.push(`${list[i]}: ${list[i + 1]}`);
  return made;
}

function ignore(): void {
  // A connection that breaks while its upgrade is checked: closing it is all there is to do, and Node does.
}
