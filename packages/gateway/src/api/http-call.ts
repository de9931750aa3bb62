import type { IncomingHttpHeaders } from "node:http";
import type { ErrorDetail, HttpRoute, Scope } from "openclaw-protocol";
import type { GatewayError } from "../lib/errors.ts";
import type { Caller } from "../services/access.ts";
import type { Call } from "./dispatch.ts";

/** An answer that is written piece by piece. Writing to one whose reader has gone does nothing. */
export interface HttpStream {
  /** Sends a piece, as one write. False: the reader is more than 1 MB behind, wait for `drained`. */
  write(text: string): boolean;
  /** Settles once the reader has caught up or gone; rejects with the signal's reason. */
  drained(options: { signal: AbortSignal }): Promise<void>;
  /** Sends the head of the answer now rather than with the first piece. */
  flush(): void;
  end(text?: string): void;
}

/** One HTTP request and the ways to answer it. Exactly one answer must be sent. */
export interface HttpCall {
  /** Who is asking; its `signal` is aborted when the client goes away before the answer has ended. */
  readonly call: Call;
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /**
   * The parsed body, `{}` when there is none.
   * Fails with `invalid_request` when it is not JSON and `payload_too_large` over the limit.
   */
  json(): Promise<unknown>;
  /** The body as it came. Fails with `payload_too_large` beyond `maxBytes`, at once where its length is told. */
  bytes(maxBytes: number): Promise<Uint8Array>;
  sendJson(status: number, value: unknown, headers?: HttpHeaders): void;
  sendText(status: number, text: string, headers?: HttpHeaders): void;
  sendBytes(status: number, bytes: Uint8Array, headers: HttpHeaders): void;
  /** Answers with a file of the gateway's own, `size` bytes long, as fast as the client takes it. */
  sendFile(path: string, options: { size: number; headers: HttpHeaders }): Promise<void>;
  /** Starts an answer of status 200 in pieces. With `pings`, a comment every 15 s keeps an event stream open. */
  openStream(options: { contentType: string; pings?: boolean; headers?: HttpHeaders }): HttpStream;
  /** Answers with the error, in the route's own envelope if it has one. */
  sendError(error: GatewayError): void;
}

export type HttpHeaders = Readonly<Record<string, string>>;

/** A route that exists over HTTP alone. What `handle` throws is answered as an error. */
export interface RawRoute {
  readonly method: HttpRoute["method"];
  /** As in the method table: `{name}` is a segment, `{name...}` the rest of the path. */
  readonly path: string;
  /** Any one of these is enough; an empty list means that any credential will do. */
  readonly scopes: readonly Scope[];
  /** Needs no credential and counts in no limit. Host and Origin are still checked. */
  readonly open?: boolean;
  /** With `open`: may be reached by any name and from anywhere. Only for what proves by itself who sent it. */
  readonly anyHost?: boolean;
  /** Another header, besides ours, in which clients look for the request's id. */
  readonly requestIdHeader?: string;
  /** The body of errors in another dialect than ours. */
  errorBody?(detail: ErrorDetail, status: number): unknown;
  handle(request: HttpCall): Promise<void> | void;
}

/** A WebSocket on which another dialect than ours is spoken. */
export interface SocketCall {
  readonly caller: Caller;
  readonly headers: IncomingHttpHeaders;
  /** Aborted when the socket has closed. */
  readonly signal: AbortSignal;
  /** Sends a text. A promise where the reader is behind: it settles once the text has gone out, or cannot any more. */
  send(text: string): Promise<void> | undefined;
  /** Counts a request in the caller's limits, or throws `rate_limited`; the result ends it. */
  enter(): () => void;
  newRequestId(): string;
  /** Notes what went wrong with a request for the log. */
  report(requestId: string, error: GatewayError): void;
}

/** A path where WebSockets speak another dialect. */
export interface RawSocketRoute {
  readonly path: string;
  /** Any one of these is enough. */
  readonly scopes: readonly Scope[];
  /** Called for each socket that opens; the result is given every text that comes. It must not throw. */
  open(socket: SocketCall): (text: string) => void;
}
