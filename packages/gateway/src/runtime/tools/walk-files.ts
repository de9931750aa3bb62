import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { holdFolder, saying } from "../../lib/contained-files.ts";
import { type Fence, type Ground, isClosed, type Place, shownFrom, survey } from "../../lib/paths.ts";

export interface Found {
  readonly place: Place;
  readonly kind: "folder" | "file" | "link" | "other";
}

export interface Walk {
  /** Folders below the start, 1 being what lies directly in it. */
  readonly depth: number;
  /** What was asked for, in the asker's words: a folder named there is gone into, though it is one that is left out. */
  readonly asked: string;
  readonly signal: AbortSignal;
  /** Names that may still be looked at; shared by everything that counts towards it. */
  readonly budget: { names: number; spent: boolean };
}

/** Folders that hold what others wrote, and far too much of it. */
const leftOut = ["node_modules", ".git"];
const mostInOneFolder = 5_000;

/**
 * Everything below a folder, a folder before what is in it, by name. Links are told of but never followed, closed
 * folders are as if they were not there. Folders that cannot be read are told of and passed over, except the first.
 */
export async function* walk(fence: Fence, start: Place, options: Walk): AsyncGenerator<Found, void> {
  const ground = await survey(fence);
  const skipped = new Set(
    leftOut.filter((name) => !`${start.shown}/${options.asked}`.split("/").includes(name)),
  );
  yield* below(ground, start, options, skipped, 1);
}

async function* below(
  ground: Ground,
  folder: Place,
  options: Walk,
  skipped: ReadonlySet<string>,
  depth: number,
): AsyncGenerator<Found, void> {
  for (const item of await namesIn(folder, options)) {
    options.signal.throwIfAborted();
    const path = join(folder.path, item.name);
    if (isClosed(ground, path)) continue;
    const shown = shownFrom(ground, path);
    const found: Found = { place: { path, shown, written: shown, exists: true }, kind: kindOf(item) };
    yield found;
    if (found.kind !== "folder" || depth >= options.depth || skipped.has(item.name)) continue;
    try {
      yield* below(ground, found.place, options, skipped, depth + 1);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof Unreadable)) throw error;
    }
  }
}

/** A folder that could not be read. */
class Unreadable extends Error {}

async function namesIn(folder: Place, { signal, budget }: Walk): Promise<Dirent[]> {
  const items: Dirent[] = [];
  try {
    const held = await holdFolder(folder.path, folder);
    try {
      const names = await saying(folder, () => opendir(held.at("."), { bufferSize: 256 }));
      for await (const item of names) {
        signal.throwIfAborted();
        if (budget.names <= 0 || items.length >= mostInOneFolder) {
          budget.spent = true;
          break;
        }
        budget.names -= 1;
        items.push(item);
      }
    } finally {
      await held.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new Unreadable(error instanceof Error ? error.message : String(error), { cause: error });
  }
  return items.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function kindOf(item: Dirent): Found["kind"] {
  if (item.isDirectory()) return "folder";
  if (item.isFile()) return "file";
  return item.isSymbolicLink() ? "link" : "other";
}
