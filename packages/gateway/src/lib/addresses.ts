import { BlockList, isIP } from "node:net";

/**
 * Addresses that nobody outside may make us call: this machine, private networks, link-local with the clouds'
 * metadata services, and everything else that is no public host.
 * Source: IANA special-purpose address registries (RFC 6890 and its updates); 168.63.129.16 is Azure's wire server.
 */
const notPublic = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  // Of IPv6 only 2000::/3 is public at all; these parts of it are not, or hide an IPv4 address.
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

/** Names that no public zone has. */
const localName = /(^|\.)(localhost|localdomain|local|internal|intranet|private|corp|home|lan|home\.arpa)$/;

export interface AddressJudge {
  /**
   * Judges a URL's host as written. `private`: not to be called. `listed`: a name that may be called whatever it
   * resolves to. `open`: an address that may be called, or a name whose addresses are still to be judged.
   */
  host(hostname: string): "private" | "listed" | "open";
  /** Whether an IP address may be called. */
  address(ip: string): boolean;
}

/** `allowed` lists what may be called though it is not public: IP addresses, CIDRs, host names. */
export function createAddressJudge(allowed: readonly string[]): AddressJudge {
  const closed = new BlockList();
  for (const [net, prefix] of notPublic) closed.addSubnet(net, prefix, familyOf(net));
  const global = new BlockList();
  global.addSubnet("2000::", 3, "ipv6");
  const opened = new BlockList();
  const names = new Set<string>();
  for (const entry of allowed) admit(entry, opened, names);

  function address(ip: string): boolean {
    const plain = plainAddress(ip);
    if (isIP(plain) === 0) return false;
    const family = familyOf(plain);
    if (opened.check(plain, family)) return true;
    return !closed.check(plain, family) && (family === "ipv4" || global.check(plain, family));
  }

  return {
    address,
    host(hostname) {
      const host = plainHost(hostname);
      if (isIP(host) !== 0) return address(host) ? "open" : "private";
      if (names.has(host)) return "listed";
      return localName.test(host) || !/^[^.]+(\.[^.]+)+$/.test(host) ? "private" : "open";
    },
  };
}

/** A URL's `hostname` as it is connected to: without brackets and closing dots, in lower case. */
export function plainHost(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.+$/, "")
    .toLowerCase();
}

/** An IP address in its one spelling, so that two of them can be compared; an IPv4 address in IPv6 as that IPv4 address. */
export function plainAddress(ip: string): string {
  const bare = ip.replace(/%.*$/s, ""); // the zone of a link-local address
  if (isIP(bare) !== 6) return bare;
  const spelled = plainHost(new URL(`http://[${bare}]/`).hostname);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(spelled);
  if (!mapped) return spelled;
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** Entries that are none of the three kinds, such as names with a port, open nothing. */
function admit(entry: string, opened: BlockList, names: Set<string>): void {
  const written = entry.trim();
  const [net = "", prefix, ...rest] = written.split("/");
  if (prefix !== undefined) {
    const most = isIP(net) === 6 ? 128 : 32;
    const fits = isIP(net) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= most && rest.length === 0;
    if (fits) opened.addSubnet(net, Number(prefix), familyOf(net));
    return;
  }
  const bare = written.replace(/^\[|\]$/g, "");
  const host = isIP(bare) !== 0 ? bare : plainHost(URL.parse(`http://${written}/`)?.hostname ?? "");
  if (isIP(host) !== 0) {
    const plain = plainAddress(host);
    opened.addAddress(plain, familyOf(plain));
  } else if (host !== "" && !/[:@?#\\]/.test(written)) names.add(host);
}

function familyOf(ip: string): "ipv4" | "ipv6" {
  return isIP(ip) === 6 ? "ipv6" : "ipv4";
}
