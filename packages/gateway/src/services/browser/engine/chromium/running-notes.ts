import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { processFacts } from "./processes.ts";
import { writeWhole } from "./write-whole.ts";

/** A note on a browser that was started, for the gateway that comes after one that was killed. */
const noteShape = z.object({
  pid: z.int().min(2),
  /** `ProcessFacts.started` */
  started: z.string().min(1),
  profile: z.string(),
  /** The gateway that has started it. */
  gateway: z.object({ pid: z.int(), started: z.string() }),
});
export type RunningNote = z.infer<typeof noteShape>;

const notesOf = (folder: string) => join(folder, "running");
const noteOf = (folder: string, pid: number) => join(notesOf(folder), `${pid}.json`);

/** Notes a browser of ours; a process that has ended already is not noted. */
export async function noteRunning(
  folder: string,
  browser: { pid: number; profile: string },
): Promise<RunningNote | undefined> {
  const [it, gateway] = await Promise.all([processFacts(browser.pid), processFacts(process.pid)]);
  if (!it) return undefined;
  const note: RunningNote = {
    ...browser,
    started: it.started,
    gateway: { pid: process.pid, started: gateway?.started ?? "" },
  };
  await mkdir(notesOf(folder), { recursive: true, mode: 0o700 });
  await writeWhole(noteOf(folder, browser.pid), JSON.stringify(note));
  return note;
}

/** All notes that can be read. */
export async function readNotes(folder: string): Promise<RunningNote[]> {
  const names = await readdir(notesOf(folder)).catch(() => []);
  const notes = await Promise.all(
    names.map(async (name) => {
      const note = await readFile(join(notesOf(folder), name), "utf8").then(parsed, () => undefined);
      return note && name === `${note.pid}.json` ? note : undefined;
    }),
  );
  return notes.filter((note) => note !== undefined);
}

/** Removes everything from the notes' folder but the notes on these. */
export async function keepNotes(folder: string, pids: readonly number[]): Promise<void> {
  const kept = new Set(pids.map((pid) => `${pid}.json`));
  const names = await readdir(notesOf(folder)).catch(() => []);
  await Promise.all(
    names
      .filter((name) => !kept.has(name))
      .map((name) => rm(join(notesOf(folder), name), { force: true, recursive: true })),
  );
}

/**
 * Whether the gateway of a note is no more. One with our own pid is an earlier life of ours: a browser that we know of is
 * not looked up here.
 */
export async function isOrphan({ gateway }: RunningNote): Promise<boolean> {
  return gateway.pid === process.pid || (await processFacts(gateway.pid))?.started !== gateway.started;
}

function parsed(text: string): RunningNote | undefined {
  try {
    return noteShape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export async function dropNote(folder: string, pid: number): Promise<void> {
  await rm(noteOf(folder, pid), { force: true });
}
