import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";

interface Hit {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A web site on this machine, in place of one of the world. */
export interface StandIn {
  url: string;
  port: number;
  hits: Hit[];
  /** Connections that are open. */
  open(): number;
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, hit: Hit) => void;

export async function standIn(answer: Answer, host = "127.0.0.1", port = 0): Promise<StandIn> {
  const hits: Hit[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    const hit = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
    hits.push(hit);
    answer(response, hit);
  });
  let open = 0;
  server.on("connection", (socket) => {
    open++;
    socket.once("close", () => open--);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  const { port: bound } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://${host}:${bound}`,
    port: bound,
    hits,
    open: () => open,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A peer that says what the test says, HTTP or not. */
export async function rawStandIn(
  talk: (socket: Socket) => void,
): Promise<{ url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // the other side leaves early
    socket.once("close", () => sockets.delete(socket));
    socket.once("data", () => talk(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on a port
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
