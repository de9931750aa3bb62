import { z } from "zod";
import { contain } from "../../lib/paths.ts";
import { readLines } from "./text-file.ts";
import type { Tool } from "./types.ts";

const maxLines = 2_000;
const maxBytes = 100_000;

const params = z.strictObject({
  path: z.string(),
  offset: z.int().min(1).max(1e9).optional().describe("First line, from 1"),
  limit: z.int().min(1).max(maxLines).optional(),
});

/** Reads lines of a text file, a bounded number at a time, and says how to go on. */
export const tool: Tool<typeof params> = {
  name: "read",
  description: "Reads a text file of the workspace.",
  params,
  parallel: true,
  async prepare({ path, offset = 1, limit = maxLines }, { files, signal }) {
    const place = await contain(files, path);
    return {
      risks: [],
      async run() {
        const { text, from, to, total, cut } = await readLines(place, {
          from: offset,
          count: limit,
          maxBytes,
          signal,
        });
        if (offset > Math.max(total, 1))
          throw new Error(`The file has ${total} lines; offset ${offset} is past its end.`);
        return {
          path: place.shown,
          lines: to < from ? "none" : `${from}-${to}`,
          totalLines: total,
          text,
          ...(cut && { note: `Line ${to} is cut off: it is longer than ${maxBytes} bytes.` }),
          ...(to < total && { next: to + 1 }),
        };
      },
    };
  },
};
