import { z } from "zod";
import { contain } from "../../lib/paths.ts";
import { changeFiles, risksOf } from "./change-files.ts";
import { editText } from "./edit-text.ts";
import { readText } from "./text-file.ts";
import type { Tool } from "./types.ts";

/** Bytes of a file that is edited: finding and replacing in it must not hold others up. */
const largest = 1024 * 1024;

const params = z.strictObject({
  path: z.string(),
  edits: z
    .array(
      z.strictObject({
        old: z.string().min(1).describe("Exact text, found once"),
        new: z.string(),
        all: z.boolean().optional().describe("Replace every match"),
      }),
    )
    .min(1)
    .max(100),
});

/** Replaces exact text in a file: all of the edits, or none. */
export const tool: Tool<typeof params> = {
  name: "edit",
  description: "Replaces text in a file. All edits are done in order, or none.",
  params,
  async prepare({ path, edits }, { files, signal }) {
    const place = await contain(files, path);
    const { text, version } = await readText(place, { atMost: largest, signal });
    const edited = await editText(text, edits, { signal });
    const after = Buffer.from(edited.text);
    if (after.length > largest)
      throw new Error(`The file would have ${after.length} bytes; ${largest} is the most.`);
    const change = { place, before: version, after };
    return {
      risks: risksOf([change]),
      facts: { path: place.shown, replacements: edited.replacements, bytes: after.length },
      async run() {
        await changeFiles([change], { signal });
        return { path: place.shown, replacements: edited.replacements, bytes: after.length };
      },
    };
  },
};
