import { z } from "zod";
import { selector } from "./browser-params.ts";
import { notesOf, toldTitle, toldUrl } from "./browser-told.ts";
import { outsideText } from "./outside.ts";
import type { Tool } from "./types.ts";

const params = z.strictObject({ page: z.int().optional(), selector });

/** Reads the page as a tree, with a ref for each thing that can be used. */
export const tool: Tool<typeof params> = {
  name: "browser_snapshot",
  description: "Reads the page, with refs of what can be used.",
  params,
  outside: true,
  prepare: (wish, { ports, signal }) => ({
    risks: [],
    async run() {
      const { url, title, snapshot, page, pages, notes } = await ports.browser.snapshot(wish, { signal });
      return {
        url: toldUrl(url),
        title: toldTitle(title),
        ...(pages > 1 && { page, pages }),
        snapshot: outsideText(snapshot === "" ? "(an empty page)" : snapshot),
        ...notesOf(notes),
      };
    },
  }),
};
