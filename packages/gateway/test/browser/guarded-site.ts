import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { WebSocketServer } from "ws";

/** A door on 127.0.0.2, which stands for what is inside: nobody may ever come to it. */
export interface Door {
  /** `127.0.0.2:port`. */
  readonly host: string;
  readonly port: number;
  /** Connections that came. */
  hits: number;
  /** Those of them over which something was asked. */
  asked: number;
}

const answer = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\ninside";

/** One door for each way of getting there, so that a test can tell which were tried. */
export async function insideDoors<Name extends string>(
  names: readonly Name[],
): Promise<{ doors: Record<Name, Door>; close(): void }> {
  const servers: Server[] = [];
  const doors = await Promise.all(
    names.map(async (name) => {
      const server = createServer((socket: Socket) => {
        door.hits++;
        socket.on("error", () => {}); // it is cut
        socket.once("data", () => {
          door.asked++;
          socket.end(answer);
        });
      }).listen(0, "127.0.0.2");
      servers.push(server);
      await once(server, "listening");
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const door: Door = { host: `127.0.0.2:${port}`, port, hits: 0, asked: 0 };
      return [name, door] as const;
    }),
  );
  return {
    doors: Object.fromEntries(doors) as Record<Name, Door>, // one for each name
    close() {
      for (const server of servers) server.close();
    },
  };
}

/** A WebSocket server on 127.0.0.1 that says what it hears. */
export async function echoSocket(): Promise<{ url: string; close(): void }> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `ws://127.0.0.1:${port}`,
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
