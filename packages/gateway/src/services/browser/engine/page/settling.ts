import { setImmediate as nextTurn } from "node:timers/promises";
import type { Page, Request } from "playwright-core";
import { onAbort } from "../../../../lib/signals.ts";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";

/** How long what a page has announced may take to begin, ms. */
const announcedMs = 500;
/** How long a page that has begun to load is waited for, ms. */
const loadMs = 2_000;

/**
 * Does something and, where the page begins to load another because of it, waits until that is there to be read, for a
 * while. That it is not never counts as a failure of what was done. On a busy machine the request is heard of late, but
 * Chromium announces it before it answers the click or the key:
 * https://chromedevtools.github.io/devtools-protocol/tot/Page/#event-frameRequestedNavigation
 */
export async function settled<T>(tab: Tab, doing: Doing, work: () => Promise<T>): Promise<T> {
  const { page } = tab;
  /** The request for the next document, as long as neither that nor a failure has come. */
  let loading: Request | undefined;
  let announced = false;
  let begun = (): void => {};
  let loaded = (): void => {};
  const started = (request: Request): void => {
    if (!request.isNavigationRequest()) return;
    announced = false;
    if (isOfMainFrame(page, request) && isDocument(request.url())) loading = request;
    begun();
  };
  const ended = (): void => {
    loading = undefined;
    announced = false;
    begun();
    loaded();
  };
  const failed = (request: Request): void => {
    if (request === loading) ended();
  };
  const off = announcements(tab, () => {
    announced = true;
  });
  page.on("request", started).on("requestfailed", failed);
  page.on("domcontentloaded", ended).on("close", ended).on("crash", ended);
  const left = (ms: number): number => Math.min(ms, doing.deadline - Date.now() - 100);
  try {
    const result = await work();
    await nextTurn(); // for what has come together with the answer
    if (announced) {
      await pause(left(announcedMs), doing.signal, (done) => {
        begun = done;
      });
    }
    // Cast: an assignment from within a listener is nothing that the compiler sees.
    if (loading as Request | undefined) {
      await pause(left(loadMs), doing.signal, (done) => {
        loaded = done;
      });
    }
    return result;
  } finally {
    off();
    page.off("request", started).off("requestfailed", failed);
    page.off("domcontentloaded", ended).off("close", ended).off("crash", ended);
  }
}

/** Calls back when a frame of the page is about to load another document in itself. Returns the way to stop listening. */
function announcements(tab: Tab, callback: () => void): () => void {
  const heard = ({ disposition }: { disposition: string }): void => {
    if (disposition === "currentTab") callback();
  };
  let over = false;
  const listening = tab.cdp().then((session) => {
    if (over) return undefined;
    session.on("Page.frameRequestedNavigation", heard);
    session.send("Page.enable").catch(() => undefined); // a page that is gone announces nothing
    return session;
  });
  listening.catch(() => undefined); // as above
  return () => {
    over = true;
    listening.then(
      (session) => session?.off("Page.frameRequestedNavigation", heard),
      () => undefined,
    );
  };
}

/** Of an address that another program is to open, such as `mailto:`, no document comes. */
function isDocument(url: string): boolean {
  return /^(https?|data|blob|about|file):/.test(url);
}

function isOfMainFrame(page: Page, request: Request): boolean {
  try {
    return request.frame() === page.mainFrame();
  } catch {
    return false; // a pop-up's, whose page is still being made
  }
}

/** Until `done` is called, the signal aborts or the time is over. */
function pause(ms: number, signal: AbortSignal, begin: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    if (ms <= 0 || signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      off();
      resolve();
    };
    const timer = setTimeout(done, ms);
    const off = onAbort(signal, done);
    begin(done);
  });
}
