import { z } from "zod";
import { outsideText } from "./outside.ts";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  url: z.string().max(4096),
  maxChars: z.int().min(100).max(100_000).default(20_000),
});

/** Reads a page of the web. */
export const tool: Tool<typeof params> = {
  name: "web_fetch",
  description: "Reads a web page as Markdown, or a text or JSON file.",
  params,
  parallel: true,
  outside: true,
  prepare({ url: written, maxChars }, { ports, signal }) {
    const url = URL.parse(written)?.href;
    if (url === undefined) throw new Error("This is not a URL. Give it whole, as https://….");
    return {
      risks: ["network-request"],
      facts: { method: "GET", url },
      async run() {
        const { title, text, ...page } = await ports.web.fetch(url, { maxChars, signal });
        const heading = title === null ? "" : `Title: ${title}\n\n`;
        return { ...page, content: outsideText(heading + (text === "" ? "(no text)" : text)) };
      },
    };
  },
};
