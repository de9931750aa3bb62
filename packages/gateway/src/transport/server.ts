import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import { GatewayError } from "../lib/errors.ts";
import { createLockout } from "../services/lockout.ts";
import { createGate } from "./gate.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createHttpListener } from "./http.ts";
import { createLimiter } from "./limits.ts";
import { methodRoutes, rawRoutes } from "./method-routes.ts";
import { createOriginCheck } from "./origin.ts";
import type { TransportDeps } from "./ports.ts";
import { answerOnConnection } from "./raw-answer.ts";
import { createRouter } from "./router.ts";
import { createSockets } from "./sockets.ts";
import { createUpgradeListener } from "./upgrade.ts";

export interface Transport {
  readonly server: Server;
  /** Starts to listen; port 0 takes a free one. Rejects with Node's own error, e.g. EADDRINUSE. */
  listen(port: number, host: string): Promise<{ port: number; address: string }>;
  /** New work is answered 503 from now on; what is under way goes on. Open routes still answer. */
  drain(): void;
  /** Drains, closes the WebSockets (1012), waits up to `graceMs` for answers under way, then cuts what is left. */
  close(options?: { graceMs?: number }): Promise<void>;
  stats(): { sockets: number; inFlight: number };
}

// A slow sender holds a connection and nothing else, but not for ever. 10 MB in 2 minutes is 85 kB/s.
const headersTimeoutMs = 20_000;
const requestTimeoutMs = 120_000;
const checkIntervalMs = 5000;
// Longer than the 60 s of the usual load balancer, so that it and not we end an idle connection.
const keepAliveTimeoutMs = 65_000;
const sweepMs = 20;

/** HTTP and WebSocket on one port. */
export function createTransport(deps: TransportDeps): Transport {
  const { log, ids, clock, dispatch, metrics } = deps;
  const limiter = createLimiter({ limits: deps.limits, clock });
  const heartbeat = createHeartbeat();
  const lockout = createLockout({ clock });
  const gate = createGate({ credentials: deps.credentials, lockout, log });
  const checkOrigin = createOriginCheck(deps.origins);
  const sockets = createSockets({ broadcast: deps.broadcast, metrics });
  const router = createRouter([...methodRoutes({ dispatch, log }), ...rawRoutes(deps.routes)]);
  let refusing = false;
  const isDraining = () => refusing;

  const { bodyBytes } = deps.limits;
  const onHttp = createHttpListener(
    { limiter, heartbeat, bodyBytes, router, gate, checkOrigin, isDraining },
    { ids, log, metrics },
  );
  const onUpgrade = createUpgradeListener({
    ...{ dispatch, limiter, heartbeat, log, metrics, ids, isDraining, gate, checkOrigin, sockets },
    ...{
      socketRoutes: deps.socketRoutes ?? [],
      frameBytes: bodyBytes,
      version: deps.version,
      capabilities: deps.capabilities,
    },
    now: () => clock.now(),
  });

  const server = createServer({
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: checkIntervalMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // We answer a missing Host ourselves, as we do a wrong one.
    requireHostHeader: false,
    // curl offers h2c: such a request is an ordinary one to us.
    shouldUpgradeCallback: isWebSocket,
  });
  server.on("request", (request, response) => onHttp(request, response, false));
  server.on("checkContinue", (request, response) => onHttp(request, response, true));
  server.on("upgrade", onUpgrade);
  server.on("clientError", (error: NodeJS.ErrnoException, connection) => {
    onUnreadable(error, connection as Socket, ids("req")); // node:http runs on TCP sockets here
  });

  async function close(options: { graceMs?: number } = {}): Promise<void> {
    refusing = true;
    const closed = server.listening ? new Promise((resolve) => server.close(resolve)) : undefined;
    sockets.stop();
    sockets.closeAll(1012);
    // A connection whose answer ends now would else idle until its keep-alive is over.
    const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
    const timer = setTimeout(() => {
      sockets.terminateAll();
      server.closeAllConnections();
    }, options.graceMs ?? 5000);
    try {
      await closed;
    } finally {
      clearInterval(sweep);
      clearTimeout(timer);
    }
  }

  return {
    server,
    listen: (port, host) => listen(server, port, host),
    drain() {
      refusing = true;
    },
    close,
    stats: () => ({ sockets: sockets.size(), inFlight: limiter.inFlight() }),
  };
}

function listen(server: Server, port: number, host: string): Promise<{ port: number; address: string }> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("not a TCP address"));
      else resolve({ port: address.port, address: address.address });
    });
  });
}

function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === "websocket";
}

/** A request that is not HTTP, is too long in its head, or came too slowly. */
function onUnreadable(error: NodeJS.ErrnoException, connection: Socket, requestId: string): void {
  // As Node's own default does, by the response that it keeps on the socket: what has begun must not be garbled.
  const begun = (connection as { _httpMessage?: { headersSent?: boolean } | null })._httpMessage?.headersSent;
  if (!connection.writable || begun || error.code === "ECONNRESET") {
    connection.destroy();
    return;
  }
  const [status, message] = unreadable(error.code);
  answerOnConnection(connection, new GatewayError("invalid_request", message), { requestId, status });
}

function unreadable(code: string | undefined): [status: number, message: string] {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return [431, "The request's headers are too long. Send fewer or shorter ones."];
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return [408, "The request came too slowly. Send it again."];
    default:
      return [400, "This is not an HTTP/1.1 request that can be read."];
  }
}
