import type { OpenClawClient } from "openclaw-client";
import type { Context } from "./context.ts";
import { findTarget, type Target } from "./target.ts";

/** A client of the gateway that this command line means, and where that is. */
export async function connect(context: Context): Promise<{ client: OpenClawClient; target: Target }> {
  const [target, { OpenClawClient }] = await Promise.all([
    findTarget(context.terminal, context.options),
    import("openclaw-client"),
  ]);
  return { client: new OpenClawClient(target), target };
}

/** How long a command waits for an answer that needs no model. */
export const answerMs = 30_000;
