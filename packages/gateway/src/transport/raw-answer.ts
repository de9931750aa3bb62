import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { GatewayError } from "../lib/errors.ts";
import { baseHeaders, errorHeaders, type HeaderList } from "./headers.ts";

/**
 * Answers with an error on a connection that has no response object: a refused upgrade, a request that
 * could not be parsed. The connection closes after it.
 */
export function answerOnConnection(
  connection: Duplex,
  error: GatewayError,
  facts: { requestId: string; status?: number; headers?: HeaderList },
): void {
  const status = facts.status ?? error.status;
  const body = JSON.stringify({ error: error.toDetail(facts.requestId) });
  const headers = [
    ...baseHeaders(facts.requestId),
    ...errorHeaders(error),
    ...(facts.headers ?? []),
    "Content-Type",
    "application/json; charset=utf-8",
    "Content-Length",
    String(Buffer.byteLength(body)),
    "Cache-Control",
    "no-store",
    "Connection",
    "close",
  ];
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  connection.once("finish", () => connection.destroy());
  connection.end(`${head}\r\n${body}`);
}
