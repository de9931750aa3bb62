import { plainHost } from "../../../../lib/addresses.ts";

/** Of how many hosts is known why they were not reached, and for how long, ms. */
const most = 500;
const keptMs = 30_000;

/**
 * Why hosts were not reached, for a while. Chromium tells of a tunnel that was not opened nothing but that, so whoever
 * opened the page asks here.
 */
export interface GuardMemory {
  note(url: URL, why: string): void;
  why(url: string): string | undefined;
}

export function createGuardMemory(now: () => number): GuardMemory {
  const notes = new Map<string, { why: string; at: number }>();
  return {
    note(url, why) {
      const key = keyOf(url);
      notes.delete(key); // so that the oldest is the first
      notes.set(key, { why, at: now() });
      for (const oldest of notes.keys()) {
        if (notes.size <= most) break;
        notes.delete(oldest);
      }
    },
    why(written) {
      const url = URL.parse(written);
      const note = url === null ? undefined : notes.get(keyOf(url));
      return note !== undefined && now() - note.at < keptMs ? note.why : undefined;
    },
  };
}

/** By host and port: a tunnel has no other name. */
function keyOf(url: URL): string {
  const isSecure = url.protocol === "https:" || url.protocol === "wss:";
  return `${plainHost(url.hostname)}:${url.port || (isSecure ? 443 : 80)}`;
}
