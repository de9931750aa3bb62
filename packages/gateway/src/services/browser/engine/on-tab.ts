import { GatewayError } from "../../../lib/errors.ts";
import type { Chromes, Doing, Lease, Tabs } from "./base/parts.ts";
import type { Tab } from "./base/tab.ts";
import type { CallOptions, Placed } from "./base/types.ts";
import { withinDeadline } from "./tabs/deadline.ts";

/** Which tab a call means, and doing something on it. */
export interface OnTab {
  doingOf(place: { timeoutMs?: number | undefined }, ms: number, signal: AbortSignal): Doing;
  /** The profile that a call means: the one named, else the owner's last, else the usual one. */
  profileOf(place: Placed): string;
  lease(profile: string, owner: string, doing: Doing): Promise<Lease>;
  newTab(place: Placed, profile: string, doing: Doing): Promise<Tab>;
  /** Throws `conflict` where nothing is open, `not_found` for a tab that is not there. */
  existing(place: Placed): Tab;
  noPage(): never;
  /** One action on a tab: alone on it, to an end in any case, the browser not idle meanwhile. */
  act<T>(tab: Tab, what: string, doing: Doing, work: () => Promise<T>): Promise<T>;
  /** The same on the tab that is meant; where the owner has none, on what `otherwise` makes. */
  onTab<T>(
    place: Placed,
    what: string,
    ms: number,
    options: CallOptions,
    work: (tab: Tab, doing: Doing) => Promise<T>,
    otherwise?: (doing: Doing) => Promise<Tab>,
  ): Promise<T>;
  /** That of the clients, else of whoever used one last. */
  lastProfile(): string | null;
  used(owner: string, profile: string): void;
  forget(owner: string): void;
}

export interface OnTabDeps {
  chromes: Chromes;
  tabs: Tabs;
  defaultProfile: string;
  now(): number;
}

export function createOnTab({ chromes, tabs, defaultProfile, now }: OnTabDeps): OnTab {
  /** The profile that each owner has used last. */
  const lastProfiles = new Map<string, string>();

  function doingOf(place: { timeoutMs?: number | undefined }, ms: number, signal: AbortSignal): Doing {
    return { signal, deadline: now() + (place.timeoutMs ?? ms) };
  }

  function profileOf(place: Placed): string {
    return place.profile ?? lastProfiles.get(place.owner) ?? defaultProfile;
  }

  function lease(profile: string, owner: string, doing: Doing): Promise<Lease> {
    lastProfiles.set(owner, profile);
    return chromes.lease({ profile, owner }, doing);
  }

  async function newTab(place: Placed, profile: string, doing: Doing): Promise<Tab> {
    return tabs.create(await lease(profile, place.owner, doing), { ...place, profile });
  }

  /** The tab that is meant; where the owner has none, the answer of `otherwise`. */
  function tabOf(place: Placed, otherwise: () => Promise<Tab>): Promise<Tab> | Tab {
    const profile = place.tabId === undefined ? profileOf(place) : place.profile;
    const tab = tabs.find({ ...place, profile });
    if (!tab) return otherwise();
    lastProfiles.set(place.owner, tab.profile);
    return tab;
  }

  const noPage = (): never => {
    throw new GatewayError("conflict", "No page is open. Open one with browser.navigate first.");
  };

  async function act<T>(tab: Tab, what: string, doing: Doing, work: () => Promise<T>): Promise<T> {
    const waiting = AbortSignal.any([doing.signal, AbortSignal.timeout(Math.max(1, doing.deadline - now()))]);
    try {
      return await tab.exclusive(async () => {
        tab.usedAt = now();
        const release = chromes.using(tab.profile);
        try {
          return await withinDeadline(tab, what, doing, work, tabs);
        } finally {
          release();
          void chromes.remember(tab.profile);
        }
      }, waiting);
    } catch (thrown) {
      if (thrown !== waiting.reason || doing.signal.aborted) throw thrown;
      throw new GatewayError("timeout", `${what} had to wait for another action on this tab for too long.`);
    }
  }

  async function onTab<T>(
    place: Placed,
    what: string,
    ms: number,
    { signal }: CallOptions,
    work: (tab: Tab, doing: Doing) => Promise<T>,
    otherwise: (doing: Doing) => Promise<Tab> = noPage,
  ): Promise<T> {
    const doing = doingOf(place, ms, signal);
    const tab = await tabOf(place, () => otherwise(doing));
    return act(tab, what, doing, () => work(tab, doing));
  }

  function existing(place: Placed): Tab {
    return (
      tabs.find({ ...place, profile: place.tabId === undefined ? profileOf(place) : place.profile }) ??
      noPage()
    );
  }

  return {
    doingOf,
    profileOf,
    lease,
    newTab,
    existing,
    noPage,
    act,
    onTab,
    lastProfile: () => lastProfiles.get("api") ?? [...lastProfiles.values()].at(-1) ?? null,
    used: (owner, profile) => void lastProfiles.set(owner, profile),
    forget: (owner) => void lastProfiles.delete(owner),
  };
}
