import { z } from "zod";
import { harmless } from "./browser-act.ts";
import type { Tool } from "./types.ts";

const longestMs = 60_000;

const params = z.strictObject({
  text: z.string().min(1).max(1_000).optional(),
  gone: z.string().min(1).max(1_000).optional(),
  url: z.string().min(1).max(2_048).optional(),
  ms: z.int().optional(),
});

/** Waits until something is on the page, is gone from it, or the address holds it. */
export const tool: Tool<typeof params> = {
  name: "browser_wait",
  description: "Waits for a text to be there or gone, or for a URL.",
  params,
  repeatable: true,
  outside: true,
  prepare(wish, context) {
    if (Object.values(wish).every((it) => it === undefined))
      throw new Error("Give what to wait for: text, gone, url or ms.");
    if (wish.ms !== undefined && (wish.ms < 1 || wish.ms > longestMs))
      throw new Error(`ms must be from 1 to ${longestMs}.`);
    return harmless({ kind: "wait", ...wish }, context);
  },
};
