import { readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { GatewayError } from "../../../../lib/errors.ts";
import { commandOf, endSame, processFacts } from "./processes.ts";
import { dropNote, isOrphan, readNotes } from "./running-notes.ts";

/** Chromium's own lock, a link to `<host>-<pid>`, and what belongs to it. */
const singletons = ["SingletonLock", "SingletonSocket", "SingletonCookie"];

/**
 * Makes sure that nobody has a profile open before we open it. What a killed gateway has left is ended, a lock that a
 * killed Chromium has left is removed (Chromium itself does not where the host's name has changed, as a container's
 * does). Throws `conflict` where another gateway, or a person, has it open now.
 */
export async function takeProfile(place: {
  folder: string;
  profile: string;
  userData: string;
}): Promise<void> {
  for (const note of await readNotes(place.folder)) {
    if (note.profile !== place.profile) continue;
    const isAlive = (await processFacts(note.pid))?.started === note.started;
    if (isAlive && !(await isOrphan(note))) throw inUse(place.profile, note.pid);
    if (isAlive) await endSame(note);
    await dropNote(place.folder, note.pid);
  }
  const lock = await readlink(join(place.userData, "SingletonLock")).catch(() => undefined);
  if (lock === undefined) return;
  const pid = Number(/-(\d+)$/.exec(lock)?.[1]);
  // Whoever has it open says so on its command line; another process of that pid does not.
  if ((await processFacts(pid)) && (await commandOf(pid)).includes(place.userData))
    throw inUse(place.profile, pid);
  await Promise.all(singletons.map((name) => rm(join(place.userData, name), { force: true })));
}

function inUse(profile: string, pid: number): GatewayError {
  return new GatewayError(
    "conflict",
    `The browser profile "${profile}" is open in another browser already (process ${pid}). End that, or use another profile.`,
    { param: "profile" },
  );
}
