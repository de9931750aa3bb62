import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * A wire to the gateway that counts the events passing it, server-sent ones and those of WebSockets, and breaks right
 * behind the last byte of each that `cutsAfter` names, counted from 1 over all connections. What is behind it is lost.
 */
export async function startCuttingWire(target: string, cutsAfter: (nth: number) => boolean) {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let events = 0;
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => open.delete(socket));
    }
    near.on("close", () => far.destroy());
    far.on("close", () => near.end());
    near.pipe(far);
    const ends = eventEnds();
    far.on("data", (chunk: Buffer) => {
      if (near.writableEnded) return;
      const cut = ends(chunk).find(() => cutsAfter(++events));
      if (cut === undefined) return void near.write(chunk);
      cuts++;
      near.end(chunk.subarray(0, cut));
      far.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** Where in each chunk of one connection an event of a run ends; what has begun before is remembered. */
function eventEnds(): (chunk: Buffer) => number[] {
  let seen = "";
  let from = 0;
  /** Where in `seen` the WebSocket's frames begin, once it is one. */
  return (chunk) => {
    const before = seen.length;
    seen += chunk.toString("latin1");
    const webSocket = seen.startsWith("HTTP/1.1 101");
    if (webSocket && from === 0) from = seen.indexOf("\r\n\r\n") + 4;
    if (webSocket && from === 3) from = 0;
    const ends: number[] = [];
    for (;;) {
      const end = webSocket ? (from === 0 ? -1 : frameEnd(seen, from)) : blockEnd(seen, from);
      if (end < 0) return ends;
      if (isRunEvent(seen.slice(from, end))) ends.push(end - before);
      from = end;
    }
  };
}

function isRunEvent(text: string): boolean {
  return /"seq":\d+/.test(text) && !/"lastSeq"/.test(text);
}

/** Where the frame ends that begins at `from` (RFC 6455, 5.2; a server's frames have no mask); -1: not yet here. */
function frameEnd(seen: string, from: number): number {
  if (seen.length < from + 4) return -1;
  const short = seen.charCodeAt(from + 1) & 127;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  let length = short;
  if (extra > 0) {
    length = 0;
    for (let i = 0; i < extra; i++) length = length * 256 + seen.charCodeAt(from + 2 + i);
  }
  const end = from + 2 + extra + length;
  return end <= seen.length ? end : -1;
}

function blockEnd(seen: string, from: number): number {
  const at = seen.indexOf("\n\n", from);
  return at < 0 ? -1 : at + 2;
}
