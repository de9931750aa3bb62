import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { GatewayError } from "../../lib/errors.ts";
import { contain, type Fence, quoted } from "../../lib/paths.ts";

/** Where programs are looked for, whatever PATH the gateway was started with: folders that only the system's owner fills. */
export const safeFolders: readonly string[] = [
  ...["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"],
  ...(process.platform === "darwin" ? ["/opt/homebrew/bin"] : []),
];

/** Finds a program by its bare name; undefined: there is none. */
export type FindExecutable = (name: string) => Promise<string | undefined>;

/** A program, and by what to know it again. */
export interface Program {
  /** What is run: absolute, its folder free of links. Its own name stays, as some programs go by the name they are called. */
  readonly path: string;
  /** What that name leads to. */
  readonly real: string;
  readonly identity: string;
}

/** Looks in the safe folders. */
export const findExecutable: FindExecutable = async (name) => {
  for (const folder of safeFolders) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
};

/**
 * The program that the first word of a command means: a bare name from the safe folders, never from the workspace; a
 * path only to what lies in the workspace or in a safe folder. Throws a `GatewayError` if there is none.
 */
export async function findProgram(
  word: string,
  { cwd, fence, find }: { cwd: string; fence: Fence; find: FindExecutable },
): Promise<Program> {
  const byName = !word.includes("/");
  const found = byName ? await find(word) : resolve(cwd, word);
  if (found === undefined || word === "" || word === "." || word === "..") throw unknown(word);
  const folder = await realpath(dirname(found)).catch(() => undefined);
  if (folder === undefined || !(await isExecutable(found))) throw unknown(word);
  const path = join(folder, basename(found));
  const real = await realpath(path);
  const isOurs = await liesWithin(fence, path);
  if (byName && (isOurs || (await liesWithin(fence, real)))) throw unknown(word);
  if (!byName && !(await isSafe(folder)) && !(isOurs && (await isReachable(fence, real)))) {
    throw new GatewayError(
      "forbidden",
      `${quoted(word)} is not in the workspace nor in a folder of the system's programs, so it cannot be run.`,
      { param: "argv" },
    );
  }
  return { path, real, identity: await identify(path) };
}

/** Throws `conflict` unless the program is still the one that was found. */
export async function verifyProgram(program: Program): Promise<void> {
  const real = await realpath(program.path).catch(() => undefined);
  const identity = await identify(program.path).catch(() => undefined);
  if (real === program.real && identity === program.identity) return;
  throw new GatewayError(
    "conflict",
    "The program was changed after the command had been looked at, so it was not run. Look at it and call again.",
  );
}

/** The file behind a path. Its times are part of it: a file that is written to is another program. */
async function identify(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isFile()) return false;
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function isSafe(folder: string): Promise<boolean> {
  const real = await Promise.all(safeFolders.map((it) => realpath(it).catch(() => undefined)));
  return real.includes(folder);
}

/** A link of the workspace may lead to a program of the system, as that of a virtual environment does. */
async function isReachable(fence: Fence, real: string): Promise<boolean> {
  return (await liesWithin(fence, real)) || isSafe(dirname(real));
}

async function liesWithin(fence: Fence, path: string): Promise<boolean> {
  // The name itself may be a link that leads out: it is its folder that must lie within.
  return contain(fence, dirname(path)).then(
    () => true,
    () => false,
  );
}

function unknown(word: string): GatewayError {
  return new GatewayError(
    "not_found",
    `There is no program ${quoted(word)}. Programs are found by name in ${safeFolders.join(":")}, or by path in the workspace, e.g. ./script.sh.`,
    { param: "argv" },
  );
}
