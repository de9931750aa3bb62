import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Presented } from "../services/credentials.ts";

const ticketPrefix = "openclaw.ticket.";

/** The first credential that the request carries, in the documented order; an empty one counts as absent. */
export function presentedBy(
  request: IncomingMessage,
  query: URLSearchParams | undefined,
): Presented | undefined {
  const { headers } = request;
  const value =
    fromAuthorization(headers.authorization) ||
    single(headers["x-api-key"]) ||
    single(headers["x-openclaw-password"]) ||
    query?.get("token") ||
    query?.get("password");
  if (value) return { kind: "secret", value };
  const ticket = ticketOf(headers["sec-websocket-protocol"]);
  return ticket ? { kind: "ticket", value: ticket } : undefined;
}

function fromAuthorization(header: string | undefined): string {
  if (header === undefined) return "";
  const space = header.indexOf(" ");
  if (space < 0) return "";
  const scheme = header.slice(0, space).toLowerCase();
  const rest = header.slice(space + 1).trim();
  if (scheme === "bearer") return asWritten(rest);
  if (scheme !== "basic") return "";
  const pair = textOf(Buffer.from(rest, "base64"));
  const colon = pair.indexOf(":");
  return colon < 0 ? "" : pair.slice(colon + 1);
}

function single(header: string | string[] | undefined): string {
  return asWritten((Array.isArray(header) ? header[0] : header)?.trim() ?? "");
}

/** A header's text: Node reads its bytes as Latin-1, while most clients write UTF-8. */
function asWritten(header: string): string {
  return /[\u0080-\u00ff]/.test(header) ? textOf(Buffer.from(header, "latin1")) : header;
}

function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? "utf8" : "latin1");
}

function ticketOf(protocols: string | undefined): string | undefined {
  for (const protocol of protocols?.split(",") ?? []) {
    const name = protocol.trim();
    if (name.startsWith(ticketPrefix)) return name.slice(ticketPrefix.length);
  }
  return undefined;
}
