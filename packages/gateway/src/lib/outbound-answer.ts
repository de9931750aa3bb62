import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import { GatewayError } from "./errors.ts";

/** Most bytes of an answer's head. */
const headerBytes = 32 * 1024;

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** An answer whose head is there and whose body is still to be read. It ends with its socket. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body, decoded, up to so many bytes of what it decodes to. */
  read(maxBytes: number): Promise<{ body: Buffer; truncated: boolean }>;
}

/** Speaks HTTP over a socket that is there already, once. Whoever opened the socket destroys it. */
export function ask(socket: Socket, url: URL, { method, headers, body }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const asking = request({
      createConnection: () => socket,
      method,
      path: url.pathname + url.search,
      headers: { host: url.host, "accept-encoding": "gzip, br", ...headers },
      maxHeaderSize: headerBytes,
      insecureHTTPParser: false,
    });
    asking.on("error", reject); // stays: an error after the head comes a second time from the body
    asking.once("close", () => reject(new Error("The connection was closed.")));
    asking.once("response", (response) => {
      response.on("error", () => {}); // seen by whoever reads
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        read: (maxBytes) => readBody(response, url, maxBytes),
      });
    });
    asking.end(body);
  });
}

/** Counts what comes out of the decoder, so that a small body cannot become a large one. */
async function readBody(
  response: IncomingMessage,
  url: URL,
  maxBytes: number,
): Promise<{ body: Buffer; truncated: boolean }> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of decoded(response, url) as AsyncIterable<Buffer>) {
    // no encoding is set on it
    parts.push(part);
    size += part.length;
    if (size > maxBytes) break;
  }
  return { body: Buffer.concat(parts).subarray(0, maxBytes), truncated: size > maxBytes };
}

function decoded(response: IncomingMessage, url: URL): Readable {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase() || "identity";
  if (encoding === "identity") return response;
  const decoder =
    encoding === "gzip" || encoding === "x-gzip"
      ? createGunzip()
      : encoding === "br"
        ? createBrotliDecompress()
        : undefined;
  if (!decoder) {
    throw new GatewayError("upstream_error", `${url.hostname} compresses its answer in a way not asked for.`);
  }
  return pipeline(response, decoder, () => {}); // an error is met by whoever reads
}
