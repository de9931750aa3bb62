import { randomBytes } from "node:crypto";
import { type BigIntStats, constants } from "node:fs";
import { copyFile, link, open, rename, unlink } from "node:fs/promises";
import { basename, dirname } from "node:path";
import {
  demandFile,
  type HeldFolder,
  holdFolder,
  isSame,
  lookAt,
  moved,
  saying,
} from "../../lib/contained-files.ts";
import { type Place, quoted } from "../../lib/paths.ts";
import type { Risk } from "./types.ts";

/** A file as it was looked at; undefined: there was none. */
export type Version = BigIntStats | undefined;

export interface Change {
  readonly place: Place;
  /** What the change was worked out from. Anything else in its place, and nothing is changed. */
  readonly before: Version;
  /** What the file is to hold; undefined: it goes. */
  readonly after: Buffer | undefined;
  /** Permissions of a new file; those of the umask unless told. */
  readonly mode?: number | undefined;
}

/** The file at a place for a later `changeFiles`. Throws where something else than a file is there. */
export async function versionOf(place: Place): Promise<Version> {
  if (place.shown === ".")
    throw new Error(`${quoted(place.written)} is the workspace itself; name a file in it.`);
  const stats = place.exists ? await lookAt(place.path, place) : undefined;
  if (stats) demandFile(stats, place);
  return stats;
}

/**
 * Changes files, all of them or none: every new content is on disk beside its file before the first one takes its
 * place, and what has been done is undone when a later one fails. Files keep their permissions; missing folders are
 * made, and stay. Only a crash in the midst of several leaves some of them done; each file is old or new, never half.
 */
export async function changeFiles(
  changes: readonly Change[],
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const staged: Staged[] = [];
  const done: Staged[] = [];
  try {
    for (const change of changes) {
      signal.throwIfAborted();
      staged.push(await stage(change, changes.length > 1));
    }
    signal.throwIfAborted();
    for (const it of staged) {
      await it.commit();
      done.push(it);
    }
  } catch (error) {
    for (const it of done.reverse()) await it.undo();
    throw error;
  } finally {
    for (const it of staged) await it.clear();
  }
}

interface Staged {
  commit(): Promise<void>;
  undo(): Promise<void>;
  clear(): Promise<void>;
}

async function stage(change: Change, undoable: boolean): Promise<Staged> {
  const { place, before, after } = change;
  const folder = await holdFolder(dirname(place.path), place, { make: after !== undefined });
  const target = folder.at(basename(place.path));
  const draft = folder.at(draftName());
  const backup = folder.at(draftName());
  const clear = async () => {
    for (const path of [draft, backup]) await unlink(path).catch(() => undefined); // mostly there is none
    await folder.close();
  };
  try {
    await demandVersion(folder, change);
    if (after !== undefined) await saying(place, () => writeDraft(draft, after, change));
    // What is to be replaced or to go keeps a second name until all is done.
    if (undoable && before) {
      await saying(place, () =>
        link(target, backup).catch(() => copyFile(target, backup, constants.COPYFILE_EXCL)),
      );
    }
  } catch (error) {
    await clear();
    throw error;
  }
  return {
    async commit() {
      await demandVersion(folder, change);
      await saying(place, () => (after === undefined ? unlink(target) : rename(draft, target)));
    },
    async undo() {
      await (before ? rename(backup, target) : unlink(target)).catch(() => undefined); // the first failure is told
    },
    clear,
  };
}

/** Never a name that the model could know beforehand. */
function draftName(): string {
  return `.openclaw-${randomBytes(8).toString("hex")}.tmp`;
}

async function demandVersion(folder: HeldFolder, { place, before }: Change): Promise<void> {
  const now = await lookAt(folder.at(basename(place.path)), place);
  if (!isUnchanged(before, now)) throw moved(place);
}

function isUnchanged(before: Version, now: Version): boolean {
  if (!before || !now) return before === now;
  return isSame(before, now) && before.size === now.size && before.mtimeNs === now.mtimeNs;
}

async function writeDraft(path: string, content: Buffer, { before, mode }: Change): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const wanted = before ? Number(before.mode) & 0o777 : mode;
  const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, wanted ?? 0o666);
  try {
    await handle.writeFile(content);
    const own = await handle.stat({ bigint: true });
    if (before && (own.uid !== before.uid || own.gid !== before.gid)) {
      await handle.chown(Number(before.uid), Number(before.gid)).catch(() => undefined); // root's alone to do
    }
    if (wanted !== undefined) await handle.chmod(wanted);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Files that tell the agent who it is: read at the start of every later session. */
const identityFiles = new Set([
  "AGENTS.MD",
  "SOUL.MD",
  "USER.MD",
  "TOOLS.MD",
  "MEMORY.MD",
  "HEARTBEAT.MD",
  "SKILLS",
]);

/** What changing these files means for the owner. */
export function risksOf(changes: readonly Pick<Change, "place" | "after">[]): Risk[] {
  const risks: Risk[] = ["file-write"];
  if (changes.some((it) => it.after === undefined)) risks.push("file-delete");
  if (changes.some((it) => isIdentity(it.place.shown))) risks.push("identity-write");
  return risks;
}

/** By the file system's loosest idea of the same name: there are some that know no case. */
function isIdentity(shown: string): boolean {
  const [first = ""] = shown.split("/");
  const name = first.normalize("NFKC").toUpperCase();
  return identityFiles.has(name) && (name === "SKILLS" || first === shown);
}
