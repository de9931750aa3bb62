import { z } from "zod";
import { absent, demandFile, lookAt, openFile } from "../../lib/contained-files.ts";
import { contain, type Fence, type Place } from "../../lib/paths.ts";
import { onAbort } from "../../lib/signals.ts";
import { globMatcher } from "./glob.ts";
import { createLineSearch, type LineSearch } from "./line-search.ts";
import type { Tool } from "./types.ts";
import { walk } from "./walk-files.ts";

/** Bounds of one search: whichever is met first ends it, and the result says so. */
const most = {
  names: 50_000,
  files: 5_000,
  bytes: 64 * 1024 * 1024,
  fileBytes: 1024 * 1024,
  resultCharacters: 60_000,
  ms: 5_000,
  depth: 32,
} as const;

const params = z.strictObject({
  pattern: z.string().min(1).max(1_000).describe("Regular expression for a line; (?i) ignores case"),
  literal: z.boolean().optional().describe("Plain text"),
  path: z.string().optional().describe("Folder or file"),
  glob: z.string().max(500).optional().describe("Files to search, e.g. *.ts"),
  limit: z.int().min(1).max(1_000).optional().describe("Lines; 100 unless told"),
});

/** Finds lines in the text files of a folder, as `path:line: text`. */
export const tool: Tool<typeof params> = {
  name: "search",
  description: "Finds lines in files.",
  params,
  parallel: true,
  async prepare({ pattern, literal = false, path = ".", glob, limit = 100 }, { files, signal }) {
    const place = await contain(files, path);
    const matches = glob === undefined ? () => true : globMatcher(glob);
    createLineSearch(pattern, { literal }); // throws where it is not valid; nothing is started yet
    return {
      risks: [],
      async run() {
        const lines = createLineSearch(pattern, { literal });
        const late = new AbortController();
        const timer = setTimeout(() => late.abort(), most.ms);
        const stopListening = onAbort(signal, () => late.abort(signal.reason));
        const tally = newTally(limit);
        try {
          const found = filesOf(files, place, { matches, asked: glob ?? "", tally, signal: late.signal });
          for await (const file of found) await searchFile(file, lines, tally, late.signal);
        } catch (error) {
          signal.throwIfAborted();
          if (!late.signal.aborted) throw error;
          tally.stopped = `after ${most.ms / 1_000} s`;
        } finally {
          clearTimeout(timer);
          stopListening();
          await lines.close();
        }
        const stopped = tally.stopped ?? (tally.budget.spent ? "as there are too many names" : undefined);
        return {
          matches: tally.matches,
          files: tally.files,
          ...(tally.tooLarge > 0 && { skipped: `${tally.tooLarge} files of more than 1 MB` }),
          ...(stopped && { truncated: `Stopped ${stopped}; there may be more. Narrow it by path or glob.` }),
        };
      },
    };
  },
};

interface Tally {
  matches: string[];
  left: number;
  characters: number;
  files: number;
  bytes: number;
  tooLarge: number;
  budget: { names: number; spent: boolean };
  /** Why the search ended before its end. */
  stopped: string | undefined;
}

function newTally(left: number): Tally {
  const budget = { names: most.names, spent: false };
  return { matches: [], left, characters: 0, files: 0, bytes: 0, tooLarge: 0, budget, stopped: undefined };
}

interface Which {
  matches(path: string): boolean;
  asked: string;
  tally: Tally;
  signal: AbortSignal;
}

/** The files to search, until the tally says that it is enough. */
async function* filesOf(
  fence: Fence,
  start: Place,
  { matches, asked, tally, signal }: Which,
): AsyncGenerator<Place> {
  if (!start.exists && start.shown === ".") return;
  const stats = await lookAt(start.path, start);
  if (!stats) throw absent(start);
  if (!stats.isDirectory()) {
    demandFile(stats, start);
    return yield start;
  }
  for await (const { place, kind } of walk(fence, start, {
    depth: most.depth,
    asked,
    signal,
    budget: tally.budget,
  })) {
    if (kind !== "file" || !matches(place.path.slice(start.path.length + 1))) continue;
    tally.stopped = limitOf(tally);
    if (tally.stopped) return;
    yield place;
  }
}

function limitOf(tally: Tally): string | undefined {
  if (tally.left <= 0) return "at the limit";
  if (tally.characters >= most.resultCharacters) return "as the matches are too much text";
  if (tally.files >= most.files) return `after ${most.files} files`;
  if (tally.bytes >= most.bytes) return "after 64 MB";
  return undefined;
}

async function searchFile(file: Place, lines: LineSearch, tally: Tally, signal: AbortSignal): Promise<void> {
  const text = await textOf(file, tally);
  if (text === undefined) return;
  tally.files += 1;
  for (const { line, text: found } of await lines.find(text, { limit: tally.left, signal })) {
    const match = `${file.shown}:${line}: ${found}`;
    if (tally.characters >= most.resultCharacters) break;
    tally.matches.push(match);
    tally.left -= 1;
    tally.characters += match.length;
  }
}

/** Undefined for what is not searched: what is too large, no text, or cannot be read just now. */
async function textOf(file: Place, tally: Tally): Promise<string | undefined> {
  const opened = await openFile(file).catch(() => undefined);
  if (!opened) return undefined;
  try {
    const size = Number(opened.stats.size);
    if (size > most.fileBytes) {
      tally.tooLarge += 1;
      return undefined;
    }
    const { bytesRead, buffer } = await opened.handle.read(Buffer.allocUnsafe(size), 0, size, 0);
    tally.bytes += bytesRead;
    const bytes = buffer.subarray(0, bytesRead);
    return bytes.subarray(0, 8_192).includes(0) ? undefined : bytes.toString("utf8");
  } catch {
    return undefined;
  } finally {
    await opened.handle.close();
  }
}
