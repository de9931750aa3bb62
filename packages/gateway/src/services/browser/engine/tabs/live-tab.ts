import type { BrowserContext, Page } from "playwright-core";
import { onAbort } from "../../../../lib/signals.ts";
import type { Tab } from "../base/tab.ts";
import { createLogs, type Logs } from "./logs.ts";
import { beginLife, type LifeEvents, type PageLife } from "./page-life.ts";
import { within } from "./tab-facts.ts";
import { createNotes } from "./tab-notes.ts";

/** A tab as the registry sees it. */
export interface LiveTab extends Tab {
  readonly logs: Logs;
  life: PageLife;
  ended: boolean;
  /**
   * A tab of its family was opened in front of it. Chromium may paint those behind once a second only, and so delay what is
   * done on them: the next action brings it to the front.
   */
  behind: boolean;
  /** When the page has opened tabs, ms; shared with those that came of it. */
  popups: number[];
  /** Its replacement that is under way. */
  renewing: Promise<void> | undefined;
  after(work: Promise<unknown>): void;
  /** Goes on with another page. */
  begin(page: Page): void;
}

export interface TabMakings {
  id: string;
  profile: string;
  owner: string;
  sessionKey: string | null;
  context: BrowserContext;
  page: Page;
  now: () => number;
  popups?: number[];
}

type Told = Pick<LifeEvents, "onCrash" | "onClose" | "onFlood" | "onAstray">;

/** `told` is asked for anew for each page of the tab. */
export function createLiveTab(makings: TabMakings, told: (tab: LiveTab) => Told): LiveTab {
  const { page, now, popups = [], ...is } = makings;
  const notes = createNotes();
  const logs = createLogs(now);
  let last: Promise<unknown> = Promise.resolve();
  const left = new Set<Promise<unknown>>();

  const tab: LiveTab = {
    ...is,
    page,
    title: "",
    usedAt: now(),
    notes,
    logs,
    secrets: new Set(),
    popups,
    ended: false,
    behind: false,
    renewing: undefined,
    life: undefined as unknown as PageLife, // `begin` makes it before anybody sees the tab
    gone: () => tab.life.gone,
    cdp: () => tab.life.cdp(),
    alive: () => !tab.ended,
    after(work) {
      const settled: Promise<unknown> = work.then(
        () => left.delete(settled),
        () => left.delete(settled),
      );
      left.add(settled);
    },
    async exclusive(work, signal) {
      const before = last;
      const done = Promise.withResolvers<void>();
      last = done.promise;
      try {
        await unlessAborted(before, signal);
        while (left.size > 0) await unlessAborted(Promise.all(left), signal);
        if (tab.behind) {
          tab.behind = false;
          await unlessAborted(within(500, tab.page.bringToFront()), signal);
        }
        return await work();
      } finally {
        void before.then(() => done.resolve());
      }
    },
    begin(next) {
      tab.page = next;
      tab.opening = undefined;
      tab.title = "";
      tab.life = beginLife(next, {
        now,
        notes,
        logs,
        onOpening(url, came) {
          tab.opening = { url, came };
        },
        ...told(tab),
      });
    },
  };
  tab.begin(page);
  return tab;
}

/** Rejects with the signal's reason; what is waited for goes on. */
async function unlessAborted(waited: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const off = onAbort(signal, () => reject(signal.reason));
  try {
    await Promise.race([waited, promise]);
  } finally {
    off();
  }
}
