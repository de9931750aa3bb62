import { isIP } from "node:net";
import { plainAddress, plainHost } from "../../../../lib/addresses.ts";
import { GatewayError } from "../../../../lib/errors.ts";

/** Which hosts pages may call, by `browser.allowHosts` and `browser.denyHosts`. */
export interface HostLists {
  /** Why a URL's `hostname` must not be called; undefined: the lists have nothing against it. */
  why(hostname: string): string | undefined;
}

/**
 * An entry is a host name, an IP address, `*.example.com` (any name below example.com, and example.com itself) or `*`.
 * Names are compared as URLs spell them: in lower case, IDNA as ASCII, IP addresses in their one spelling, no closing
 * dot. What counts is the host as the URL has it, not the addresses it leads to. `denyHosts` wins. An empty
 * `allowHosts` allows all. Throws `service_unavailable` for an entry that is none of these: left out silently, it
 * would open what somebody wanted closed.
 */
export function createHostLists({
  allowHosts,
  denyHosts,
}: {
  readonly allowHosts: readonly string[];
  readonly denyHosts: readonly string[];
}): HostLists {
  const allowed = hostMatcher(allowHosts, "browser.allowHosts");
  const denied = hostMatcher(denyHosts, "browser.denyHosts");
  return {
    why(hostname) {
      const host = plainAddress(plainHost(hostname));
      const shown = host.slice(0, 253);
      if (denied(host)) return `${shown} is listed in browser.denyHosts: pages may not call it.`;
      if (allowHosts.length === 0 || allowed(host)) return undefined;
      return `${shown} is not listed in browser.allowHosts, and pages may call no others. Add it there to open it.`;
    },
  };
}

function hostMatcher(entries: readonly string[], key: string): (host: string) => boolean {
  const exact = new Set<string>();
  const below: string[] = [];
  let isAll = false;
  for (const [index, entry] of entries.entries()) {
    const written = entry.trim();
    const isWide = written.startsWith("*.");
    const host = written === "*" ? "" : hostOf(isWide ? written.slice(2) : written);
    if (host === undefined || (isWide && isIP(host) !== 0)) throw badEntry(`${key}[${index}]`);
    if (written === "*") isAll = true;
    else exact.add(host);
    if (isWide) below.push(`.${host}`);
  }
  return (host) =>
    isAll || exact.has(host) || (isIP(host) === 0 && below.some((suffix) => host.endsWith(suffix)));
}

/** An entry's host in the spelling of URLs; undefined for what is more or less than a host. */
function hostOf(written: string): string | undefined {
  if (/[\s/\\?#@*]/.test(written)) return undefined;
  const bare = written.replace(/^\[|\]$/g, "");
  if (isIP(bare) === 6) return plainAddress(bare);
  if (written.includes(":")) return undefined; // a port
  const host = plainHost(URL.parse(`http://${written}/`)?.hostname ?? "");
  return host === "" ? undefined : plainAddress(host);
}

function badEntry(param: string): GatewayError {
  return new GatewayError(
    "service_unavailable",
    `${param} is no host, so the browser does not start. Write names like example.com or *.example.com, or IP addresses.`,
    { param },
  );
}
