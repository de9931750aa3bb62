import { hash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { openFile } from "../../lib/contained-files.ts";
import { contain } from "../../lib/paths.ts";
import type { FilePort } from "../../runtime/tools/ports.ts";

/** The files of a workspace that every session of its agent is told of, in this order. */
export const toldFileNames = ["AGENTS.md", "SOUL.md", "USER.md", "TOOLS.md"] as const;

/** Most characters of one of them. */
const charactersAtMost = 8_000;
/** A character takes at most four bytes; one more byte shows that there is more. */
const bytesAtMost = charactersAtMost * 4 + 1;
/** Workspaces whose files are kept in memory. */
const keptAtMost = 100;

/** A text for the model, and what tells it from another one. */
export interface ToldText {
  readonly name: string;
  readonly text: string;
  /** sha-256, hex. */
  readonly hash: string;
}

interface Kept {
  /** Changes with the file. */
  signature: string;
  file: ToldText | undefined;
}

export interface ToldFiles {
  /** Those that are there and say something. A link that leads out of the workspace counts as not there. */
  read(place: FilePort): Promise<ToldText[]>;
}

/** Reads a file again only when it has changed. */
export function createToldFiles(): ToldFiles {
  const kept = new Map<string, Map<string, Kept>>();

  function keptOf(root: string): Map<string, Kept> {
    const files = kept.get(root) ?? new Map<string, Kept>();
    kept.delete(root);
    kept.set(root, files);
    for (const oldest of kept.keys()) {
      if (kept.size <= keptAtMost) break;
      kept.delete(oldest);
    }
    return files;
  }

  return {
    async read(place) {
      const files = keptOf(place.root);
      const all = await Promise.all(
        toldFileNames.map(async (name) => {
          const signature = signatureOf(join(place.root, name));
          const known = files.get(name);
          if (known?.signature === signature) return known.file;
          const text = signature === "" ? "" : await textOf(place, name);
          const file = text === "" ? undefined : toldText(name, text);
          files.set(name, { signature, file });
          return file;
        }),
      );
      return all.filter((file) => file !== undefined);
    },
  };
}

export function toldText(name: string, text: string): ToldText {
  return { name, text, hash: hash("sha256", text) };
}

/**
 * Empty: there is no such file. Looked up directly: these are a few microseconds at each message, and by way of the
 * thread pool they would be a tenth of the turn.
 */
function signatureOf(path: string): string {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats ? `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}` : "";
  } catch {
    return ""; // a folder on the way is none, or closed
  }
}

/** The text of a regular file of the workspace, cut where it is too long; empty where there is none. */
async function textOf(place: FilePort, name: string): Promise<string> {
  try {
    const { handle } = await openFile(await contain(place, name));
    try {
      const buffer = Buffer.alloc(bytesAtMost);
      let length = 0;
      for (let more = true; more && length < bytesAtMost; ) {
        const { bytesRead } = await handle.read(buffer, length, bytesAtMost - length, length);
        length += bytesRead;
        more = bytesRead > 0;
      }
      return bounded(new TextDecoder().decode(buffer.subarray(0, length)).replaceAll("\0", "").trim());
    } finally {
      await handle.close();
    }
  } catch {
    return ""; // gone meanwhile, closed, or leads elsewhere: the agent works without it
  }
}

function bounded(text: string): string {
  if (text.length <= charactersAtMost) return text;
  return `${text.slice(0, charactersAtMost).toWellFormed()}\n[Cut here: only the first ${charactersAtMost} characters are read.]`;
}
