import { GatewayError } from "../lib/errors.ts";
import type { Downloaded } from "./types.ts";

export interface DownloadOptions {
  /** Sent to the origin of `url` alone; a redirect elsewhere gets none of them. */
  headers?: Readonly<Record<string, string>> | undefined;
  signal: AbortSignal;
  /** Most decoded bytes. */
  maxBytes: number;
  /** All origins that may be asked, that of `url` included. Only the latter unless told. */
  allowedOrigins?: readonly string[] | undefined;
}

const mostRedirects = 5;

/**
 * Fetches a file that came with a message, no further than `maxBytes`. Throws `payload_too_large`, `upstream_error`
 * (whose message has neither the address nor the body: both may hold tokens), or the signal's reason.
 */
export async function download(url: URL, options: DownloadOptions): Promise<Downloaded> {
  const { signal, maxBytes, allowedOrigins = [url.origin] } = options;
  let next = url;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    if (!allowedOrigins.includes(next.origin)) {
      throw broken(`it leads to ${next.origin}, which is not an address of the service`);
    }
    const headers = next.origin === url.origin ? options.headers : undefined;
    const response = await ask(next, headers, signal);
    const location =
      response.status >= 300 && response.status < 400 ? response.headers.get("location") : null;
    if (location === null) return { bytes: await read(response, maxBytes, signal), ...mimeTypeOf(response) };
    await discard(response);
    const target = URL.parse(location, next);
    if (target === null) throw broken("it redirects to something that is no address");
    next = target;
  }
  throw broken("it redirects too often");
}

async function ask(url: URL, headers: DownloadOptions["headers"], signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { redirect: "manual", signal, ...(headers && { headers: { ...headers } }) });
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    throw broken(`the connection failed${codeOf(thrown)}`);
  }
}

async function read(response: Response, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  if (!response.ok) {
    await discard(response);
    throw broken(`the service answered ${response.status}`);
  }
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
    await discard(response);
    throw tooLarge(maxBytes);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of response.body ?? []) {
      length += piece.byteLength;
      if (length > maxBytes) throw tooLarge(maxBytes); // leaving the loop cancels the body
      pieces.push(piece);
    }
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown;
    if (signal.aborted) throw signal.reason;
    throw broken(`the connection broke off${codeOf(thrown)}`);
  }
  return Buffer.concat(pieces, length);
}

/** Frees the connection of an answer that nobody reads. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

function mimeTypeOf(response: Response): { mimeType?: string } {
  const mimeType = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  return mimeType ? { mimeType } : {};
}

function broken(why: string): GatewayError {
  return new GatewayError("upstream_error", `The file could not be fetched: ${why}. Send it again.`);
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError(
    "payload_too_large",
    `The file is larger than the ${maxBytes} bytes that are allowed. Send a smaller one.`,
  );
}

function codeOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? ` (${code})` : "";
}
