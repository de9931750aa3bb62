import type { Clock } from "../../lib/clock.ts";

/** A page as it is kept: whole, to be cut for whoever asks. */
export interface Page {
  url: string;
  status: number;
  contentType: string;
  title: string | null;
  text: string;
  truncated: boolean;
}

export interface PageCache {
  get(url: string): Page | undefined;
  put(url: string, page: Page): void;
}

const keptMs = 15 * 60_000;
const mostPages = 64;
const mostChars = 4 * 1024 * 1024; // 8 MB at most, as strings take two bytes a character

/** Pages of the last minutes by URL; those that nobody asked for longest go first. */
export function createPageCache(clock: Clock): PageCache {
  const kept = new Map<string, { page: Page; size: number; until: number }>();
  let size = 0;

  function drop(url: string): void {
    size -= kept.get(url)?.size ?? 0;
    kept.delete(url);
  }

  return {
    get(url) {
      const found = kept.get(url);
      if (!found) return undefined;
      if (clock.now() >= found.until) {
        drop(url);
        return undefined;
      }
      kept.delete(url);
      kept.set(url, found); // a Map's order is that of setting
      return found.page;
    },
    put(url, page) {
      drop(url);
      const now = clock.now();
      for (const [old, { until }] of kept) if (now >= until) drop(old);
      const own = url.length + page.url.length + page.text.length + (page.title?.length ?? 0);
      kept.set(url, { page, size: own, until: now + keptMs });
      size += own;
      for (const old of kept.keys()) {
        if (kept.size <= mostPages && size <= mostChars) break;
        drop(old);
      }
    },
  };
}
