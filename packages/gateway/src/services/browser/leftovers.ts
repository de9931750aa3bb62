import { rm } from "node:fs/promises";
import { endSame } from "./engine/chromium/processes.ts";
import { incognitoFolder } from "./engine/chromium/profile-folders.ts";
import { isOrphan, keepNotes, readNotes } from "./engine/chromium/running-notes.ts";

/**
 * Ends the browsers that a gateway has started and left behind, and removes their notes; how many it ended. Only what is
 * still that very process is ended, never another that has got its pid since, and nothing of a gateway that still runs.
 * To be called at the start, before there is a browser; where there are no notes it costs one look into a folder.
 */
export async function reapLeftovers(folder: string): Promise<number> {
  const notes = await readNotes(folder);
  const isLeft = await Promise.all(notes.map(isOrphan));
  const left = notes.filter((_, i) => isLeft[i]);
  const kept = notes.filter((_, i) => !isLeft[i]);
  const ended = await Promise.all(left.map(endSame));
  await keepNotes(
    folder,
    kept.map((note) => note.pid),
  );
  // What incognito has left on the disk is nobody's any more.
  if (left.length > 0 && kept.length === 0) {
    await rm(incognitoFolder(folder), { recursive: true, force: true, maxRetries: 5 });
  }
  return ended.filter(Boolean).length;
}
