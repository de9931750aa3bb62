import { z } from "zod";
import { contain } from "../../lib/paths.ts";
import { globMatcher } from "./glob.ts";
import type { Tool } from "./types.ts";
import { type Found, walk } from "./walk-files.ts";

const maxEntries = 1_000;
/** Names that are looked at for them, where a glob leaves most out. */
const maxNames = 20_000;
/** Folders that a glob goes down. */
const deepest = 16;

const params = z.strictObject({
  path: z.string().optional(),
  depth: z.int().min(1).max(deepest).optional().describe(`1 unless told; ${deepest} with a glob`),
  glob: z.string().max(500).optional().describe("E.g. *.ts, src/**/*.{md,txt}"),
});

/** Lists a folder: folders end with /, links with @, what is neither file nor folder with |. */
export const tool: Tool<typeof params> = {
  name: "list",
  description: "Lists files and folders. Doesn't enter node_modules and .git unless named.",
  params,
  parallel: true,
  async prepare({ path = ".", glob, depth = glob === undefined ? 1 : deepest }, { files, signal }) {
    const place = await contain(files, path);
    const matches = glob === undefined ? () => true : globMatcher(glob);
    return {
      risks: [],
      async run() {
        const isToBeMade = !place.exists && place.shown === ".";
        const budget = { names: maxNames, spent: false };
        const entries: string[] = [];
        const found = isToBeMade ? [] : walk(files, place, { depth, asked: glob ?? "", signal, budget });
        for await (const it of found) {
          if (!matches(it.place.path.slice(place.path.length + 1))) continue;
          if (entries.length === maxEntries) {
            budget.spent = true;
            break;
          }
          entries.push(it.place.shown + marks[it.kind]);
        }
        return {
          path: place.shown,
          entries,
          ...(budget.spent && { truncated: "There is more; list a folder of it, or give a narrower glob." }),
        };
      },
    };
  },
};

const marks: Readonly<Record<Found["kind"], string>> = { folder: "/", file: "", link: "@", other: "|" };
