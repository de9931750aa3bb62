import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { z } from "zod";
import { bounded } from "../base/bounded.ts";
import { writeWhole } from "./write-whole.ts";

/** As `BrowserContext.cookies()` tells them, `expires` in seconds since 1970, -1 for those of a session. */
const cookieShape = z.object({
  name: z.string(),
  value: z.string(),
  domain: z.string().min(1),
  path: z.string().min(1),
  expires: z.number(),
  httpOnly: z.boolean(),
  secure: z.boolean(),
  sameSite: z.enum(["Strict", "Lax", "None"]),
  partitionKey: z.string().optional(),
});
type KeptCookie = z.infer<typeof cookieShape>;

/** How often a profile's cookies are noted at most, ms. */
const everyMs = 1_000;
/** Longest time that Chromium may take to tell them, ms. */
const tellMs = 2_000;

/**
 * A profile's cookies, those of sessions included, on disk beside what Chromium keeps: it writes its own with some delay,
 * and throws those of sessions away when it starts.
 */
export interface CookieKeeper {
  /** Gives the browser those that it lacks; how many it did not take. */
  restore(): Promise<number>;
  /** Notes them soon, at most once a second. Where a note was made just now, the answer does not wait for the next. */
  remember(): Promise<void>;
  /** Notes them now, and no more later. */
  close(): Promise<void>;
}

export function createCookieKeeper({
  context,
  folder,
  now,
  onTrouble,
}: {
  context: BrowserContext;
  /** The profile's. */
  folder: string;
  now(): number;
  onTrouble(error: unknown): void;
}): CookieKeeper {
  const path = join(folder, "openclaw-cookies.json");
  let written = "";
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let last = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  async function write(): Promise<void> {
    last = now();
    try {
      const text = JSON.stringify(await bounded(context.cookies(), tellMs));
      if (text === written) return;
      await writeWhole(path, text);
      written = text;
    } catch (error) {
      onTrouble(error);
    }
  }

  function writeAlone(): Promise<void> {
    writing ??= write().finally(() => {
      writing = undefined;
    });
    return writing;
  }

  return {
    async restore() {
      const kept = await readKept(path);
      const there = new Set((await context.cookies()).map(keyOf));
      const lacking = kept.filter(
        (it) => !there.has(keyOf(it)) && (it.expires === -1 || it.expires * 1_000 > now()),
      );
      if (lacking.length === 0) return 0;
      try {
        await context.addCookies(lacking.map(addable));
        return 0;
      } catch {
        // One that Chromium does not take any more must not cost the others.
        const taken = await Promise.allSettled(lacking.map((it) => context.addCookies([addable(it)])));
        return taken.filter((it) => it.status === "rejected").length;
      }
    },

    async remember() {
      if (isClosed || timer) return;
      const wait = writing ? everyMs : last + everyMs - now();
      if (wait <= 0) return writeAlone();
      timer = setTimeout(
        () => {
          timer = undefined;
          void writeAlone();
        },
        Math.min(wait, everyMs),
      );
    },

    async close() {
      isClosed = true;
      clearTimeout(timer);
      timer = undefined;
      await writing;
      await writeAlone();
    },
  };
}

/** What was kept; nothing where the file is not there, or is none of ours. */
async function readKept(path: string): Promise<KeptCookie[]> {
  try {
    return z.array(cookieShape).parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return [];
  }
}

function addable({ partitionKey, ...cookie }: KeptCookie) {
  return { ...cookie, ...(partitionKey !== undefined && { partitionKey }) };
}

function keyOf({
  name,
  domain,
  path,
  partitionKey,
}: Pick<KeptCookie, "name" | "domain" | "path" | "partitionKey">) {
  return JSON.stringify([name, domain, path, partitionKey]);
}
