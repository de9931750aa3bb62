import { answerMs } from "./connect.ts";
import type { Context } from "./context.ts";

/** How a call is made that needs no model: it ends with Ctrl+C, and is not waited for endlessly. */
export function waiting(context: Context): { signal: AbortSignal; timeoutMs: number } {
  return { signal: context.signal, timeoutMs: answerMs };
}
