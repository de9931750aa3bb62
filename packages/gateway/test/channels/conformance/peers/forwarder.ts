import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";

/** What a platform calls that was told an address before the gateway had one. */
interface Forwarder {
  readonly url: string;
  /** Where requests go on to from now. */
  target: string | undefined;
  /** The bodies of requests that the gateway has taken. */
  taken(): string[];
  /** Brings a request once more that was taken and has this in its body. */
  again(mark: string): Promise<void>;
  close(): Promise<void>;
}

interface Request {
  headers: Record<string, string>;
  body: string;
}

export async function startForwarder(path: string): Promise<Forwarder> {
  const taken: Request[] = [];
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const kept = Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === "string" && /^(x-|content-type)/.test(name) ? [[name, value]] : [],
    );
    const one = { headers: Object.fromEntries(kept), body };
    const status = await pass(one).catch(() => 502);
    if (status < 300) taken.push(one);
    response.writeHead(status).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP

  async function pass({ headers, body }: Request): Promise<number> {
    if (forwarder.target === undefined) return 503;
    const answer = await fetch(forwarder.target + path, { method: "POST", headers, body });
    await answer.arrayBuffer();
    return answer.status;
  }

  const forwarder: Forwarder = {
    url: `http://127.0.0.1:${port}${path}`,
    target: undefined,
    taken: () => taken.map((it) => it.body),
    async again(mark) {
      const last = taken.find((it) => it.body.includes(mark));
      if (!last || (await pass(last)) >= 300) throw new Error("nothing was brought again");
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return forwarder;
}
