import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Json } from "../support/gateway.ts";
import { chatAnswer, chatChunks, legacyAnswer, legacyChunks } from "./chat-answers.ts";
import { failures } from "./failures.ts";
import { fingerprint } from "./fingerprint.ts";
import { judge, type Refusal } from "./judging.ts";
import { messageAnswer, messageEvents } from "./message-answers.ts";
import { responseAnswer, responseEvents } from "./response-answers.ts";

/** A request as the server got it. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: Json;
}

/** A model provider of three dialects. What it answers depends on the request alone: its `model` names an oddity. */
export interface ModelServer {
  /** `http://127.0.0.1:<port>`, without `/v1`. */
  url: string;
  received: Received[];
  close(): Promise<void>;
}

/** How a dialect answers: whole, and in pieces. */
interface Speaking {
  whole(body: Json): Json;
  pieces(body: Json): Json[];
  /** Whether events have names, and whether `[DONE]` ends them. */
  named?: boolean;
  done?: boolean;
}

const dialects: Record<string, Speaking> = {
  "/v1/chat/completions": { whole: chatAnswer, pieces: chatChunks, done: true },
  "/v1/completions": { whole: legacyAnswer, pieces: legacyChunks, done: true },
  "/v1/embeddings": { whole: vectors, pieces: () => [] },
  "/v1/responses": { whole: responseAnswer, pieces: responseEvents, named: true },
  "/v1/responses/compact": { whole: compaction, pieces: () => [] },
  "/v1/messages": { whole: messageAnswer, pieces: messageEvents, named: true },
  "/v1/messages/count_tokens": { whole: () => ({ input_tokens: 321, vendor: "kept" }), pieces: () => [] },
};

export async function startModelServer(): Promise<ModelServer> {
  const received: Received[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.parse((await buffer(request)).toString() || "{}") as Json;
    const path = (request.url ?? "").split("?")[0]!;
    const speaking = dialects[path];
    if (!speaking) return sendJson(response, { error: { message: `No ${path}` } }, 404);
    received.push({ path, headers: request.headers, body });
    const oddity = String(body.model);
    const failure = failures[oddity.split("~")[0]!];
    if (failure) return sendJson(response, failure.body, failure.status, failure.headers);
    const refusal = judge(path, body);
    if (refusal) return sendJson(response, refused(path, refusal), 400);
    if (oddity === "cut") return cut(response, speaking, body);
    if (body.stream !== true || oddity === "never-streams") return sendJson(response, speaking.whole(body));
    return sendStream(response, speaking, body);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      if (!response.headersSent) sendJson(response, { error: { message: error.message } }, 400); // a body of the wrong shape
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function refused(path: string, { message, param, code }: Refusal): Json {
  if (path.startsWith("/v1/messages"))
    return { type: "error", error: { type: "invalid_request_error", message }, request_id: "req_1" };
  return { error: { message, type: "invalid_request_error", param, code: code ?? null } };
}

async function sendStream(response: ServerResponse, speaking: Speaking, body: Json): Promise<void> {
  const oddity = String(body.model);
  const newline = oddity === "crlf" ? "\r\n" : "\n";
  const pieces = speaking.pieces(body);
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  let text = oddity === "comments" ? `: waiting${newline}${newline}` : "";
  for (const piece of pieces) {
    if (speaking.named) text += `event: ${piece.type}${newline}`;
    text += `data: ${JSON.stringify(piece)}${newline}${newline}`;
    if (oddity === "comments") text += `: still there${newline}${newline}`;
  }
  if (speaking.done && oddity !== "no-done") text += `data: [DONE]${newline}${newline}`;
  if (oddity !== "split-bytes") return void response.end(text);
  for (const piece of Buffer.from(text)
    .toString("latin1")
    .match(/[\s\S]{1,7}/g) ?? []) {
    await new Promise((sent) => response.write(Buffer.from(piece, "latin1"), sent));
  }
  response.end();
}

/** An answer that breaks off after its first pieces. */
function cut(response: ServerResponse, speaking: Speaking, body: Json): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const first = speaking.pieces(body).slice(0, 2);
  const text = first.map((it) => `data: ${JSON.stringify(it)}\n\n`).join("");
  response.write(text, () => response.destroy());
}

function vectors(body: Json): Json {
  const texts: unknown[] =
    Array.isArray(body.input) && typeof body.input[0] !== "number" ? body.input : [body.input];
  const size = body.dimensions ?? 8;
  const numbers = (at: number) =>
    Array.from({ length: size }, (_, index) => Math.fround(Math.sin(at * 31 + index)));
  const formed = (list: number[]) =>
    body.encoding_format === "base64" ? Buffer.from(new Float32Array(list).buffer).toString("base64") : list;
  return {
    object: "list",
    data: texts.map((_, index) => ({ object: "embedding", index, embedding: formed(numbers(index)) })),
    model: body.model,
    usage: { prompt_tokens: texts.length, total_tokens: texts.length },
    vendor_fingerprint: fingerprint(body),
  };
}

function compaction(body: Json): Json {
  const item = { id: "cmp_1", type: "compaction", encrypted_content: fingerprint(body) };
  const usage = {
    input_tokens: 9,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: 3,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 12,
  };
  return { id: "resp_c", object: "response.compaction", created_at: 1_700_000_000, output: [item], usage };
}

function sendJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  const isText = typeof body === "string";
  response.writeHead(status, { "content-type": isText ? "text/html" : "application/json", ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
