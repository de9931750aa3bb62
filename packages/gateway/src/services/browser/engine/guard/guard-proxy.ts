import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { GatewayError } from "../../../../lib/errors.ts";
import type { SocketPorts } from "../../../../lib/outbound-socket.ts";
import { createForward } from "./guard-forward.ts";
import { type Trouble, troubleOf, troublePage } from "./guard-trouble.ts";
import { createTunnels } from "./guard-tunnel.ts";

/** Most connections at once, over all browsers; a Chromium has at most 32 to its proxy, and as many for WebSockets. */
const mostSockets = 512;
/** Most bytes of a request's head: more than any cookie jar of one site. */
const headBytes = 128 * 1024;

export interface ProxyDeps {
  readonly ports: SocketPorts;
  readonly nonce: string;
  /** How long a head may take to come in, ms. */
  readonly headMs: number;
  /** How long nothing may come or go over a connection that is in use, ms. */
  readonly idleMs: number;
  /** Told of each request that came to nothing. */
  note(url: URL, trouble: Trouble): void;
}

export interface Proxy {
  readonly port: number;
  close(): Promise<void>;
}

/** The proxy that pages' requests go through, on a port of this machine alone. */
export async function startProxy({ ports, nonce, headMs, idleMs, note }: ProxyDeps): Promise<Proxy> {
  const stop = new AbortController();
  const sockets = new Set<Socket>();

  function noted(url: URL, thrown: unknown): Trouble {
    const trouble = troubleOf(url, thrown);
    note(url, trouble);
    return trouble;
  }

  function refuse(url: URL, thrown: unknown, response: ServerResponse): void {
    const page = troublePage(noted(url, thrown), nonce);
    if (response.headersSent) return void response.destroy();
    response.writeHead(page.status, { ...page.headers, connection: "close" }).end(page.body);
  }

  const { signal } = stop;
  const forward = createForward({ ports, idleMs, signal, refuse });
  const tunnels = createTunnels({ ports, idleMs, signal, note: noted });

  const server = createServer(
    {
      maxHeaderSize: headBytes,
      headersTimeout: headMs,
      requestTimeout: 0, // an upload takes as long as it takes, while it goes on
      connectionsCheckingInterval: Math.max(100, headMs / 4),
      keepAliveTimeout: 60_000, // longer than pages pause, so that no request meets a closing connection
      insecureHTTPParser: false,
    },
    (request, response) => {
      const target = request.url ?? "";
      const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(target) ? URL.parse(target) : null;
      if (url?.protocol === "http:") return forward.forward(url, request, response);
      // A request for this port itself: of a program, or of a page in somebody's own browser. Nothing is told of it.
      response.writeHead(400, { "content-type": "text/plain; charset=utf-8", connection: "close" });
      response.end("This is the proxy of a browser.\n");
    },
  );
  server.maxConnections = mostSockets;
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("connect", (request, socket, head) => void tunnels.open(request, socket, head));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port, // it listens on a port
    async close() {
      stop.abort(new GatewayError("service_unavailable", "The browser is being stopped."));
      const closed = server.listening ? once(server, "close") : undefined;
      server.close();
      for (const socket of sockets) socket.destroy();
      forward.close();
      await closed;
    },
  };
}
