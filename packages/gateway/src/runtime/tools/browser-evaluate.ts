import { z } from "zod";
import { demandNoMore, handingOver } from "./browser-handing-over.ts";
import { toldUrl } from "./browser-told.ts";
import { outsideText } from "./outside.ts";
import type { Tool } from "./types.ts";

/** Most characters of a value. */
const valueAtMost = 60_000;

const params = z.strictObject({ expression: z.string().min(1).max(100_000) });

/** Runs JavaScript on the page, which can do whatever the page can. */
export const tool: Tool<typeof params> = {
  name: "browser_evaluate",
  description: "Runs JavaScript on the page.",
  params,
  outside: true,
  async prepare({ expression }, { ports: { browser }, signal }) {
    // A script can send what is filled in anywhere on the page.
    const seen = await browser.inspect(undefined, { signal });
    const { facts, words: _, ...more } = handingOver(seen);
    return {
      ...more,
      facts: { ...facts, expression },
      async run() {
        demandNoMore(seen, await browser.inspect(undefined, { signal }));
        const { value, url } = await browser.evaluate(expression, { signal });
        const text = JSON.stringify(value, null, 1) ?? "undefined";
        const isCut = text.length > valueAtMost;
        return {
          url: toldUrl(url),
          value: outsideText(isCut ? text.slice(0, valueAtMost).toWellFormed() : text),
          ...(isCut && { truncated: `${text.length - valueAtMost} more characters; ask for less.` }),
        };
      },
    };
  },
};
