import { z } from "zod";
import { contain } from "../../lib/paths.ts";
import { changeFiles, risksOf, versionOf } from "./change-files.ts";
import type { Tool } from "./types.ts";

/** Bytes. */
const largest = 5 * 1024 * 1024;

const params = z.strictObject({ path: z.string(), content: z.string() });

/** Writes a file whole, in one step. */
export const tool: Tool<typeof params> = {
  name: "write",
  description: "Writes a file, replacing what it held. Makes missing folders.",
  params,
  async prepare({ path, content }, { files, signal }) {
    const after = Buffer.from(content);
    if (after.length > largest)
      throw new Error(`The content has ${after.length} bytes; ${largest} is the most.`);
    const place = await contain(files, path);
    const change = { place, before: await versionOf(place), after };
    const created = change.before === undefined;
    return {
      risks: risksOf([change]),
      facts: { path: place.shown, bytes: after.length, created },
      async run() {
        await changeFiles([change], { signal });
        return { path: place.shown, bytes: after.length, created };
      },
    };
  },
};
