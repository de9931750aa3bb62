import { BlockList, isIP } from "node:net";

/**
 * Addresses that nobody outside may make us call: this machine, private networks, link-local with the clouds'
 * metadata services, and everything else that is no public host.
 * Source: IANA special-purpose address registries (RFC 6890 and its updates).
 */
const notPublic = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
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
  ["::", 127],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 32],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const;

/** Tells whether a URL's host, as written, is no public one. Names are judged by themselves, not looked up. */
export function createPrivateHostTest(): (hostname: string) => boolean {
  const list = new BlockList();
  for (const [net, prefix] of notPublic) list.addSubnet(net, prefix, isIP(net) === 6 ? "ipv6" : "ipv4");
  return (hostname) => {
    const host = hostname
      .replace(/^\[|\]$/g, "")
      .replace(/\.$/, "")
      .toLowerCase();
    const family = isIP(host);
    if (family === 0) return /(^|\.)(localhost|local|internal|home\.arpa)$/.test(host) || !host.includes(".");
    return list.check(host, family === 6 ? "ipv6" : "ipv4");
  };
}
