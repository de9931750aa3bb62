import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { openSocket, type SocketPorts } from "../../../../lib/outbound-socket.ts";
import { onAbort } from "../../../../lib/signals.ts";
import { originOf } from "./guard-judge.ts";
import type { Trouble } from "./guard-trouble.ts";

export interface TunnelDeps {
  readonly ports: SocketPorts;
  /** A tunnel through which nothing goes either way for so long is closed, ms. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
  /** Remembers why a tunnel was not opened, and tells it. */
  note(url: URL, thrown: unknown): Trouble;
}

/** `host:port`, and nothing beside it (RFC 9110 section 9.3.6). */
const authority = /^(\[[0-9a-f:.]+\]|[^\s:/?#@\\[\]]+):(\d{1,5})$/i;

/**
 * Answers CONNECT: TLS of https: and wss:, and ws:, whose contents are none of our business. Judged as an https: URL
 * and connected to the addresses that were judged.
 */
export function createTunnels({ ports, idleMs, signal, note }: TunnelDeps) {
  const rawPorts = { ...ports, tcpOnly: true };

  async function open(incoming: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    client.on("error", () => {}); // whoever left has left
    const url = targetOf(incoming.url ?? "");
    if (url === undefined) return end(client, 400, "Bad Request", "CONNECT wants host:port.");
    const stop = new AbortController();
    const stopListening = onAbort(signal, () => stop.abort(signal.reason));
    const leave = () => stop.abort(new Error("The client has left."));
    client.once("close", leave);
    try {
      ports.judge.judge(originOf(url));
      const server = await openSocket(url, rawPorts, stop.signal);
      if (client.destroyed) return void server.destroy();
      join(client as Socket, server, head, idleMs); // of an HTTP server's, it is a net.Socket
    } catch (thrown) {
      const { kind, why } = note(url, thrown);
      if (kind === "refused") end(client, 403, "Forbidden", why);
      else end(client, 502, "Bad Gateway", why);
    } finally {
      client.off("close", leave);
      stopListening();
    }
  }

  return { open };
}

function targetOf(written: string): URL | undefined {
  const parts = authority.exec(written);
  if (parts === null || Number(parts[2]) > 65_535) return undefined;
  return URL.parse(`https://${written}/`) ?? undefined;
}

function join(client: Socket, server: Socket, head: Buffer, idleMs: number): void {
  client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  if (head.length > 0) server.write(head);
  client.setNoDelay(true);
  server.setNoDelay(true);
  client.setTimeout(idleMs, () => client.destroy());
  client.once("close", () => server.destroy());
  server.once("close", (hadError) => (hadError ? client.destroy() : client.destroySoon()));
  client.pipe(server);
  server.pipe(client);
}

function end(client: Duplex, status: number, phrase: string, why: string): void {
  const body = `${why}\n`;
  client.end(
    `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => client.destroy(),
  );
}
