import { lookup as systemLookup } from "node:dns/promises";
import net, { isIP, type LookupFunction, type Socket } from "node:net";
import tls from "node:tls";
import { plainAddress, plainHost } from "./addresses.ts";
import { GatewayError } from "./errors.ts";
import { privateAddress, type UrlJudge } from "./outbound-judge.ts";
import { onAbort } from "./signals.ts";

export interface Address {
  address: string;
  family: number;
}

/** Finds the addresses of a name. */
export type Lookup = (hostname: string) => Promise<Address[]>;

export const lookupAll: Lookup = (hostname) => systemLookup(hostname, { all: true });

export interface SocketPorts {
  readonly judge: UrlJudge;
  readonly lookup: Lookup;
  /** For looking up, connecting and the TLS handshake together, ms. */
  readonly connectMs: number;
  /** Whether the socket of an https: URL is TCP alone, for whoever tunnels somebody else's TLS. */
  readonly tcpOnly?: boolean | undefined;
}

/** Most addresses of a name that are tried. */
const mostAddresses = 8;

/**
 * Connects to the host of a judged URL: looked up once, every address judged, connected to those addresses and no
 * other. So a name that is answered differently the next time leads nowhere else.
 */
export async function openSocket(url: URL, ports: SocketPorts, signal: AbortSignal): Promise<Socket> {
  const host = plainHost(url.hostname);
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => undefined); // it may come when nothing is raced any more
  const stopListening = onAbort(signal, () => stopped.reject(signal.reason));
  const tooSlow = new GatewayError("timeout", `${host} did not answer in time. Try later, or another page.`);
  const timer = setTimeout(() => stopped.reject(tooSlow), ports.connectMs);
  let socket: Socket | undefined;
  try {
    const addresses = await Promise.race([judgedAddresses(url, ports), stopped.promise]);
    const isSecure = url.protocol === "https:" && ports.tcpOnly !== true;
    socket = connectTo(url, host, addresses, isSecure);
    await Promise.race([connected(socket, isSecure), stopped.promise]);
    const peer = plainAddress(socket.remoteAddress ?? "");
    if (!addresses.some((it) => plainAddress(it.address) === peer)) throw privateAddress(url, "leads to");
    return socket;
  } catch (thrown) {
    socket?.destroy();
    throw thrown;
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

/** The addresses of a judged URL's host, looked up once and judged. Throws `invalid_request` where one must not be called. */
export async function judgedAddresses(
  url: URL,
  { judge, lookup }: Pick<SocketPorts, "judge" | "lookup">,
): Promise<Address[]> {
  const host = plainHost(url.hostname);
  const family = isIP(host);
  const addresses = family !== 0 ? [{ address: host, family }] : await lookup(host);
  const mayBeAnything = judge.addresses.host(url.hostname) === "listed";
  if (!mayBeAnything && !addresses.every((it) => judge.addresses.address(it.address))) {
    throw privateAddress(url, "leads to");
  }
  return addresses.slice(0, mostAddresses);
}

function connectTo(url: URL, host: string, addresses: readonly Address[], isSecure: boolean): Socket {
  // Node asks for all of them, as it tries one after the other (RFC 8305); an address as host is not looked up.
  const lookup: LookupFunction = (_name, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const target = { host, port, lookup, autoSelectFamily: true };
  const socket = isSecure
    ? tls.connect({
        ...target,
        ...(isIP(host) === 0 && { servername: host }),
        ALPNProtocols: ["http/1.1"],
        rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
      })
    : net.connect(target);
  socket.on("error", () => {}); // whoever holds it sees it closed; unheard, it would end the process
  return socket;
}

function connected(socket: Socket, isSecure: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(isSecure ? "secureConnect" : "connect", resolve);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("The connection was closed.")));
  });
}
