import { constants } from "node:fs";
import {
  chmod,
  copyFile,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../lib/errors.ts";
import { sampleBytes } from "../lib/sniff.ts";

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** Bytes, or a regular file that is taken away from where it lies. */
export type MediaContent = { readonly bytes: Uint8Array } | { readonly path: string };

/** A folder of files that are named by ids of ours, and by nothing that somebody else has written. */
export interface MediaFiles {
  /**
   * Puts a file on the disk for good: either all of it is there under its id, or nothing. `sample` is all of a small
   * file, of a large one its beginning and its end, as `sniff` wants them. Throws `service_unavailable` where the disk
   * is full.
   */
  put(id: string, content: MediaContent): Promise<{ size: number; sample: Uint8Array }>;
  /** Opens a file for reading; undefined: it is not there. To be closed by the caller. */
  open(id: string): Promise<FileHandle | undefined>;
  has(id: string): Promise<boolean>;
  /** For whoever streams it. */
  pathOf(id: string): string;
  /** Nothing happens where there is none. */
  remove(id: string): Promise<void>;
  /** The names of all files, unfinished ones included; none where nothing was ever kept. */
  names(): Promise<string[]>;
}

/** What ids look like, and what an unfinished file is called. */
const named = /^[a-z0-9-]{1,64}(?:\.part)?$/;

export function createMediaFiles(folder: string): MediaFiles {
  function pathOf(name: string): string {
    if (!named.test(name)) throw new Error("this is no name of a kept file");
    return join(folder, name);
  }

  /** Each time: somebody may have cleared up by hand. */
  async function make(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  }

  async function fill(draft: string, content: MediaContent): Promise<void> {
    if ("bytes" in content) return writeFile(draft, content.bytes, { flag: "wx", mode: 0o600 });
    if (!(await lstat(content.path)).isFile()) throw new Error("what is to be kept is no regular file");
    await rename(content.path, draft).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "EXDEV") throw error;
      await copyFile(content.path, draft, constants.COPYFILE_EXCL);
      await rm(content.path, { force: true });
    });
  }

  async function put(id: string, content: MediaContent): Promise<{ size: number; sample: Uint8Array }> {
    await make();
    const draft = pathOf(`${id}.part`);
    try {
      await fill(draft, content);
      const handle = await open(draft, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const stats = await handle.stat();
        if (!stats.isFile()) throw new Error("what is to be kept is no regular file");
        await handle.chmod(0o600);
        await handle.sync();
        await rename(draft, pathOf(id));
        await syncFolder(folder);
        return { size: stats.size, sample: await sampleOf(handle, stats.size) };
      } finally {
        await handle.close();
      }
    } catch (error) {
      await rm(draft, { force: true }).catch(() => {}); // it is cleared up later
      throw told(error);
    }
  }

  async function remove(name: string): Promise<void> {
    await rm(pathOf(name), { force: true });
  }

  return {
    put,
    pathOf,
    remove,
    open: (id) => unlessAbsent(open(pathOf(id), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)),
    has: async (id) => (await unlessAbsent(lstat(pathOf(id))))?.isFile() ?? false,
    names: async () => ((await unlessAbsent(readdir(folder))) ?? []).filter((name) => named.test(name)),
  };
}

async function sampleOf(handle: FileHandle, size: number): Promise<Uint8Array> {
  const isSmall = size <= 2 * sampleBytes;
  const sample = Buffer.alloc(isSmall ? size : 2 * sampleBytes);
  const { bytesRead } = await handle.read(sample, 0, isSmall ? size : sampleBytes, 0);
  if (isSmall) return sample.subarray(0, bytesRead);
  await handle.read(sample, sampleBytes, sampleBytes, size - sampleBytes);
  return sample;
}

/** A new name is on the disk once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlessAbsent<T>(pending: Promise<T>): Promise<T | undefined> {
  try {
    return await pending;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function told(error: unknown): unknown {
  const isFull = codeOf(error) === "ENOSPC" || codeOf(error) === "EDQUOT";
  if (!isFull) return error;
  return new GatewayError("service_unavailable", "The file could not be kept: the gateway's disk is full.", {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
