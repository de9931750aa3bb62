import { isIP, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import { ConfigError } from "./config-error.ts";

/** Addresses of this machine, as `os.networkInterfaces()` has them. */
export type Interfaces = ReturnType<typeof networkInterfaces>;

/**
 * The address to listen on for a `gateway.bind` of `loopback`, `lan`, `tailnet`, `auto`, `custom` (the address in
 * `customBindHost`) or an IP address. Throws a `ConfigError` where there is none.
 */
export function resolveBind(bind: string, customBindHost?: string, interfaces = networkInterfaces): string {
  switch (bind) {
    case "loopback":
    case "auto":
    case "localhost":
      return "127.0.0.1";
    case "lan":
      return "0.0.0.0";
    case "tailnet":
      return tailnetAddress(interfaces());
    case "custom":
      if (customBindHost) return address(customBindHost, "gateway.customBindHost");
      throw new ConfigError(
        'gateway.bind is "custom": set gateway.customBindHost to the address to listen on.',
      );
    default:
      return address(bind, "gateway.bind");
  }
}

/** Whether only this machine reaches the address: 127.0.0.0/8 or ::1. */
export function isLoopback(host: string): boolean {
  return (isIPv4(host) && host.startsWith("127.")) || host === "::1";
}

function address(text: string, key: string): string {
  const bare = text.replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare)) return bare;
  throw new ConfigError(
    `${key} must be loopback, lan, tailnet, auto, custom or an IP address, not "${text}".`,
  );
}

/** Tailscale gives every machine an address in 100.64.0.0/10 (RFC 6598). */
function tailnetAddress(interfaces: Interfaces): string {
  for (const entry of Object.values(interfaces).flat()) {
    const [first, second] = entry?.family === "IPv4" ? entry.address.split(".").map(Number) : [];
    if (entry && first === 100 && second !== undefined && second >= 64 && second < 128) return entry.address;
  }
  throw new ConfigError(
    'gateway.bind is "tailnet", but this machine has no Tailscale address. Start Tailscale, or use loopback.',
  );
}
