import type { BrowserAction } from "openclaw-protocol";
import type { BrowserContext } from "playwright-core";
import type { Tab } from "./tab.ts";
import type {
  ConsolePage,
  DownloadedFile,
  Goal,
  Inspection,
  Navigated,
  NetworkPage,
  PdfWish,
  Picture,
  PictureWish,
  Placed,
  Pointed,
  Size,
  TabView,
  TypedSecret,
  UploadFile,
} from "./types.ts";

/** What the parts of the engine are to each other. `engine.ts` puts them together. */

/** What every action on a tab gets. `deadline` is a time, ms since 1970: what waits must not wait beyond it. */
export interface Doing {
  readonly signal: AbortSignal;
  readonly deadline: number;
}

/** The guard that every request of every page goes through: `guard.ts`. */
export interface Guard {
  /** What Chromium is told as its proxy, e.g. `http://127.0.0.1:41234`. */
  readonly server: string;
  /** Throws `invalid_request` with `param: "url"` for what must not be opened. Looks nothing up. */
  judge(url: string): void;
  /** Why a request to that URL's host was refused within the last half minute; undefined: it was not. */
  refusal(url: string): string | undefined;
  /** The same for a host that could not be reached: no such host, no answer in time … */
  failure(url: string): string | undefined;
  /** Whether an answer, by its headers in lower case, is the guard's own page of a refusal. Of plain http only. */
  isRefusal(headers: Readonly<Record<string, string>>): boolean;
  /** Whether it is the guard's own page saying that the site could not be reached. */
  isFailure(headers: Readonly<Record<string, string>>): boolean;
  /** For browsers that run already and do not use the proxy: judges and looks up. Throws as `judge`. */
  admit(url: string, options: { signal: AbortSignal }): Promise<void>;
  /** Puts `admit` before everything that a context of such a browser requests. */
  watchOver(context: BrowserContext): Promise<void>;
  close(): Promise<void>;
}

/** The browsers: `chromes.ts`. */
export interface Chromes {
  /**
   * The context of a profile: its browser is started if need be, at once or when there is room for one more. In
   * `incognito` each owner has its own. Throws `service_unavailable` (no Chromium: how to get one; it does not start:
   * why) or `rate_limited` where no room comes free before the deadline.
   */
  lease(place: { profile: string; owner: string }, doing: Doing): Promise<Lease>;
  /** The profile is being used: it is not idle now. */
  touch(profile: string): void;
  /** An action is under way: until the answer is called, the browser is not stopped for being unused. */
  using(profile: string): () => void;
  /** What runs now. */
  running(): Promise<{
    version: string | null;
    executable: string | null;
    processes: { profile: string; startedAt: string; memoryBytes: number | null }[];
    waiting: number;
  }>;
  isRunning(profile: string): boolean;
  /** Stops one, or all; how many ran. What profiles keep is on disk afterwards. */
  stop(profile?: string): Promise<number>;
  /** Stops a profile's browser and does something while nobody can start it again: deleting what it has kept, say. */
  whileStopped<T>(profile: string, work: () => Promise<T>): Promise<T>;
  /** Notes cookies, so that a browser that is killed has lost none. Never rejects. */
  remember(profile: string): Promise<void>;
  /** Closes an owner's incognito context. */
  endOwner(owner: string): Promise<void>;
  close(): Promise<void>;
}

export interface Lease {
  readonly context: BrowserContext;
  readonly profile: string;
  /** Settles with why, once the browser is no more. */
  readonly gone: Promise<string>;
}

/** Every tab: `tabs.ts`. */
export interface Tabs {
  /** Takes a new context over: its pages, their pop-ups, dialogs, consoles, downloads. */
  adopt(lease: Lease, owner: string): void;
  /**
   * The tab that is meant: the one named, else the owner's active one in the profile. Undefined: there is none yet.
   * Throws `not_found` with `param: "tabId"` for one that is not there or not this owner's.
   */
  find(place: Placed): Tab | undefined;
  /** A new, empty tab; the owner's active one from now on. Throws `conflict` beyond `maxTabs`. */
  create(lease: Lease, place: Placed): Promise<Tab>;
  list(profile?: string): Promise<TabView[]>;
  view(tab: Tab): Promise<TabView>;
  activate(tab: Tab): Promise<void>;
  close(tab: Tab): Promise<void>;
  /** A page that does not respond or has crashed is thrown away; the tab goes on with an empty one. */
  renew(tab: Tab): Promise<void>;
  countOf(profile: string): number;
  endOwner(owner: string): Promise<void>;
  /** The tabs of a browser that is gone. */
  drop(profile: string): void;
  console(tab: Tab, limit: number): ConsolePage;
  network(tab: Tab, limit: number): NetworkPage;
}

/** `navigation.ts` */
export interface Navigation {
  /** Throws `invalid_request` (`url`, refused by the guard, redirects included), `upstream_error` (no answer), `timeout`. */
  open(tab: Tab, url: string, goal: Goal, doing: Doing): Promise<Navigated>;
  history(tab: Tab, step: -1 | 0 | 1, goal: Goal, doing: Doing): Promise<Navigated>;
  /** Where a tab is after something was done on it; takes the notes along. */
  now(tab: Tab): Promise<Navigated>;
  resize(tab: Tab, size: Size): Promise<void>;
}

/** `pictures.ts` */
export interface Pictures {
  screenshot(tab: Tab, wish: PictureWish, doing: Doing): Promise<Picture>;
  pdf(tab: Tab, wish: PdfWish, doing: Doing): Promise<Uint8Array>;
}

/** `files.ts` */
export interface Files {
  upload(tab: Tab, at: Pointed, files: readonly UploadFile[], doing: Doing): Promise<void>;
  /** Clicks `at`, or opens `url`, and waits for the file that comes of it. */
  download(tab: Tab, from: Pointed & { url?: string | undefined }, doing: Doing): Promise<DownloadedFile>;
}

/** `frames.ts`: what a tab shows, as it changes. */
export interface Frames {
  watch(tab: Tab, wish: { watchId: string; maxWidth: number; quality: number }): Promise<void>;
  unwatch(watchId: string): Promise<void>;
  close(): Promise<void>;
}

/** `page.ts`: reading a page and acting on it. */
export interface PageWork {
  /** Pages of at most some 2,000 tokens each. */
  snapshot(
    tab: Tab,
    wish: { selector?: string | undefined; page?: number | undefined },
    doing: Doing,
  ): Promise<{ snapshot: string; page: number; pages: number }>;
  inspect(tab: Tab, action: BrowserAction, doing: Doing): Promise<Inspection>;
  /** Does it; what was done, in words. */
  act(
    tab: Tab,
    action: BrowserAction,
    options: { secret?: TypedSecret | undefined; only?: Inspection | undefined },
    doing: Doing,
  ): Promise<string>;
  evaluate(tab: Tab, expression: string, doing: Doing): Promise<unknown>;
}
