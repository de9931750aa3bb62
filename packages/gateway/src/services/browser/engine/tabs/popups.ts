import type { Page } from "playwright-core";
import { plain, quoted } from "../base/words.ts";
import type { LiveTab } from "./live-tab.ts";
import { addressOf, titleOf, within } from "./tab-facts.ts";

/** A page that opens more than so many tabs in so short a time gets no further ones. */
const many = { count: 20, ms: 2_000 };
/** One that goes on nevertheless is thrown away. */
const flood = { count: 60, ms: 20_000 };

export interface PopupRules {
  now: () => number;
  /** Makes a tab of it, of the opener's owner; undefined: the owner has as many as it may. */
  adopt(opener: LiveTab, page: Page): LiveTab | undefined;
  onFlood(opener: LiveTab): void;
}

/** Decides what becomes of a tab that a page has opened. */
export function createPopups({ now, adopt, onFlood }: PopupRules): (opener: LiveTab, page: Page) => void {
  async function tell(opener: LiveTab, popup: LiveTab): Promise<void> {
    await within(500, popup.page.waitForLoadState("domcontentloaded"));
    const title = await titleOf(popup);
    const shown = `${title === "" ? "" : `${quoted(title)} `}(${plain(addressOf(popup), 300)})`;
    if (popup.ended) opener.notes.add("The page opened a new tab and closed it again.");
    else opener.notes.add(`The page opened a new tab, ${popup.id}: ${shown}`);
  }

  function surplus(opener: LiveTab, page: Page, why: string): void {
    opener.notes.add(`A tab that the page opened was closed: ${why}.`);
    page.close().catch(() => undefined); // the browser may have ended meanwhile
  }

  return (opener, page) => {
    const times = opener.popups;
    const at = now();
    times.push(at);
    if (times.length > flood.count) times.shift();
    const within_ = (rule: { count: number; ms: number }) =>
      times.length >= rule.count && at - times[times.length - rule.count]! <= rule.ms;
    if (within_(flood)) {
      times.length = 0;
      surplus(opener, page, "it opens them without end");
      return onFlood(opener);
    }
    if (within_(many)) {
      silence(opener.page);
      return surplus(opener, page, "it opens too many at once");
    }
    const popup = adopt(opener, page);
    if (!popup) return surplus(opener, page, "there are as many as there may be (browser.maxTabs)");
    opener.after(tell(opener, popup));
  };
}

/** Takes from a page what tabs are opened with. It may have other ways: those are counted on. */
function silence(page: Page): void {
  for (const frame of page.frames()) {
    frame.evaluate("window.open = () => null").catch(() => undefined); // a frame may be gone or busy
  }
}
