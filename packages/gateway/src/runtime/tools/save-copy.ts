import { constants } from "node:fs";
import { copyFile, unlink } from "node:fs/promises";
import { basename, dirname, parse } from "node:path";
import { holdFolder, saying } from "../../lib/contained-files.ts";
import { GatewayError } from "../../lib/errors.ts";
import { contain, type Fence, type Place } from "../../lib/paths.ts";
import { risksOf } from "./change-files.ts";

/** Names that are tried: `name`, `name (2)` … */
const triesAtMost = 100;

export interface CopyOptions {
  /** Absolute; a file of ours. */
  readonly from: string;
  /** Whether it may become one of the files that tell the agent of itself. */
  readonly mayBeIdentity: boolean;
  readonly signal: AbortSignal;
}

/**
 * Copies a file of ours into a fence, under that path or, where something is there, the next free one: nothing is ever
 * written over. Missing folders are made. Gives the path as people and models see it.
 */
export async function saveCopy(fence: Fence, written: string, options: CopyOptions): Promise<string> {
  const { dir, name, ext } = parse(written);
  const front = dir === "" ? "" : `${dir}/`;
  for (let count = 1; count <= triesAtMost; count++) {
    options.signal.throwIfAborted();
    const place = await contain(fence, `${front}${count === 1 ? name : `${name} (${count})`}${ext}`);
    if (!options.mayBeIdentity && risksOf([{ place, after: Buffer.alloc(0) }]).includes("identity-write")) {
      throw new GatewayError("conflict", "The path has come to lead elsewhere. Look at it again.", {
        param: "path",
      });
    }
    if (await copyTo(place, options.from)) return place.shown;
  }
  throw new GatewayError(
    "conflict",
    `There are ${triesAtMost} files of that name already. Give another path.`,
    {
      param: "path",
    },
  );
}

/** False: something is there already. */
async function copyTo(place: Place, from: string): Promise<boolean> {
  const folder = await holdFolder(dirname(place.path), place, { make: true });
  const target = folder.at(basename(place.path));
  try {
    return await saying(place, async () => {
      try {
        await copyFile(from, target, constants.COPYFILE_EXCL); // follows no link in the target's place
        return true;
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
        await unlink(target).catch(() => undefined); // half a file is none
        throw error;
      }
    });
  } finally {
    await folder.close();
  }
}
