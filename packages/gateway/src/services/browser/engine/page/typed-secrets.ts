/**
 * Whether a secret may be typed into a frame of that address: one of its hosts, over https; on this machine also over
 * http. `*.example.com` stands for every name below example.com, not for that itself.
 */
export function mayBeTypedAt(frameUrl: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(frameUrl)) return false;
  const { protocol, hostname, host } = new URL(frameUrl);
  if (hostname === "") return false;
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback(hostname))) return false;
  return hosts.some((told) => {
    const wanted = told.trim().toLowerCase().replace(/\.$/, "");
    const name = hostname.replace(/\.$/, "");
    // An address has no names below it: *.0.0.1 is none of 127.0.0.1's.
    if (wanted.startsWith("*.") && /^\[|^[\d.]+$/.test(name)) return false;
    if (wanted.startsWith("*."))
      return wanted.length > 2 && name.endsWith(wanted.slice(1)) && name.length > wanted.length - 1;
    return name === wanted || host === wanted;
  });
}

/** URL's parser has made the usual form of every way to write an address: 127.0.0.0/8 and ::1 (RFC 6890). */
function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}
