import type { CDPSession, Page, Request } from "playwright-core";
import type { Notes } from "../base/tab.ts";
import { answerDialogs } from "./dialogs.ts";
import type { Logs } from "./logs.ts";
import { boundedUrl, within } from "./tab-facts.ts";

/** One page of a tab, from its opening until it is closed, has crashed or was thrown away. */
export interface PageLife {
  readonly page: Page;
  /** Settles with why, once it is over. */
  readonly gone: Promise<string>;
  /** It is over, and what the page still says does not matter. */
  end(why: string): void;
  readonly over: boolean;
  /** A DevTools session, made at the beginning: over one that is made while a page hangs, it cannot be crashed. */
  cdp(): Promise<CDPSession>;
}

export interface LifeEvents {
  now: () => number;
  notes: Notes;
  logs: Logs;
  /** The main frame asks for an address (`came` false), or has an answer. */
  onOpening(url: string, came: boolean): void;
  onCrash(): void;
  /** Closed, by itself or with its browser. */
  onClose(browserRuns: boolean): void;
  /** It opens dialogs without end. */
  onFlood(): void;
  /** It shows what no page may, e.g. a file of this machine. */
  onAstray(url: string): void;
}

const mayShow = /^(?:https?:|about:(?:blank|srcdoc)(?:[?#]|$)|blob:|data:|chrome-error:|$)/i;

/** Listens to all that happens to a page. The listeners live as long as the page does. */
export function beginLife(page: Page, on: LifeEvents): PageLife {
  const gone = Promise.withResolvers<string>();
  let over = false;
  let session: Promise<CDPSession> | undefined;

  /** What a page says that was thrown away is nobody's business. */
  const alive =
    <A extends unknown[]>(does: (...args: A) => void) =>
    (...args: A): void => {
      if (!over) does(...args);
    };

  on.logs.listen(page);
  answerDialogs(page, { now: on.now, note: alive(on.notes.add), onFlood: alive(on.onFlood) });
  page.on("crash", alive(on.onCrash));
  page.on("close", () => {
    // Where the whole browser has ended, that is known only after its pages' ends.
    setImmediate(alive(() => on.onClose(page.context().browser()?.isConnected() ?? true)));
  });
  const opening = (request: Request, came: boolean): void => {
    if (over || !request.isNavigationRequest() || !isMain(request)) return;
    on.onOpening(boundedUrl(request.url()), came);
  };
  page.on("request", (request) => opening(request, false));
  page.on("response", (response) => opening(response.request(), true));
  page.on("requestfailed", (request) => opening(request, true));
  page.on("framenavigated", (frame) => {
    if (over || frame.parentFrame() !== null) return;
    const url = frame.url();
    if (!mayShow.test(url)) return on.onAstray(url);
    if (!url.startsWith("chrome-error:")) on.onOpening(boundedUrl(url), true);
  });
  // A listener makes Chromium leave the choice to us; without one, a window of the system would open.
  page.on(
    "filechooser",
    alive(() => on.notes.add("The page asks for a file. Give it one with an upload into its file field.")),
  );

  function cdp(): Promise<CDPSession> {
    session ??= page.context().newCDPSession(page);
    session.catch(() => {
      session = undefined;
    });
    return session;
  }
  void cdp();

  return {
    page,
    gone: gone.promise,
    end(why) {
      over = true;
      gone.resolve(why);
    },
    get over() {
      return over;
    },
    cdp,
  };
}

/** A request of a worker has no frame, and that of a page that is just being opened has none yet. */
function isMain(request: Request): boolean {
  try {
    return request.frame().parentFrame() === null;
  } catch {
    return false;
  }
}

/**
 * Closes a page for good, whatever it does. In an endless loop it may not let itself be closed, and loops on in the process
 * that it shares with the pages it has opened: with `hung` its process is ended first, by `Page.crash`, which Chromium does
 * outside of the page's thread (https://chromedevtools.github.io/devtools-protocol/tot/Page/#method-crash). The browser
 * lives on. Never rejects.
 */
export async function destroy(life: PageLife, { hung }: { hung: boolean }): Promise<void> {
  if (hung) await crash(life);
  const closed = await within(
    1_000,
    life.page.close().then(() => true),
  );
  if (closed || life.page.isClosed()) return;
  await crash(life);
  await within(2_000, life.page.close());
}

/** The command is never answered: there is nobody left to do so. */
async function crash(life: PageLife): Promise<void> {
  const { page } = life;
  const ended = Promise.withResolvers<void>();
  const onEnd = () => ended.resolve();
  page.once("crash", onEnd);
  page.once("close", onEnd);
  try {
    await within(
      1_000,
      life.cdp().then(async (session) => {
        session.send("Page.crash").catch(() => undefined); // answered by the page's end
        await ended.promise;
      }),
    );
  } finally {
    page.off("crash", onEnd);
    page.off("close", onEnd);
  }
}
