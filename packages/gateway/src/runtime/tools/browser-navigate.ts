import { z } from "zod";
import { pageResult, toldUrl } from "./browser-told.ts";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  url: z.string().max(4_096),
  profile: z.string().max(64).optional(),
  newTab: z.boolean().optional(),
});

/** Opens a page in the browser. */
export const tool: Tool<typeof params> = {
  name: "browser_navigate",
  description: "Opens a page in the browser.",
  params,
  repeatable: true,
  outside: true,
  prepare({ url: written, profile, newTab = false }, { ports, signal }) {
    const url = URL.parse(written)?.href;
    if (url === undefined) throw new Error("This is not a URL. Give it whole, as https://….");
    const { browser } = ports;
    return {
      risks: ["network-request"],
      facts: { url: toldUrl(url), ...(profile !== undefined && { profile }) },
      async run() {
        const to = { url, profile };
        return pageResult(await (newTab ? browser.open(to, { signal }) : browser.navigate(to, { signal })));
      },
    };
  },
};
