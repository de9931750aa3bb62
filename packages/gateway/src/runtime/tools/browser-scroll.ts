import { z } from "zod";
import { harmless } from "./browser-act.ts";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  direction: z.enum(["up", "down", "left", "right", "top", "bottom"]).optional(),
  ref: z.string().min(1).max(32).optional(),
});

/** Scrolls the page, or to an element or within it. */
export const tool: Tool<typeof params> = {
  name: "browser_scroll",
  description: "Scrolls.",
  params,
  repeatable: true,
  outside: true,
  prepare: (wish, context) => harmless({ kind: "scroll", ...wish }, context),
};
