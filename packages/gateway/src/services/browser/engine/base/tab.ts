import type { BrowserContext, CDPSession, Page } from "playwright-core";

/** A page that somebody has open, with what is known of it. Made and looked after by the tabs' registry. */
export interface Tab {
  readonly id: string;
  readonly profile: string;
  readonly owner: string;
  readonly sessionKey: string | null;
  readonly context: BrowserContext;
  /** Replaced by a new one when the old did not respond or has crashed; the tab's id stays. */
  page: Page;
  /** The title when it was last asked for: it can be told even of a page that hangs. */
  title: string;
  /** When somebody last did something with it, ms. */
  usedAt: number;
  /** What happened by itself since the last result: dialogs, pop-ups, downloads, a crash. Taken by `takeNotes`. */
  readonly notes: Notes;
  /** Values of secrets that were typed in here: never to be told. */
  readonly secrets: Set<string>;
  /** Settles with why, once the page is no more: crashed, closed, or its browser gone. Renewed with `page`. */
  readonly gone: () => Promise<string>;
  /** One action at a time. */
  exclusive<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** A DevTools session of the page, made once. */
  cdp(): Promise<CDPSession>;
  /**
   * The address that was last asked for, and whether an answer or a failure has come. Until then the page cannot be asked
   * anything: Chromium keeps DevTools waiting. Told instead of the page's own while that shows Chromium's error page.
   */
  opening?: { url: string; came: boolean } | undefined;
  /** What the next action has to wait for: what one that was given up has left behind. It ends by itself. */
  after?(work: Promise<unknown>): void;
  /** Whether it is still one of the registry's; `gone` alone may mean that it goes on with a new page. */
  alive?(): boolean;
}

/** Short sentences about what happened; equal ones are counted, and there is a bound. */
export interface Notes {
  add(note: string): void;
  /** All of them, once; undefined where there are none. */
  take(): string[] | undefined;
}
