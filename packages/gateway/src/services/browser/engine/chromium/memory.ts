import { readFile } from "node:fs/promises";
import type { CDPSession } from "playwright-core";
import { bounded } from "../base/bounded.ts";

/** How long a measurement is good for, ms: adding up the pages of a big browser costs the system some 10 ms. */
const freshMs = 5_000;
/** Longest time that Chromium may take to tell its processes, ms. */
const tellMs = 1_000;

/**
 * The memory of a browser's whole process tree, bytes; null where the system does not tell. Asked at most once in 5 s.
 * https://chromedevtools.github.io/devtools-protocol/tot/SystemInfo/#method-getProcessInfo
 */
export function createMemoryMeter(session: CDPSession, now: () => number): () => Promise<number | null> {
  let last: Promise<number | null> | undefined;
  let at = 0;
  return () => {
    if (last && now() - at < freshMs) return last;
    at = now();
    last = measure(session);
    return last;
  };
}

async function measure(session: CDPSession): Promise<number | null> {
  if (process.platform !== "linux") return null;
  try {
    const { processInfo } = await bounded(session.send("SystemInfo.getProcessInfo"), tellMs);
    const all = await Promise.all(processInfo.map(({ id }) => bytesOf(id)));
    const told = all.filter((bytes) => bytes !== undefined);
    return told.length === 0 ? null : told.reduce((sum, bytes) => sum + bytes, 0);
  } catch {
    return null;
  }
}

/** proc(5): what is shared counts in part. Of a sandboxed process that is kept from us, but not what it alone has. */
async function bytesOf(pid: number): Promise<number | undefined> {
  const share = await kilobytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB$/m);
  const kB = share ?? (await kilobytes(`/proc/${pid}/status`, /^RssAnon:\s+(\d+) kB$/m));
  return kB === undefined ? undefined : kB * 1024;
}

async function kilobytes(path: string, pattern: RegExp): Promise<number | undefined> {
  try {
    const found = pattern.exec(await readFile(path, "utf8"))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined; // it has ended, or we may not look
  }
}
