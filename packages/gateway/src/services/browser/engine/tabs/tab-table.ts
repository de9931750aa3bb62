import type { Page } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Tab } from "../base/tab.ts";
import type { Placed } from "../base/types.ts";
import type { LiveTab } from "./live-tab.ts";

/** Which tabs there are, whose they are, and which of an owner's is the active one. */
export interface TabTable {
  add(tab: LiveTab): void;
  remove(tab: LiveTab): void;
  get(id: string): LiveTab | undefined;
  ofPage(page: Page): LiveTab | undefined;
  ofOwner(owner: string): LiveTab[];
  all(profile?: string): LiveTab[];
  /** The tab goes on with another page. */
  swap(tab: LiveTab, page: Page): void;
  activate(tab: Tab): void;
  isActive(tab: Tab): boolean;
  /** As `Tabs.find`. */
  find(place: Placed): LiveTab | undefined;
  /** Room for one more tab until it is freed; throws `conflict` where there is none. */
  reserve(owner: string, maxTabs: number): () => void;
}

export function createTabTable(): TabTable {
  const tabs = new Map<string, LiveTab>();
  const pages = new WeakMap<Page, LiveTab>();
  /** Ids of an owner's tabs in a profile, the one used last at the end. */
  const order = new Map<string, string[]>();
  const reserved = new Map<string, number>();

  const keyOf = ({ owner, profile }: Tab): string => `${owner}\n${profile}`;

  function ofOwner(owner: string): LiveTab[] {
    return [...tabs.values()].filter((tab) => tab.owner === owner);
  }

  return {
    add(tab) {
      tabs.set(tab.id, tab);
      pages.set(tab.page, tab);
      const ids = order.get(keyOf(tab)) ?? [];
      ids.unshift(tab.id);
      order.set(keyOf(tab), ids);
    },
    remove(tab) {
      tabs.delete(tab.id);
      const ids = order.get(keyOf(tab))?.filter((id) => id !== tab.id) ?? [];
      if (ids.length > 0) order.set(keyOf(tab), ids);
      else order.delete(keyOf(tab));
    },
    get: (id) => tabs.get(id),
    ofPage: (page) => pages.get(page),
    ofOwner,
    all: (profile) => [...tabs.values()].filter((tab) => profile === undefined || tab.profile === profile),
    swap(tab, page) {
      tab.begin(page);
      pages.set(page, tab);
    },
    activate(tab) {
      const ids = order.get(keyOf(tab));
      const at = ids?.indexOf(tab.id) ?? -1;
      if (ids && at >= 0) ids.push(...ids.splice(at, 1));
    },
    isActive: (tab) => order.get(keyOf(tab))?.at(-1) === tab.id,
    find({ owner, profile, tabId }) {
      if (tabId !== undefined) {
        const tab = tabs.get(tabId);
        const isTheirs = tab && (tab.owner === owner || owner === "api");
        if (isTheirs && (profile === undefined || tab.profile === profile)) return tab;
        throw new GatewayError(
          "not_found",
          "There is no such tab (any more). browser.tabs lists those that are open.",
          {
            param: "tabId",
          },
        );
      }
      let found: LiveTab | undefined;
      for (const tab of ofOwner(owner)) {
        if (profile !== undefined && tab.profile !== profile) continue;
        if (order.get(keyOf(tab))?.at(-1) === tab.id && (!found || tab.usedAt >= found.usedAt)) found = tab;
      }
      return found;
    },
    reserve(owner, maxTabs) {
      const others = reserved.get(owner) ?? 0;
      if (ofOwner(owner).length + others >= maxTabs) {
        throw new GatewayError(
          "conflict",
          `${maxTabs} tabs are open, as many as there may be (browser.maxTabs). Close one first.`,
        );
      }
      reserved.set(owner, others + 1);
      return () => {
        const left = reserved.get(owner)! - 1;
        if (left > 0) reserved.set(owner, left);
        else reserved.delete(owner);
      };
    },
  };
}
