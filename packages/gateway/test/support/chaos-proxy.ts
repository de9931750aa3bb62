import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP proxy that treats connections badly. */
export interface ChaosProxy {
  readonly port: number;
  /** What part of new connections is refused, and how long each piece of data may be held back, ms. */
  rules: { refuse: number; delayMs: number };
  /** Cuts what is open now. */
  cut(): void;
  readonly counts: { refused: number; cut: number };
  close(): Promise<void>;
}

/**
 * `target` is asked at each connection, so that it may move. Where the platform names its own address, what it says
 * leads back to the proxy: both ports have five digits.
 */
export async function startChaosProxy(target: () => number, random: () => number): Promise<ChaosProxy> {
  const open = new Set<Socket>();
  const counts = { refused: 0, cut: 0 };
  const rules = { refuse: 0, delayMs: 0 };

  const server = createServer((from) => {
    if (random() < rules.refuse) {
      counts.refused += 1;
      from.destroy();
      return;
    }
    const to = connect(target(), "127.0.0.1");
    for (const socket of [from, to]) {
      open.add(socket);
      socket.on("error", () => {}); // the other end is cut as well, by its close
      socket.on("close", () => {
        open.delete(socket);
        from.destroy();
        to.destroy();
      });
    }
    carry(from, to);
    carry(to, from, (piece) => renamed(piece, target()));
  });

  function renamed(piece: Buffer, port: number): Buffer {
    const own = `127.0.0.1:${port}`;
    const text = piece.includes(own) ? piece.toString("latin1") : undefined;
    return text === undefined
      ? piece
      : Buffer.from(text.replaceAll(own, `127.0.0.1:${address.port}`), "latin1");
  }

  /** Passes pieces on in their order, each held back for a while. */
  function carry(from: Socket, to: Socket, change = (piece: Buffer) => piece): void {
    let last: Promise<void> = Promise.resolve();
    from.on("data", (piece) => {
      const ms = random() * rules.delayMs;
      last = last.then(async () => {
        if (ms > 1) await new Promise((resolve) => setTimeout(resolve, ms));
        if (!to.destroyed) to.write(change(piece));
      });
    });
    from.on("end", () => void last.then(() => to.end()));
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as AddressInfo; // it listens on TCP

  return {
    port: address.port,
    rules,
    counts,
    cut() {
      counts.cut += open.size / 2;
      for (const socket of open) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
