import { z } from "zod";
import { harmless, lookedAt } from "./browser-act.ts";
import { demandTarget, target } from "./browser-params.ts";
import type { Tool } from "./types.ts";

const params = z.strictObject({
  ...target,
  text: z.string().max(100_000).optional(),
  secret: z.string().min(1).max(128).optional().describe("its name, instead of text"),
  submit: z.boolean().optional(),
});

/** Fills a field, with a text or with a secret that the model never sees. */
export const tool: Tool<typeof params> = {
  name: "browser_type",
  description: "Fills a field.",
  params,
  repeatable: true,
  outside: true,
  prepare(wish, context) {
    demandTarget(wish);
    if ((wish.text === undefined) === (wish.secret === undefined))
      throw new Error("Give either text or secret.");
    if (wish.secret !== undefined && context.trust === "guest")
      throw new Error("This run is not the owner's: it has no secrets.");
    const action = { kind: "type", ...wish } as const;
    return wish.submit ? lookedAt(action, context) : harmless(action, context);
  },
};
