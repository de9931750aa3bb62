import type { Browser, Download } from "playwright-core";
import type { Tab } from "../base/tab.ts";

/** How much of each download has come, which Playwright does not tell. */
export interface DownloadSizes {
  /** To be called once a context has a page. Never rejects: without it, files are measured when they are whole. */
  attend(tab: Tab): Promise<void>;
  /** Calls back with the bytes so far, or the whole size where the site says that and it is more. Returns how to stop. */
  follow(download: Download, onBytes: (bytes: number) => void): () => void;
}

interface Arrival {
  guid: string;
  key: string;
  bytes: number;
  listener?: (bytes: number) => void;
}

/** Downloads that are told of before Playwright tells of them, or that it never tells of. */
const atMost = 100;

/**
 * A DevTools session with the browser that listens to
 * https://chromedevtools.github.io/devtools-protocol/tot/Browser/#event-downloadProgress. `folder` has to be the one
 * that the browser was started with, since the events cannot be had without naming it.
 */
export function createDownloadSizes(folder: string): DownloadSizes {
  const arrivals: Arrival[] = [];
  const attended = new WeakSet<object>();
  const sessions = new WeakMap<Browser, ReturnType<Browser["newBrowserCDPSession"]>>();

  /** The two tellers have no id in common, but what they tell has the same order. */
  function arrivalOf(key: string): Arrival | undefined {
    return arrivals.find((it) => it.key === key && it.listener === undefined);
  }

  async function open(browser: Browser): ReturnType<Browser["newBrowserCDPSession"]> {
    const session = await browser.newBrowserCDPSession();
    session.on("Browser.downloadWillBegin", ({ guid, url, suggestedFilename }) => {
      const key = keyOf(url, suggestedFilename);
      const waiting = arrivals.find((it) => it.key === key && it.guid === "");
      if (waiting) waiting.guid = guid;
      else arrivals.push({ guid, key, bytes: 0 });
      if (arrivals.length > atMost) arrivals.shift();
    });
    session.on("Browser.downloadProgress", ({ guid, receivedBytes, totalBytes, state }) => {
      const at = arrivals.findIndex((it) => it.guid === guid);
      const arrival = arrivals[at];
      if (!arrival) return;
      if (state === "canceled") return void arrivals.splice(at, 1);
      arrival.bytes = Math.max(receivedBytes, totalBytes);
      arrival.listener?.(arrival.bytes);
    });
    return session;
  }

  return {
    async attend(tab) {
      const browser = tab.context.browser();
      if (!browser || attended.has(tab.context)) return;
      attended.add(tab.context);
      try {
        const { targetInfo } = await (await tab.cdp()).send("Target.getTargetInfo");
        let session = sessions.get(browser);
        if (!session) {
          session = open(browser);
          sessions.set(browser, session);
        }
        await (await session).send("Browser.setDownloadBehavior", {
          behavior: "allowAndName",
          downloadPath: folder,
          eventsEnabled: true,
          ...(targetInfo.browserContextId !== undefined && { browserContextId: targetInfo.browserContextId }),
        });
      } catch {
        // The page or the browser has ended meanwhile: the next tab of the context tries again.
        attended.delete(tab.context);
        sessions.delete(browser);
      }
    },
    follow(download, onBytes) {
      const key = keyOf(download.url(), download.suggestedFilename());
      let arrival = arrivalOf(key);
      if (!arrival) {
        arrival = { guid: "", key, bytes: 0 };
        arrivals.push(arrival);
      }
      const found = arrival;
      found.listener = onBytes;
      if (found.bytes > 0) onBytes(found.bytes);
      return () => {
        const at = arrivals.indexOf(found);
        if (at >= 0) arrivals.splice(at, 1);
      };
    },
  };
}

function keyOf(url: string, name: string): string {
  return `${name}\n${url}`;
}
