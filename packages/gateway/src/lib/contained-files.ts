import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GatewayError } from "./errors.ts";
import { type Place, quoted } from "./paths.ts";

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** A folder that stays the same one whatever is meanwhile put in its place. */
export interface HeldFolder {
  /** The path of something directly in it, for the file system; the folder's own for `.`. */
  at(name: string): string;
  close(): Promise<void>;
}

/**
 * Opens the regular file at a place for reading. Nothing else is opened: no link, pipe, device or socket; and not what
 * has been put in the place of one of its folders since the place was looked up. Throws a `GatewayError`.
 */
export async function openFile(place: Place): Promise<{ handle: FileHandle; stats: BigIntStats }> {
  const before = await lookAt(place.path, place);
  if (!before) throw absent(place);
  demandFile(before, place);
  // A pipe that has come in its place must not hold a thread up until somebody writes to it.
  const handle = await saying(place, () => open(place.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  try {
    const stats = await handle.stat({ bigint: true });
    if (!isSame(before, stats) || !(await standsAt(handle, place.path))) throw moved(place);
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Holds a folder of a place, by its real path. With `make` it and those above it are made as needed.
 * On Linux what is done in it is done in that very folder; elsewhere the last moment before the act is checked.
 */
export async function holdFolder(
  path: string,
  place: Place,
  { make = false }: { make?: boolean } = {},
): Promise<HeldFolder> {
  if (make && !(await lookAt(path, place)) && dirname(path) !== path) {
    const above = await holdFolder(dirname(path), place, { make });
    try {
      await saying(place, () => mkdir(above.at(basename(path))).catch(unlessThere));
    } finally {
      await above.close();
    }
  }
  const handle = await saying(place, () => open(path, O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
  try {
    if (!(await standsAt(handle, path))) throw moved(place);
    const door = `/proc/self/fd/${handle.fd}`;
    const base = (await whereProcSays(handle)) === undefined ? path : door;
    return { at: (name) => join(base, name), close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** What is at a path itself, links not followed; undefined: nothing. */
export async function lookAt(path: string, place: Place): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw told(error, place);
  }
}

/** Throws unless it is a regular file. */
export function demandFile(stats: BigIntStats, place: Place): void {
  if (stats.isFile()) return;
  const what = stats.isDirectory()
    ? "is a folder"
    : stats.isSymbolicLink()
      ? "has become a link"
      : "is no regular file";
  throw new GatewayError("invalid_request", `${quoted(place.written)} ${what}; only files can be opened.`, {
    param: "path",
  });
}

export function absent(place: Place): GatewayError {
  return new GatewayError("not_found", `There is no file ${quoted(place.written)}.`, { param: "path" });
}

/** What was looked up is not what is there now. */
export function moved(place: Place): GatewayError {
  return new GatewayError(
    "conflict",
    `${quoted(place.written)} has changed meanwhile. Look at it again before you go on.`,
    { param: "path" },
  );
}

export function isSame(
  one: Pick<BigIntStats, "dev" | "ino">,
  other: Pick<BigIntStats, "dev" | "ino">,
): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** Does something with files; the system's refusals, which name paths of the host, become sentences that do not. */
export async function saying<T>(place: Place, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw told(error, place);
  }
}

function told(error: unknown, place: Place): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = codeOf(error);
  const reason = reasons[code];
  if (code === "ENOENT") return absent(place);
  return reason === undefined
    ? new GatewayError("internal_error", `${quoted(place.written)} could not be reached (${code}).`, {
        cause: error,
      })
    : new GatewayError("invalid_request", `${quoted(place.written)} ${reason}.`, {
        param: "path",
        cause: error,
      });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "may not be touched: the system denies it",
  EPERM: "may not be touched: the system denies it",
  EROFS: "lies on a disk that cannot be written to",
  ENOSPC: "could not be written: the disk is full",
  EDQUOT: "could not be written: the disk is full",
  EISDIR: "is a folder",
  ENOTDIR: "leads through something that is no folder",
  ELOOP: "has become a link",
  ENAMETOOLONG: "has a name that is too long",
};

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

function unlessThere(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}

/** Whether what is open is what stands at a real path, with no link on the way to it. */
async function standsAt(handle: FileHandle, path: string): Promise<boolean> {
  const said = await whereProcSays(handle);
  if (said !== undefined) return said === path;
  const [real, there, own] = await Promise.all([
    realpath(path).catch(() => undefined),
    lstat(path, { bigint: true }).catch(() => undefined),
    handle.stat({ bigint: true }),
  ]);
  return real === path && there !== undefined && isSame(there, own);
}

/** Where an open file is, by proc(5): one look, so nothing can be swapped between two. Undefined where there is none. */
function whereProcSays(handle: FileHandle): Promise<string | undefined> {
  return readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined);
}
