import { setImmediate as breathe } from "node:timers/promises";
import { z } from "zod";
import { contain, type Fence, type Place, quoted } from "../../lib/paths.ts";
import { type Change, changeFiles, risksOf, versionOf } from "./change-files.ts";
import { applyHunks } from "./patch-apply.ts";
import { type PatchStep, parsePatch } from "./patch-format.ts";
import { readText } from "./text-file.ts";
import type { Tool } from "./types.ts";

/** Bytes: of the patch, of one file, and of all new contents together. */
const most = { patch: 1024 * 1024, file: 1024 * 1024, all: 8 * 1024 * 1024 } as const;

const params = z.strictObject({
  patch: z
    .string()
    .describe("*** Begin Patch … *** End Patch, with Add/Update/Delete File and Move to; or a unified diff"),
});

/** Changes several files by a patch: all of it, or nothing. */
export const tool: Tool<typeof params> = {
  name: "apply_patch",
  description: "Changes files by a patch, all of it or nothing.",
  params,
  async prepare({ patch }, { files, signal }) {
    if (patch.length > most.patch) throw new Error("The patch is larger than 1 MB; give it in parts.");
    const changes: Change[] = [];
    const summary: Summary[] = [];
    let bytes = 0;
    for (const step of parsePatch(patch)) {
      await breathe(); // others' turn: each file may have megabytes
      signal.throwIfAborted();
      const own = await changesOf(step, files, signal);
      for (const change of own) {
        if (changes.some((it) => it.place.path === change.place.path)) {
          throw new Error(
            `The patch names ${quoted(change.place.written)} twice; put its changes into one section.`,
          );
        }
        bytes += change.after?.length ?? 0;
        changes.push(change);
      }
      if (bytes > most.all) throw new Error("The patch writes more than 8 MB; give it in parts.");
      summary.push(summaryOf(step, own));
    }
    return {
      risks: risksOf(changes),
      facts: { files: summary },
      async run() {
        await changeFiles(changes, { signal });
        return { files: summary };
      },
    };
  },
};

interface Summary {
  path: string;
  change: PatchStep["kind"] | "move";
  to?: string;
}

async function changesOf(step: PatchStep, files: Fence, signal: AbortSignal): Promise<Change[]> {
  const place = await contain(files, step.path);
  if (step.kind === "add")
    return [{ place, before: await demandNone(place), after: sized(step.content, step.path) }];
  if (step.kind === "delete") {
    const before = await versionOf(place);
    if (!before) throw new Error(`There is no file ${quoted(step.path)} to delete.`);
    return [{ place, before, after: undefined }];
  }
  const { text, version } = await readText(place, { atMost: most.file, signal });
  const after = sized(await applied(text, step, signal), step.path);
  const target = step.moveTo === undefined ? place : await contain(files, step.moveTo);
  if (target.path === place.path) return [{ place, before: version, after }];
  return [
    { place: target, before: await demandNone(target), after, mode: Number(version.mode) & 0o777 },
    { place, before: version, after: undefined },
  ];
}

/** What a move and a new file need: nothing in their place. */
async function demandNone(place: Place): Promise<undefined> {
  if (await versionOf(place)) {
    throw new Error(`There is a file ${quoted(place.written)} already; update it, or delete it first.`);
  }
}

async function applied(
  text: string,
  step: Extract<PatchStep, { kind: "update" }>,
  signal: AbortSignal,
): Promise<string> {
  try {
    return await applyHunks(text, step.hunks, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`${quoted(step.path)}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

function sized(content: string, written: string): Buffer {
  const bytes = Buffer.from(content);
  if (bytes.length <= most.file) return bytes;
  throw new Error(`${quoted(written)} would have ${bytes.length} bytes; ${most.file} is the most.`);
}

function summaryOf(step: PatchStep, changes: readonly Change[]): Summary {
  const path = changes.at(-1)!.place.shown; // a step changes something
  if (changes.length === 1) return { path, change: step.kind };
  return { path, change: "move", to: changes[0]!.place.shown };
}
