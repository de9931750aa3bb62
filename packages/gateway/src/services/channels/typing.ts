import type { Destination } from "../../channels/types.ts";
import type { Account } from "./account.ts";

/** Platforms show it for some seconds only. */
const everyMs = 4_000;

/** Shows that an answer is being made, until the result is called. */
export function showTyping(account: Account, to: Destination): () => void {
  const adapter = account.loaded()?.adapter;
  if (!adapter?.typing) return () => {};
  const controller = new AbortController();
  const show = () => {
    if (!account.isConnected()) return;
    const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(everyMs)]);
    adapter.typing?.(to, { signal, idempotencyKey: "" }).catch(() => undefined); // nobody misses it
  };
  show();
  const timer = setInterval(show, everyMs).unref();
  return () => {
    clearInterval(timer);
    controller.abort();
  };
}
