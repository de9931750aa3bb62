import { z } from "zod";
import { harmless } from "./browser-act.ts";
import { demandTarget, target } from "./browser-params.ts";
import type { Tool } from "./types.ts";

const params = z.strictObject({ ...target, values: z.array(z.string().max(1_000)) });

/** Chooses in a list, by value or label. */
export const tool: Tool<typeof params> = {
  name: "browser_select",
  description: "Chooses in a list.",
  params,
  repeatable: true,
  outside: true,
  prepare(wish, context) {
    demandTarget(wish);
    const { length } = wish.values;
    if (length < 1 || length > 100) throw new Error("Give 1 to 100 values or labels.");
    return harmless({ kind: "select", ...wish }, context);
  },
};
