import { z } from "zod";
import { lookedAt } from "./browser-act.ts";
import { demandTarget, target } from "./browser-params.ts";
import type { Tool } from "./types.ts";

const params = z.strictObject({ ...target, double: z.boolean().optional() });

/** Clicks an element. */
export const tool: Tool<typeof params> = {
  name: "browser_click",
  description: "Clicks a ref of the snapshot, or a CSS selector.",
  params,
  repeatable: true,
  outside: true,
  prepare(wish, context) {
    demandTarget(wish);
    return lookedAt({ kind: "click", ...wish }, context);
  },
};
