import type { Lease } from "../base/parts.ts";
import type { Chrome } from "./chrome.ts";
import type { Slot } from "./slot.ts";

/** In a persistent profile all owners share one context. */
const everybody = "";

/**
 * The context of an owner, made if it has none. Undefined where the browser has ended meanwhile. `onContext` hears of each
 * new one before anybody has it.
 */
export async function leaseOf(
  slot: Slot,
  chrome: Chrome,
  owner: string,
  onContext: (lease: Lease, owner: string) => void,
): Promise<Lease | undefined> {
  const key = chrome.isShared ? owner : everybody;
  let lease = slot.leases.get(key);
  if (!lease) {
    lease = make();
    slot.leases.set(key, lease);
    lease.catch(() => slot.leases.delete(key));
  }
  try {
    return await lease;
  } catch (error) {
    // Asked first: a browser that has just ended makes everything fail.
    if (slot.ending) return undefined;
    throw error;
  }

  async function make(): Promise<Lease> {
    const context = await chrome.context();
    const closed = new Promise<string>((resolve) => {
      context.once("close", () => {
        slot.leases.delete(key);
        // Where the browser itself has ended, it says why.
        setImmediate(resolve, "Its browser context was closed.");
      });
    });
    const given: Lease = { context, profile: slot.profile, gone: Promise.race([chrome.gone, closed]) };
    onContext(given, owner);
    return given;
  }
}
