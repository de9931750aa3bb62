import { endEvents, type RunEvent } from "openclaw-protocol";
import { onAbort } from "../../lib/signals.ts";
import type { Subscription } from "../subscription.ts";

/** Reads a followed run to its end, or until the signal aborts, and closes the subscription. Undefined: it has not ended, or the gateway stops. */
export async function untilEnd(
  subscription: Subscription,
  signal?: AbortSignal,
): Promise<RunEvent | undefined> {
  const stopListening = signal && onAbort(signal, () => subscription.close());
  try {
    for await (const event of subscription.events) if (endEvents.has(event.type)) return event;
    return undefined;
  } finally {
    stopListening?.();
    subscription.close();
  }
}
