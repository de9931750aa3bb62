import { open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { ErrorDetail } from "openclaw-protocol";
import type { Call, Connection } from "../api/dispatch.ts";
import type { HttpCall, HttpHeaders, HttpStream } from "../api/http-call.ts";
import { GatewayError } from "../lib/errors.ts";
import { onAbort } from "../lib/signals.ts";
import type { Caller } from "../services/access.ts";
import { endAfterDiscarding, hasBody, mayExceed, readJson, readRaw } from "./body.ts";
import { baseHeaders, corsHeaders, errorHeaders, type HeaderList } from "./headers.ts";
import type { Heartbeat } from "./heartbeat.ts";
import type { Limiter, Tally } from "./limits.ts";
import { openHttpStream } from "./stream.ts";

/** What all exchanges share. */
export interface ExchangePorts {
  readonly limiter: Limiter;
  readonly heartbeat: Heartbeat;
  readonly bodyBytes: number;
}

/**
 * One HTTP request and its answer, as handlers see it. A class, because one is made per request and its
 * methods must not be made anew each time.
 */
export class Exchange implements HttpCall, Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  params: Readonly<Record<string, string>> = {};
  connection: Connection | undefined;
  /** Whether the client waits for a go-ahead before it sends its body (Expect: 100-continue). */
  awaitsContinue = false;
  /** The listed origin that the request came from. */
  origin: string | undefined;
  /** Another header that carries the request's id. */
  requestIdHeader: string | undefined;
  errorBody: ((detail: ErrorDetail, status: number) => unknown) | undefined;
  readonly #ports: ExchangePorts;
  readonly #queryText: string;
  #query: URLSearchParams | undefined;
  #caller: Caller | undefined;
  #tally: Tally | undefined;
  #controller: AbortController | undefined;
  #gone = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    facts: { requestId: string; queryText: string },
    ports: ExchangePorts,
  ) {
    this.request = request;
    this.response = response;
    this.requestId = facts.requestId;
    this.#queryText = facts.queryText;
    this.#ports = ports;
  }

  get call(): Call {
    return this;
  }

  /** Known once the credential was checked, which for open routes it never is. */
  get caller(): Caller {
    if (this.#caller === undefined) throw new Error("an open route has no caller");
    return this.#caller;
  }

  admit(caller: Caller, tally: Tally): void {
    this.#caller = caller;
    this.#tally = tally;
  }

  get headers(): IncomingMessage["headers"] {
    return this.request.headers;
  }

  get idempotencyKey(): string | undefined {
    const key = this.request.headers["idempotency-key"];
    return typeof key === "string" && key !== "" ? key : undefined;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#queryText);
    return this.#query;
  }

  get hasQuery(): boolean {
    return this.#queryText !== "";
  }

  /** Aborted, too, when the credential is revoked. Whoever never asks for it answers in spite of that: a rotation of itself. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      if (this.#gone) controller.abort(clientGone());
      else if (this.#caller !== undefined) {
        const stop = onAbort(this.#caller.revoked, () => controller.abort(revoked()));
        this.response.once("close", stop);
      }
    }
    return this.#controller.signal;
  }

  /** To be called when the response has closed. */
  closed(): void {
    if (this.response.writableFinished) return;
    this.#gone = true;
    this.#controller?.abort(clientGone());
  }

  json(): Promise<unknown> {
    const { bodyBytes } = this.#ports;
    const tooLong = bodyBytes !== 0 && Number(this.request.headers["content-length"]) > bodyBytes;
    if (this.awaitsContinue && !tooLong) {
      this.awaitsContinue = false;
      this.response.writeContinue();
    }
    return readJson(this.request, bodyBytes);
  }

  bytes(maxBytes: number): Promise<Uint8Array> {
    if (this.awaitsContinue && !(Number(this.request.headers["content-length"]) > maxBytes)) {
      this.awaitsContinue = false;
      this.response.writeContinue();
    }
    return readRaw(this.request, maxBytes);
  }

  sendJson(status: number, value: unknown, headers?: HttpHeaders): void {
    const body = JSON.stringify(value) ?? "null";
    this.#end(status, body, Buffer.byteLength(body), this.#head("application/json; charset=utf-8", headers));
  }

  sendText(status: number, text: string, headers?: HttpHeaders): void {
    this.#end(status, text, Buffer.byteLength(text), this.#head("text/plain; charset=utf-8", headers));
  }

  sendBytes(status: number, bytes: Uint8Array, headers: HttpHeaders): void {
    this.#end(status, bytes, bytes.byteLength, this.#head("application/octet-stream", headers));
  }

  async sendFile(path: string, options: { size: number; headers: HttpHeaders }): Promise<void> {
    const file = await open(path);
    try {
      const head = this.#head("application/octet-stream", options.headers);
      this.response.writeHead(200, [...head, "Content-Length", String(options.size)]);
      const bytes = file.createReadStream({ autoClose: false, end: Math.max(0, options.size - 1) });
      await pipeline(bytes, this.response, { signal: this.signal });
    } finally {
      await file.close();
    }
  }

  sendEmpty(status: number, headers: HeaderList): void {
    this.response.writeHead(status, [...this.#common(), ...headers]);
    this.response.end();
  }

  openStream(options: { contentType: string; pings?: boolean; headers?: HttpHeaders }): HttpStream {
    const head = this.#head(options.contentType, { "X-Accel-Buffering": "no", ...options.headers });
    this.response.writeHead(200, head);
    return openHttpStream(this.response, this.#ports.heartbeat, options.pings ?? false);
  }

  sendError(error: GatewayError, headers: HttpHeaders = {}): void {
    const { request, response } = this;
    if (response.headersSent) {
      // Half an answer is out. Cutting it off is the only way left to say that it is not whole.
      response.destroy();
      return;
    }
    const detail = error.toDetail(this.requestId);
    const body = JSON.stringify(this.errorBody?.(detail, error.status) ?? { error: detail });
    const head = [...this.#head("application/json; charset=utf-8", headers), ...errorHeaders(error)];
    const unread = hasBody(request) && !request.readableEnded;
    if (unread && this.awaitsContinue) {
      // The client has not sent its body yet and now never will: nothing to wait for, but no next request either.
      head.push("Connection", "close");
    } else if (unread && mayExceed(request, this.#ports.bodyBytes)) {
      head.push("Content-Length", String(Buffer.byteLength(body)), "Connection", "close");
      response.writeHead(error.status, head);
      response.write(body);
      endAfterDiscarding(request, response);
      return;
    }
    this.#end(error.status, body, Buffer.byteLength(body), head);
  }

  #end(status: number, body: string | Uint8Array, length: number, head: HeaderList): void {
    head.push("Content-Length", String(length));
    this.response.writeHead(status, head);
    this.response.end(body);
  }

  #common(): HeaderList {
    const list = baseHeaders(this.requestId);
    if (this.requestIdHeader !== undefined) list.push(this.requestIdHeader, this.requestId);
    if (this.#tally !== undefined) {
      const rate = this.#ports.limiter.headers(this.#tally);
      if (rate !== undefined) list.push("RateLimit-Policy", rate.policy, "RateLimit", rate.state);
    }
    if (this.origin !== undefined) list.push(...corsHeaders(this.origin));
    return list;
  }

  #head(contentType: string, headers: HttpHeaders | undefined): HeaderList {
    const list = this.#common();
    let typed = false;
    let cached = false;
    for (const name in headers) {
      const lower = name.toLowerCase();
      typed ||= lower === "content-type";
      cached ||= lower === "cache-control";
      list.push(name, headers[name]!);
    }
    if (!typed) list.push("Content-Type", contentType);
    if (!cached) list.push("Cache-Control", "no-store");
    return list;
  }
}

function revoked(): GatewayError {
  return new GatewayError("unauthorized", "The credential was revoked.");
}

function clientGone(): GatewayError {
  return new GatewayError("aborted", "The client went away before the answer had ended.");
}
