import { GatewayError, toGatewayError } from "../../lib/errors.ts";
import { onAbort } from "../../lib/signals.ts";
import { parseParams } from "../dispatch.ts";
import type { HttpCall, HttpStream, RawRoute } from "../http-call.ts";
import type { Answering, Ask } from "./answering.ts";
import type { Dialect, DialectBody, Json } from "./dialect.ts";

export interface DialectRouteDeps {
  answering: Answering;
  /** Most time of an answer, ms; 0 = off. */
  timeoutMs: number;
}

/** The HTTP route of a dialect: straight to a model where `model` is `provider/model`, to an agent where it names one. */
export function dialectRoute<B extends DialectBody>(
  dialect: Dialect<B>,
  { answering, timeoutMs }: DialectRouteDeps,
): RawRoute {
  return {
    method: "POST",
    path: dialect.path,
    scopes: ["chat"],
    ...(dialect.errorBody && { errorBody: dialect.errorBody }),
    async handle(http) {
      const body = parseParams(dialect.body, await http.json());
      const limit = deadline(http.call.signal, timeoutMs);
      try {
        const ask = askOf(http, dialect, body, limit.signal);
        if (!body.stream) {
          const { answer, ignored } = await answering.whole(dialect, ask);
          http.sendJson(200, answer, ignoredHeader(ignored));
          return;
        }
        const { pieces, ignored } = await answering.stream(dialect, ask);
        await sendPieces(http, dialect, { pieces, signal: limit.signal, headers: ignoredHeader(ignored) });
      } finally {
        limit.clear();
      }
    },
  };
}

/** The call as the dialects see it. */
export function askOf<B extends DialectBody>(
  http: Pick<HttpCall, "call" | "headers">,
  { passedHeaders = [] }: Pick<Dialect<B>, "passedHeaders">,
  body: B,
  signal: AbortSignal,
): Ask<B> {
  const { caller, idempotencyKey } = http.call;
  const sessionKey = http.headers["x-openclaw-session-key"];
  const passed = passedHeaders.flatMap((name) => {
    const value = http.headers[name];
    return typeof value === "string" && value !== "" ? [[name, value] as const] : [];
  });
  return {
    body,
    caller,
    signal,
    idempotencyKey,
    ...(typeof sessionKey === "string" && sessionKey !== "" && { sessionKey }),
    ...(passed.length > 0 && { headers: Object.fromEntries(passed) }),
  };
}

/** Tells the caller what of its request was left out. */
export function ignoredHeader(ignored: readonly string[]): Record<string, string> {
  if (ignored.length === 0) return {};
  const names = ignored.map((it) => it.replaceAll(/[^\w.[\]-]/g, "?").slice(0, 64));
  return { "X-OpenClaw-Ignored": [...new Set(names)].slice(0, 32).join(", ") };
}

interface Sending {
  pieces: AsyncIterable<Json[]>;
  signal: AbortSignal;
  headers?: Record<string, string>;
}

/**
 * Sends the pieces as server-sent events, those that come together as one write; where the first of them are none, the
 * head of the answer goes ahead alone. What fails midway is the last of them.
 */
export async function sendPieces(
  http: HttpCall,
  dialect: Pick<Dialect, "encode" | "ending" | "failure">,
  { pieces, signal, headers = {} }: Sending,
): Promise<void> {
  let stream: HttpStream | undefined;
  const open = () =>
    (stream ??= http.openStream({ contentType: "text/event-stream; charset=utf-8", pings: true, headers }));
  try {
    for await (const together of pieces) {
      let text = "";
      for (const piece of together) text += dialect.encode(piece);
      if (text === "") open().flush();
      else if (!open().write(text)) await open().drained({ signal });
    }
    open().end(dialect.ending);
  } catch (thrown) {
    const error = toGatewayError(thrown);
    if (!stream) throw error;
    stream.end(dialect.encode(dialect.failure(error.toDetail(http.call.requestId), error.status)));
  }
}

/** Aborts when the caller goes away or the time is up, whichever comes first. */
export function deadline(signal: AbortSignal, timeoutMs: number): { signal: AbortSignal; clear(): void } {
  if (!timeoutMs) return { signal, clear: () => {} };
  const controller = new AbortController();
  const stopListening = onAbort(signal, () => controller.abort(signal.reason));
  const timer = setTimeout(() => {
    controller.abort(new GatewayError("timeout", `The completion took longer than ${timeoutMs} ms.`));
  }, timeoutMs);
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      stopListening();
    },
  };
}
