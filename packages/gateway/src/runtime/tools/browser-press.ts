import { z } from "zod";
import { lookedAt } from "./browser-act.ts";
import { target } from "./browser-params.ts";
import type { Tool } from "./types.ts";

const params = z.strictObject({ key: z.string().min(1).max(64), ...target });

/** Presses a key, on an element or wherever the focus is. */
export const tool: Tool<typeof params> = {
  name: "browser_press",
  description: "Presses a key, e.g. Control+A.",
  params,
  repeatable: true,
  outside: true,
  prepare: (wish, context) => lookedAt({ kind: "press", ...wish }, context),
};
