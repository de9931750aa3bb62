import type { BrowserAction } from "openclaw-protocol";
import { handingOver } from "./browser-handing-over.ts";
import { pageResult } from "./browser-told.ts";
import type { PreparedCall, ToolContext } from "./types.ts";

/** An action that hands nothing over; one that only waits asks nobody for anything either. */
export function harmless(action: BrowserAction, { ports, signal }: ToolContext): PreparedCall {
  return {
    risks: action.kind === "wait" ? [] : ["network-request"],
    run: async () => pageResult(await ports.browser.act(action, { signal })),
  };
}

/** An action that may hand over what is in a form: looked at before anybody is asked, and done only as it was seen. */
export async function lookedAt(action: BrowserAction, { ports, signal }: ToolContext): Promise<PreparedCall> {
  const found = await ports.browser.inspect(action, { signal });
  const isSecret = action.kind === "type" && action.secret !== undefined;
  // The field is still empty, and it will hold a secret by the time the form goes.
  const seen =
    isSecret && !found.submits.includes("password")
      ? { ...found, submits: [...found.submits, "password" as const] }
      : found;
  return {
    ...handingOver(seen),
    run: async () => pageResult(await ports.browser.act(action, { only: seen, signal })),
  };
}
