import { SendError } from "./types.ts";

/**
 * What a failed call of fetch, undici, axios or an SDK over them means for a message. `later` only where the request
 * cannot have left: no address, no connection, no TLS. All else, an abort and a time-out included, is `unknown`.
 * The thrown error itself is not kept: SDKs hang headers and addresses with tokens on it.
 */
export function sendErrorOf(thrown: unknown): SendError {
  if (thrown instanceof SendError) return thrown;
  const causes = causesOf(thrown);
  const code = causes.map(codeOf).findLast((it) => it !== undefined);
  const named = code === undefined ? "" : ` (${code})`;
  if (!causes.some(isAbort) && causes.some(neverConnected)) {
    return new SendError(
      "later",
      `The service could not be reached${named}. Check the network and its address.`,
    );
  }
  return new SendError(
    "unknown",
    `The connection broke off while the message was on its way${named}; it may have arrived.`,
  );
}

interface Failure {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly errors?: unknown;
  readonly cause?: unknown;
  readonly error?: unknown;
  readonly original?: unknown;
}

/** The error and what is behind it: `cause` of the language and axios, `error` of grammY, `original` of Slack's SDK. */
function causesOf(thrown: unknown): Failure[] {
  const found: Failure[] = [];
  const open = [thrown];
  while (open.length > 0 && found.length < 10) {
    const next = open.shift();
    if (typeof next !== "object" || next === null || found.includes(next)) continue;
    const failure: Failure = next; // every property is optional and unknown
    found.push(failure);
    open.push(failure.cause, failure.error, failure.original);
  }
  return found;
}

/** Only what looks like a code: it goes into a message. */
function codeOf({ code }: Failure): string | undefined {
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : undefined;
}

function isAbort({ name, code }: Failure): boolean {
  return (
    name === "AbortError" || name === "TimeoutError" || code === "ABORT_ERR" || code === "UND_ERR_ABORTED"
  );
}

const beforeConnection = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

/** OpenSSL's verdicts on certificates, as Node.js names them (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const certificates =
  /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERROR_IN_C|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME_INVALID)/;

function neverConnected(failure: Failure): boolean {
  // Several addresses were tried at once: each of them has to have failed like this.
  if (Array.isArray(failure.errors) && failure.errors.length > 0) {
    return failure.errors.every((it) => causesOf(it).some(neverConnected));
  }
  if (failure.syscall === "connect" || failure.syscall === "getaddrinfo") return true;
  const { code } = failure;
  return typeof code === "string" && (beforeConnection.has(code) || certificates.test(code));
}
