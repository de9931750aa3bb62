import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { GatewayError } from "./errors.ts";

/** A folder that may be worked in. */
export interface Fence {
  /** Absolute. It need not be there yet. */
  readonly root: string;
  /** Folders that stay closed even where they lie within it. One that holds the whole root closes nothing of it. */
  readonly closed: readonly string[];
}

/** Something within a fence, or yet to be made there. */
export interface Place {
  /** Absolute, and free of links when it was looked up. For the file system only: never shown. */
  readonly path: string;
  /** From the root, `.` being the root itself: what people and models see. */
  readonly shown: string;
  /** As whoever asked for it wrote it. For errors. */
  readonly written: string;
  readonly exists: boolean;
}

/** A fence with its links followed. */
export interface Ground {
  readonly root: string;
  readonly closed: readonly string[];
}

/** Most characters of a path. */
const longest = 1_024;

/**
 * The one check of every path that somebody else wrote: what it really leads to, links followed, lies within the fence
 * and in none of its closed folders. Relative paths start at the root; nothing is decoded, nothing is expanded.
 * What is not there yet is judged by the nearest folder above it that is. Throws `invalid_request` or `forbidden`, in
 * the same words whether or not the thing outside exists.
 *
 * The answer is true for now only. Who opens the place does so by `openFile` or `holdFolder`, which check again.
 */
export async function contain(fence: Fence, written: string): Promise<Place> {
  const wrong = (what: string) =>
    new GatewayError("invalid_request", `The path ${quoted(written)} ${what}`, { param: "path" });
  if (written === "") throw wrong("is empty; name a file or a folder of the workspace.");
  if (written.includes("\0")) throw wrong("contains a NUL character.");
  if (written.length > longest) throw wrong(`is longer than ${longest} characters.`);
  // Programs that expand it would mean somebody's home; a folder of that name would be a trap for them.
  if (/^~(?=$|\/)/.test(written)) throw wrong("starts with ~; write it relative to the workspace.");

  const ground = await survey(fence);
  const wanted = resolve(ground.root, written);
  const isInside = isWithin(ground.root, wanted) || isWithin(resolve(fence.root), wanted);
  const real = isInside ? await follow(wanted) : undefined;
  if (real === undefined || !isWithin(ground.root, real.path)) {
    throw new GatewayError(
      "forbidden",
      `The path ${quoted(written)} leads out of the workspace, or by a link to nowhere. Only what lies within it can be reached.`,
      { param: "path" },
    );
  }
  if (isClosed(ground, real.path)) {
    throw new GatewayError(
      "forbidden",
      `The path ${quoted(written)} lies in a folder that is closed to tools.`,
      { param: "path" },
    );
  }
  return { ...real, shown: shownFrom(ground, real.path), written };
}

/** Follows the links of the fence itself. Throws `forbidden` if its root is a link to nowhere. */
export async function survey(fence: Fence): Promise<Ground> {
  const root = await follow(resolve(fence.root));
  if (!root) throw new GatewayError("forbidden", "The workspace is a link to nowhere.");
  const closed = await Promise.all(
    fence.closed.map(async (folder) => (await follow(resolve(folder)))?.path ?? resolve(folder)),
  );
  return {
    root: root.path,
    closed: closed.filter((folder) => folder === root.path || !isWithin(folder, root.path)),
  };
}

/** Whether a real path lies in a closed folder. */
export function isClosed(ground: Ground, path: string): boolean {
  return ground.closed.some((folder) => isWithin(folder, path));
}

/** A real path as people and models see it. */
export function shownFrom(ground: Ground, path: string): string {
  return relative(ground.root, path) || ".";
}

/** A path that somebody else wrote, for a sentence. */
export function quoted(written: string): string {
  return JSON.stringify(written.length > 200 ? `${written.slice(0, 200)}…` : written);
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Where a path really leads: links followed as far as it exists. Undefined where a link leads to nowhere or in circles. */
async function follow(path: string): Promise<{ path: string; exists: boolean } | undefined> {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    const real = await realpath(at).catch(() => undefined);
    if (real !== undefined) return { path: join(real, ...missing), exists: missing.length === 0 };
    // There is something by that name, yet it leads nowhere: what is written through it would land who knows where.
    const stats = await lstat(at).catch(() => undefined);
    if (stats) return undefined;
    missing.unshift(basename(at));
  }
}
