import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Effort } from "../effort.ts";
import type { Figure } from "../figure.ts";
import { token } from "../load.ts";
import { usageOf } from "../process-usage.ts";
import type { Rig } from "../rig.ts";

const opening = 50;

/** Memory of a WebSocket that is open and does nothing. */
export async function idleSockets(rig: Rig, { sockets: count, settleMs }: Effort): Promise<Figure[]> {
  const server = await rig.startGateway(rig.newHome());
  const open: Socket[] = [];
  try {
    // The first ones bring the WebSocket code itself into memory, which is no socket's.
    await openSockets(server.port, opening, open);
    await pause(settleMs);
    const before = usageOf(server.pid).rssBytes;
    await openSockets(server.port, count, open);
    await pause(settleMs);
    const each = (usageOf(server.pid).rssBytes - before) / 1000 / count;
    return [
      {
        name: `memory of an idle WebSocket, of ${count}`,
        unit: "kB",
        gateway: each,
        target: { of: "value", atMost: 20 },
      },
    ];
  } finally {
    for (const socket of open) socket.destroy();
    await server.stop();
  }
}

async function openSockets(port: number, count: number, into: Socket[]): Promise<void> {
  for (let made = 0; made < count; made += opening) {
    const some = Array.from({ length: Math.min(opening, count - made) }, () => openSocket(port));
    into.push(...(await Promise.all(some)));
  }
}

/** A WebSocket by hand, so that thousands of them cost this process little. Resolves at its first frame. */
function openSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.write(
    `GET /?token=${token} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  return new Promise((resolve, reject) => {
    let text = "";
    socket.once("error", reject).once("close", () => reject(new Error(`The WebSocket closed: ${text}`)));
    socket.on("data", (more) => {
      text += more.toString("latin1");
      if (!text.includes('"connected"')) return;
      socket.removeAllListeners("data").resume();
      resolve(socket);
    });
  });
}
