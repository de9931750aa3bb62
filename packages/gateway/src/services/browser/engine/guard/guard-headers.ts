import { failureHeader, refusalHeader } from "./guard-trouble.ts";

/**
 * Headers of one connection only, which a proxy takes out. Source: RFC 9110 section 7.6.1 and, for `proxy-connection`,
 * what browsers send to proxies. `expect` has been answered by us.
 */
const hopByHop = new Set([
  "connection",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  refusalHeader,
  failureHeader,
]);

/** Raw headers, name after value, without those that are not handed on, in either direction. */
export function handedOn(rawHeaders: readonly string[]): string[] {
  const named = new Set<string>(); // by the Connection header, as of this connection
  for (const [name, value] of pairs(rawHeaders)) {
    if (name.toLowerCase() !== "connection") continue;
    for (const option of value.split(",")) named.add(option.trim().toLowerCase());
  }
  const kept: string[] = [];
  for (const [name, value] of pairs(rawHeaders)) {
    const lower = name.toLowerCase();
    // What says how long a body is stays, whoever names it: without it the rest of the connection would be misread.
    const isOurs = hopByHop.has(lower) || (named.has(lower) && lower !== "content-length");
    if (!isOurs) kept.push(name, value);
  }
  return kept;
}

function* pairs(raw: readonly string[]): Generator<[name: string, value: string]> {
  for (let at = 0; at + 1 < raw.length; at += 2) yield [raw[at]!, raw[at + 1]!];
}
