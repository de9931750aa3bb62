import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError } from "../lib/errors.ts";

const lingerMs = 3000;
const lingerBytes = 64 * 1024 * 1024;

/** Whether the request comes with a body at all. */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Whether the body is or may become longer than `limit` bytes; 0 = no limit. */
export function mayExceed(request: IncomingMessage, limit: number): boolean {
  const length = request.headers["content-length"];
  return length === undefined ? hasBody(request) : limit !== 0 && Number(length) > limit;
}

/**
 * The body as parsed JSON; `{}` when it is empty. `limit` in bytes, 0 = none.
 * Fails with `payload_too_large` (at once where Content-Length tells), `invalid_request`, or `aborted` when the
 * client goes away.
 */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  if (!hasBody(request)) return {};
  refuseForms(request);
  if (limit !== 0 && Number(request.headers["content-length"]) > limit) throw tooLarge(limit);
  const bytes = await readBytes(request, limit);
  if (bytes.length === 0) return {};
  if (!isUtf8(bytes)) throw new GatewayError("invalid_request", "The body is not UTF-8. Send JSON in UTF-8.");
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  try {
    return JSON.parse(bytes.toString("utf8", marked ? 3 : 0));
  } catch {
    // The parser's own message quotes the body, which may hold a secret.
    throw new GatewayError("invalid_request", "The body is not valid JSON. Send one JSON object.");
  }
}

function refuseForms(request: IncomingMessage): void {
  const { "content-type": type, "content-encoding": encoding } = request.headers;
  // Any other type may hold JSON: curl -d says x-www-form-urlencoded unless told.
  if (type !== undefined && /^\s*multipart\//i.test(type)) {
    throw new GatewayError(
      "invalid_request",
      "Form bodies are not understood here. Send JSON with Content-Type: application/json.",
    );
  }
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw new GatewayError(
      "invalid_request",
      "Compressed bodies are not understood. Send the JSON as it is.",
    );
  }
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError(
    "payload_too_large",
    `The body is over the limit of ${limit} bytes. Send less at once.`,
  );
}

/** The body as it came. Fails as `readJson` does beyond `limit` bytes; 0 = none. */
export async function readRaw(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (!hasBody(request)) return Buffer.alloc(0);
  if (limit !== 0 && Number(request.headers["content-length"]) > limit) throw tooLarge(limit);
  return readBytes(request, limit);
}

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    function settle(error?: GatewayError): void {
      request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
      if (error) reject(error);
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    }
    function onData(chunk: Buffer): void {
      size += chunk.length;
      if (limit === 0 || size <= limit) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      settle(tooLarge(limit));
    }
    function onEnd(): void {
      settle();
    }
    function onClose(): void {
      settle(new GatewayError("aborted", "The client went away before its request was complete."));
    }
    request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  });
}

/**
 * Ends an answer whose request still has a body on its way. Closing at once would reset the connection and
 * the client would never read the answer, so the rest is thrown away for a while first.
 */
export function endAfterDiscarding(request: IncomingMessage, response: ServerResponse): void {
  let discarded = 0;
  const timer = setTimeout(finish, lingerMs);
  function finish(): void {
    clearTimeout(timer);
    request.off("data", onData).off("end", finish).off("close", finish);
    response.end();
  }
  function onData(chunk: Buffer): void {
    discarded += chunk.length;
    if (discarded > lingerBytes) finish();
  }
  request.on("data", onData).on("end", finish).on("close", finish);
  request.resume();
}
