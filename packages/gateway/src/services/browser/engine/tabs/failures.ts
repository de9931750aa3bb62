import { errors } from "playwright-core";

/** What an error of Playwright means. */
export type Failure =
  | { kind: "timeout" }
  /** The page or its browser is no more. */
  | { kind: "gone" }
  /** What was opened is a file that comes down instead of a page. */
  | { kind: "download" }
  /** Chromium's network code, e.g. `ERR_CONNECTION_REFUSED`. */
  | { kind: "network"; code: string }
  /** Another navigation took the place of the one that was waited for. */
  | { kind: "interrupted"; by: string }
  | { kind: "other" };

/**
 * The one place that reads Playwright's messages: it has no codes but `TimeoutError`
 * (https://playwright.dev/docs/api/class-timeouterror).
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof errors.TimeoutError) return { kind: "timeout" };
  if (!(error instanceof Error)) return { kind: "other" };
  const first = error.message.split("\n", 1)[0] ?? "";
  if (
    /\b(?:has been closed|Target crashed|Page crashed|Target closed|browser has disconnected)\b/.test(first)
  ) {
    return { kind: "gone" };
  }
  if (first.endsWith("Download is starting")) return { kind: "download" };
  const code = /\bnet::(ERR_[A-Z0-9_]+)/.exec(first)?.[1];
  if (code !== undefined) return { kind: "network", code };
  const by = /is interrupted by another navigation to "([^"]*)"/.exec(first)?.[1];
  return by === undefined ? { kind: "other" } : { kind: "interrupted", by };
}

/** Whether a file of the kind cannot be printed: the browser has a window. */
export function isNoPrinter(error: unknown): boolean {
  return (
    error instanceof Error && /PrintToPDF is not implemented|Printing is not available/i.test(error.message)
  );
}

/** https://source.chromium.org/chromium/chromium/src/+/main:net/base/net_error_list.h */
const words: readonly [begins: string, words: string][] = [
  ["ERR_CONNECTION_REFUSED", "the connection was refused: nothing listens there"],
  ["ERR_NAME_NOT_RESOLVED", "there is no host of that name"],
  ["ERR_EMPTY_RESPONSE", "the site closed the connection without an answer"],
  ["ERR_CONNECTION_RESET", "the site broke the connection off"],
  ["ERR_CONNECTION_CLOSED", "the site closed the connection"],
  ["ERR_CONNECTION_ABORTED", "the connection was broken off"],
  ["ERR_CONNECTION_TIMED_OUT", "the host does not answer"],
  ["ERR_TIMED_OUT", "the host does not answer"],
  ["ERR_ADDRESS_UNREACHABLE", "the host cannot be reached"],
  ["ERR_INTERNET_DISCONNECTED", "there is no network"],
  ["ERR_NETWORK_CHANGED", "the network has changed meanwhile"],
  ["ERR_TOO_MANY_REDIRECTS", "it redirects without end"],
  ["ERR_SSL_", "no secure connection could be made: what answers there does not speak TLS as it should"],
  ["ERR_CERT_DATE_INVALID", "its certificate has expired or is not valid yet"],
  ["ERR_CERT_COMMON_NAME_INVALID", "its certificate is for another host"],
  ["ERR_CERT_AUTHORITY_INVALID", "its certificate is not from an authority that is trusted"],
  ["ERR_CERT_", "its certificate is not valid"],
  ["ERR_INVALID_AUTH_CREDENTIALS", "it asks for a name and a password (HTTP 401)"],
  ["ERR_INVALID_RESPONSE", "its answer is no valid HTTP"],
  ["ERR_INVALID_HTTP_RESPONSE", "its answer is no valid HTTP"],
  ["ERR_RESPONSE_HEADERS_", "the headers of its answer are no valid HTTP"],
  ["ERR_CONTENT_", "its answer came incomplete or could not be decoded"],
  ["ERR_INCOMPLETE_", "its answer came incomplete"],
  ["ERR_HTTP2_", "its answer is no valid HTTP/2"],
  ["ERR_UNSAFE_PORT", "browsers do not open that port"],
  ["ERR_TUNNEL_CONNECTION_FAILED", "the host cannot be reached"],
  ["ERR_PROXY_CONNECTION_FAILED", "the browser could not reach the gateway's guard"],
  ["ERR_BLOCKED_BY_", "it was blocked"],
  ["ERR_HTTP_RESPONSE_CODE_FAILURE", "it answered with an error and no page"],
  ["ERR_ABORTED", "it was given up"],
];

/** A network code of Chromium in words, for a sentence. */
export function inWords(code: string): string {
  const bare = code.replace(/^net::/, "");
  return words.find(([begins]) => bare.startsWith(begins))?.[1] ?? `the browser reports ${bare}`;
}
