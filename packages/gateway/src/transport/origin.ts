import type { IncomingMessage } from "node:http";
import { isIP, isIPv4 } from "node:net";
import { GatewayError } from "../lib/errors.ts";

/** By which names the gateway may be reached and which pages may call it. */
export interface OriginSettings {
  /** `gateway.allowedHosts`: names or addresses, a port is ignored. */
  readonly allowedHosts: readonly string[];
  /** `gateway.controlUi.allowedOrigins`, e.g. `https://console.example`. */
  readonly allowedOrigins: readonly string[];
  /** The address that the gateway listens on. */
  readonly boundAddress: string;
  /** The machine's own name. */
  readonly hostName: string;
}

/**
 * Refuses requests that a foreign page could have caused: DNS rebinding by Host, cross-site calls by Origin.
 * Throws `forbidden`. Returns the origin when it is a listed one, which CORS headers are for.
 */
export type OriginCheck = (request: IncomingMessage) => string | undefined;

const mostRemembered = 256;

export function createOriginCheck(settings: OriginSettings): OriginCheck {
  const origins = new Set(settings.allowedOrigins.map(originOf).filter((it) => it !== undefined));
  const hosts = new Set<string>();
  for (const name of [settings.boundAddress, settings.hostName, ...settings.allowedHosts]) {
    const host = hostOf(name) ?? canonical(name);
    if (host) hosts.add(host);
  }
  for (const origin of origins) hosts.add(hostOf(new URL(origin).host) ?? "");
  hosts.delete("");
  /** Host headers that passed, so that the usual one costs a look-up. */
  const passed = new Set<string>();

  function checkHost(header: string | undefined, request: IncomingMessage): void {
    if (header !== undefined && passed.has(header)) return;
    const host = header === undefined ? undefined : hostOf(header);
    if (host !== undefined && (isLoopback(host) || hosts.has(host))) {
      if (passed.size >= mostRemembered) passed.clear();
      passed.add(header ?? "");
      return;
    }
    // An address literal that the client really connected to: no name was resolved, so none was rebound.
    if (host !== undefined && isIP(host) !== 0 && host === localAddress(request)) return;
    throw new GatewayError(
      "forbidden",
      "The Host header names a host that this gateway does not answer for. Add it to gateway.allowedHosts.",
    );
  }

  return (request) => {
    const { host, origin } = request.headers;
    checkHost(host, request);
    if (origin === undefined) return undefined;
    const asked = origin.toLowerCase();
    if (origins.has(asked)) return origin;
    if (asked === `http://${host?.toLowerCase()}` || asked === `https://${host?.toLowerCase()}`)
      return undefined;
    throw new GatewayError(
      "forbidden",
      "Pages of this origin may not call the gateway. Add the origin to gateway.controlUi.allowedOrigins.",
    );
  };
}

/** The host of `host`, `host:port` or `[v6]:port`, lower-case; undefined when it is nothing of the kind. */
function hostOf(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header);
  if (match === null) return undefined;
  if (match[1] !== undefined) return isIP(match[1]) === 6 ? canonical(match[1]) : undefined;
  return canonical(match[2] ?? "");
}

/** Whether the host is `localhost` or an address of this very machine: 127.0.0.0/8 or ::1, and no name that only looks so. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

/** One spelling per host: lower-case, no final dot, IPv6 compressed, an IPv4 address inside IPv6 as IPv4. */
export function canonical(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, "");
  if (isIP(name) !== 6) return name;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(name);
  if (mapped?.[1] !== undefined) return mapped[1];
  return name.includes("%") ? name : new URL(`http://[${name}]`).hostname.slice(1, -1);
}

function localAddress(request: IncomingMessage): string | undefined {
  const address = request.socket.localAddress;
  return address === undefined ? undefined : canonical(address);
}

function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { origin } = new URL(text);
  return origin === "null" ? undefined : origin;
}
