import { z } from "zod";
import { outsideText } from "./outside.ts";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  query: z.string().trim().min(1).max(400),
  count: z.int().min(1).max(20).default(5),
});

/** Searches the web. */
export const tool: Tool<typeof params> = {
  name: "web_search",
  description: "Searches the web; gives titles, URLs and snippets.",
  params,
  parallel: true,
  outside: true,
  prepare: ({ query, count }, { ports, signal }) => ({
    risks: ["network-request"],
    facts: { query, count },
    async run() {
      const { provider, results } = await ports.web.search(query, { count, signal });
      const lines = results.map(({ title, url, snippet }, i) => `${i + 1}. ${title}\n${url}\n${snippet}`);
      return {
        provider,
        count: results.length,
        results: outsideText(lines.join("\n\n") || "(nothing found)"),
      };
    },
  }),
};
