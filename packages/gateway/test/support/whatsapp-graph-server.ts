import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface GraphCall {
  method: string;
  path: string;
  authorization: string | undefined;
  /** Parsed where it was JSON, else as it came. */
  body: unknown;
}

/** What the server answers: a JSON body with a status, or something else entirely. */
export type GraphReply =
  | { status?: number; json?: unknown; headers?: Record<string, string> }
  | ((response: ServerResponse) => void);

export interface GraphServer {
  readonly origin: string;
  readonly calls: GraphCall[];
  /** Answers calls of the path's end. Later ones go first. */
  on(method: string, pathEnd: string, reply: GraphReply): void;
  close(): Promise<void>;
}

/** A part of Meta's Graph API after its documentation: phone number, messages, media. Ours: what it does not know, it refuses. */
export async function startGraphServer(): Promise<GraphServer> {
  const calls: GraphCall[] = [];
  const rules: { method: string; pathEnd: string; reply: GraphReply }[] = [];
  const server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer); // no encoding is set
    const raw = Buffer.concat(pieces);
    const isJson = request.headers["content-type"]?.startsWith("application/json");
    const path = request.url ?? "";
    calls.push({
      method: request.method ?? "",
      path,
      authorization: request.headers.authorization,
      body: isJson ? JSON.parse(raw.toString()) : raw.toString("latin1"),
    });
    const bare = path.split("?")[0]!;
    const rule = rules.findLast((it) => it.method === request.method && bare.endsWith(it.pathEnd));
    const reply = rule?.reply ?? { status: 400, json: graphError(100) };
    if (typeof reply === "function") return reply(response);
    response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers });
    response.end(JSON.stringify(reply.json ?? {}));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    origin: `http://127.0.0.1:${port}`,
    calls,
    on: (method, pathEnd, reply) => void rules.push({ method, pathEnd, reply }),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** An error as https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes shows it. */
export function graphError(code: number): object {
  return { error: { message: "secret words of Meta's", type: "OAuthException", code, fbtrace_id: "A1" } };
}
