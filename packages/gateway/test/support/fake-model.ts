import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  anthropicDialect,
  type Dialect,
  type FakeUsage,
  googleDialect,
  openaiDialect,
  type Said,
} from "./fake-model-dialects.ts";
import { completionsDialect, embeddingsDialect, googleEmbeddingsDialect } from "./fake-model-embeddings.ts";
import { responsesDialect } from "./fake-model-responses.ts";

type Json = Record<string, unknown>;

/** One thing that the fake does; steps are played in order, the end (finish reason, usage) comes by itself. */
export type FakeStep =
  | { text: string }
  | { reasoning: string }
  | { call: { name: string; arguments?: unknown; id?: string; pieces?: string[] } }
  /** Waits, in ms or for a promise of the test. */
  | { pause: number | Promise<unknown> }
  | { finish: Said["finish"] }
  | { usage: FakeUsage }
  /** Answers with this status, before anything else was sent. */
  | { status: number; headers?: Record<string, string>; body?: unknown }
  /** Bytes as they are. */
  | { raw: string }
  /** Ends the answer without its proper end. */
  | { stop: true }
  /** Breaks the socket. */
  | { cut: true }
  /** Never says anything more. */
  | { hang: true }
  /** Answers in one JSON body though asked to stream. */
  | { unstreamed: true };

interface FakeRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The parsed body, `{}` where there is none. */
  body: Json;
  /** Whether the caller closed the connection before the answer was whole. */
  aborted: boolean;
}

/** What to do about a request; `count` is how many came before it. */
export type FakeScript = readonly FakeStep[] | ((request: FakeRequest, count: number) => readonly FakeStep[]);

export interface FakeModel {
  /** `http://127.0.0.1:<port>`, without `/v1`. */
  url: string;
  port: number;
  requests: FakeRequest[];
  /** How many answers the callers broke off. */
  aborted(): number;
  /** For all requests from now on; without an argument the default, which echoes in 20 deltas. */
  script(script?: FakeScript): void;
  /** Leaves the answers from now on to the test itself. */
  serve(answer: (response: ServerResponse, request: FakeRequest) => void): void;
  /** How many connections there have been. */
  connections(): number;
  close(): Promise<void>;
}

const defaultUsage: FakeUsage = { prompt: 10, completion: 20 };

/**
 * A model provider on loopback that speaks Chat Completions (`…/chat/completions`), OpenAI's Responses
 * (`…/responses`), Anthropic Messages (`…/messages`) and Gemini (`…:streamGenerateContent`, `…:generateContent`), streamed or not, for any key.
 */
export async function startFakeModel(initial?: FakeScript): Promise<FakeModel> {
  const requests: FakeRequest[] = [];
  let script = initial;
  let own: ((response: ServerResponse, request: FakeRequest) => void) | undefined;
  let connections = 0;

  const server = createServer((message, response) => {
    void readBody(message).then((text) => {
      const body = text === "" ? {} : (JSON.parse(text) as Json); // our own clients send objects
      const path = message.url ?? "/";
      const request = { method: message.method ?? "", path, headers: message.headers, body, aborted: false };
      const count = requests.push(request) - 1;
      response.on("close", () => {
        request.aborted = !response.writableFinished;
      });
      if (request.method === "GET")
        return sendJson(response, { object: "list", data: [{ id: "fake", object: "model" }] });
      if (own) return own(response, request);
      const steps = typeof script === "function" ? script(request, count) : (script ?? echo(body));
      return play(request, steps, response);
    });
  });
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    aborted: () => requests.filter((it) => it.aborted).length,
    script(next) {
      script = next;
      own = undefined;
    },
    serve(answer) {
      own = answer;
    },
    connections: () => connections,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function play(
  request: FakeRequest,
  steps: readonly FakeStep[],
  response: ServerResponse,
): Promise<void> {
  const { body } = request;
  const model = String(body.model ?? "fake");
  const streamed = isStreamed(request) && !steps.some((it) => "unstreamed" in it);
  const dialect = dialectOf(request);
  const said: Said = { text: "", reasoning: "", calls: [], finish: "stop", usage: defaultUsage };
  const begin = (): void => {
    if (response.headersSent) return;
    response.writeHead(200, { "content-type": streamed ? "text/event-stream" : "application/json" });
    if (streamed) response.write(dialect.begin(model));
  };
  const send = (...events: string[]): void => {
    if (!streamed) return;
    begin();
    for (const event of events) response.write(event);
  };

  for (const step of steps) {
    if (request.aborted) return;
    if ("text" in step) {
      said.text += step.text;
      send(dialect.text(step.text));
    } else if ("reasoning" in step) {
      said.reasoning += step.reasoning;
      send(dialect.reasoning(step.reasoning));
    } else if ("call" in step) {
      const { name, arguments: given = {}, id = `call_${said.calls.length + 1}` } = step.call;
      const call = { id, name, pieces: step.call.pieces ?? [JSON.stringify(given)] };
      said.finish = "tool_calls";
      send(...dialect.call(said.calls.push(call) - 1, call));
    } else if ("pause" in step) {
      await (typeof step.pause === "number"
        ? new Promise((wake) => setTimeout(wake, step.pause as number))
        : step.pause);
    } else if ("finish" in step) said.finish = step.finish;
    else if ("usage" in step) said.usage = step.usage;
    else if ("status" in step)
      return sendJson(response, step.body ?? { error: { message: "fake failure" } }, step);
    else if ("raw" in step) {
      if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(step.raw);
    } else if ("stop" in step) return void response.end();
    else if ("cut" in step) return void setImmediate(() => response.destroy());
    else if ("hang" in step) return;
  }
  if (request.aborted) return;
  if (!streamed) return sendJson(response, dialect.whole(model, said));
  begin();
  response.end(dialect.end(said));
}

function echo(body: Json): FakeStep[] {
  const last = JSON.stringify((body.messages as unknown[] | undefined)?.at(-1) ?? "").slice(0, 40);
  return Array.from({ length: 20 }, (_, index) => ({
    text: index === 0 ? `echo ${last} ` : `word${index} `,
  }));
}

function isStreamed({ body, path }: FakeRequest): boolean {
  return body.stream === true || path.includes(":streamGenerateContent");
}

function dialectOf({ path, body }: FakeRequest): Dialect {
  if (path.includes("enerateContent")) return googleDialect();
  if (path.split("?")[0]!.endsWith("/messages")) return anthropicDialect();
  if (path.split("?")[0]!.endsWith("/responses"))
    return responsesDialect(JSON.stringify(body.include ?? "").includes("reasoning.encrypted_content"));
  if (path.endsWith(":batchEmbedContents")) return googleEmbeddingsDialect(body);
  if (path.endsWith("/embeddings")) return embeddingsDialect(body);
  const options = body.stream_options as { include_usage?: boolean } | undefined; // as OpenAI defines it
  const openai = /(?<!chat)\/completions$/.test(path) ? completionsDialect : openaiDialect;
  return openai(options?.include_usage === true);
}

async function readBody(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer); // no encoding is set
  return Buffer.concat(parts).toString();
}

function sendJson(
  response: ServerResponse,
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}
