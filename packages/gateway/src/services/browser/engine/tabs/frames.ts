import type { CDPSession, Page } from "playwright-core";
import type { Frames } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { EngineEvent } from "../base/types.ts";
import { pictureSize } from "./picture-header.ts";
import { within } from "./tab-facts.ts";

/** Least time between two frames of a watch, ms. */
const frameMs = 100;
/** A tab whose page is gone has a new one within this time, or has ended, ms. */
const renewalMs = 15_000;
/** A page that is just changing its process takes no command; it does within this time, ms. */
const changingMs = 5_000;

export interface FramesOptions {
  emit(event: EngineEvent): void;
  now: () => number;
}

interface Wish {
  watchId: string;
  maxWidth: number;
  quality: number;
}

/**
 * Tells what tabs show, as it changes: JPEGs, at most ten a second for each watch. Each watch has a DevTools session of its
 * own, so that several of one tab do not know of each other; a frame is asked for once the one before has been told.
 * https://chromedevtools.github.io/devtools-protocol/tot/Page/#method-startScreencast
 */
export function createFrames({ emit, now }: FramesOptions): Frames {
  const watches = new Map<string, () => void>();

  /** Follows one page until it is gone or nobody watches any more. */
  async function follow(
    tab: Tab,
    page: Page,
    wish: Wish,
    signal: AbortSignal,
    stopped: Promise<void>,
  ): Promise<void> {
    const gone = tab.gone();
    const session = await tab.context.newCDPSession(page);
    session.on("Page.screencastFrame", ({ data: text, sessionId }) => {
      if (signal.aborted) return;
      const data = Buffer.from(text, "base64");
      const size = pictureSize(data);
      const { watchId } = wish;
      if (size) emit({ type: "frame", watchId, tabId: tab.id, data, ...size, at: now() });
      setTimeout(acknowledge, frameMs, session, sessionId);
    });
    try {
      const until = Date.now() + changingMs;
      for (let isOn = false; !isOn && !signal.aborted; ) {
        try {
          await start(session, wish);
          isOn = true;
        } catch (error) {
          if (tab.page !== page || page.isClosed() || Date.now() > until) throw error;
          await within(50, stopped);
        }
      }
      await Promise.race([gone, stopped]);
    } finally {
      await within(500, session.detach());
    }
  }

  async function watch(tab: Tab, wish: Wish, signal: AbortSignal, stopped: Promise<void>): Promise<void> {
    let page: Page | undefined;
    while (!signal.aborted) {
      page = await nextPage(tab, page, stopped);
      if (!page || signal.aborted) return;
      try {
        await follow(tab, page, wish, signal, stopped);
      } catch (error) {
        if (tab.page === page && !page.isClosed()) throw error;
      }
    }
  }

  async function unwatch(watchId: string): Promise<void> {
    watches.get(watchId)?.();
  }

  return {
    async watch(tab, wish) {
      watches.get(wish.watchId)?.();
      const stop = new AbortController();
      const stopped = Promise.withResolvers<void>();
      const end = () => {
        if (watches.get(wish.watchId) === end) watches.delete(wish.watchId);
        stop.abort();
        stopped.resolve();
      };
      watches.set(wish.watchId, end);
      void watch(tab, wish, stop.signal, stopped.promise)
        .catch(() => undefined) // the page or its browser has ended: so has the watch
        .then(() => {
          if (stop.signal.aborted) return;
          end();
          emit({ type: "watch.end", watchId: wish.watchId });
        });
    },
    unwatch,
    async close() {
      for (const end of [...watches.values()]) end();
    },
  };
}

async function start(session: CDPSession, { quality, maxWidth }: Wish): Promise<void> {
  const size = { maxWidth, maxHeight: maxWidth * 4 };
  await session.send("Page.startScreencast", { format: "jpeg", quality, ...size, maxFramesInFlight: 1 });
}

/** The page that a tab goes on with; undefined: it does not. */
async function nextPage(tab: Tab, last: Page | undefined, stopped: Promise<void>): Promise<Page | undefined> {
  if (tab.page !== last) return tab.page;
  const until = Date.now() + renewalMs;
  while (tab.alive?.() === true && Date.now() < until) {
    await within(100, stopped);
    if (tab.page !== last) return tab.page;
  }
  return undefined;
}

function acknowledge(session: CDPSession, sessionId: number): void {
  session.send("Page.screencastFrameAck", { sessionId }).catch(() => undefined); // the page may be gone already
}
