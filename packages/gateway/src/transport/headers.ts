import type { GatewayError } from "../lib/errors.ts";

/** Header names and values in turn, as `writeHead` takes them without further work. */
export type HeaderList = string[];

/** What every answer carries. */
export function baseHeaders(requestId: string): HeaderList {
  return ["X-Request-Id", requestId, "X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer"];
}

/** What an error of this code must carry besides its body. */
export function errorHeaders(error: GatewayError): HeaderList {
  switch (error.status) {
    case 401:
      return ["WWW-Authenticate", 'Bearer realm="openclaw"', "WWW-Authenticate", 'Basic realm="openclaw"'];
    case 429:
      return retryAfter(error.retryAfterMs ?? 1000);
    case 503:
      // Only where waiting helps: a missing key is not there in a second either.
      return error.retryAfterMs === undefined ? [] : retryAfter(error.retryAfterMs);
    default:
      return [];
  }
}

function retryAfter(ms: number): HeaderList {
  return ["Retry-After", String(Math.max(1, Math.ceil(ms / 1000)))];
}

/** What lets a page of a listed origin read the answer. */
export function corsHeaders(origin: string): HeaderList {
  return [
    "Access-Control-Allow-Origin",
    origin,
    "Vary",
    "Origin",
    "Access-Control-Expose-Headers",
    "X-Request-Id, X-OpenClaw-Ignored, Retry-After, RateLimit, RateLimit-Policy",
  ];
}

/** The answer to a preflight of a listed origin; the page may send the headers that it asked for. */
export function preflightHeaders(askedHeaders: string | undefined): HeaderList {
  const allowed =
    askedHeaders ?? "Authorization, Content-Type, Idempotency-Key, X-API-Key, X-OpenClaw-Password";
  return [
    "Access-Control-Allow-Methods",
    "GET, HEAD, POST, PATCH, DELETE",
    "Access-Control-Allow-Headers",
    allowed,
    "Access-Control-Allow-Private-Network",
    "true",
    "Access-Control-Max-Age",
    "600",
  ];
}
