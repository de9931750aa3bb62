import type { Tab } from "../base/tab.ts";
import { plain, quoted } from "../base/words.ts";

/** How long a page may take to tell its title, ms; the last known one stands for it after that. */
const titleMs = 500;
const urlLength = 2_000;

/** Where a tab is: the address that was wanted where Chromium shows its own error page. */
export function addressOf(tab: Pick<Tab, "page" | "opening">): string {
  const url = tab.page.url();
  return boundedUrl(url.startsWith("chrome-error:") ? (tab.opening?.url ?? "about:blank") : url);
}

/** Addresses can be of any length: `data:` ones hold whole files. */
export function boundedUrl(url: string): string {
  const whole = url.toWellFormed();
  return whole.length <= urlLength ? whole : `${whole.slice(0, urlLength)}…`;
}

/** Whether nothing has come yet of the address that the tab is to show: the page cannot be asked anything until then. */
export function isOpening({ opening }: Pick<Tab, "opening">): boolean {
  return opening?.came === false;
}

/** Ends the loading of what nothing has come of, so that the tab is free. Never rejects. */
export async function stopOpening(tab: Tab): Promise<void> {
  if (!isOpening(tab)) return;
  await stopLoading(tab);
  tab.opening = undefined;
}

/** Ends whatever is on its way to the tab's page. Never rejects. */
export async function stopLoading(tab: Tab): Promise<void> {
  await within(
    500,
    tab.cdp().then((session) => session.send("Page.stopLoading")),
  );
}

/** Not `page.title()`: while another page is on its way, that tells of it. A field may be called `title`, too. */
const titleExpression = `(() => {
  const title = document.title;
  return typeof title === "string" ? title : (document.querySelector("title")?.textContent ?? "");
})()`;

/**
 * The page's title, or the last known one where it is not told at once. It is asked of the browser, which answers for a
 * page that is busy, too, and not of the page, where a script of ours would have to be loaded first. Never rejects.
 */
export async function titleOf(
  tab: Pick<Tab, "page" | "title" | "opening" | "cdp">,
  withinMs = titleMs,
): Promise<string> {
  if (isOpening(tab)) return tab.title;
  const { page } = tab;
  const told = await within(
    withinMs,
    titleInHistory(tab).then((title) => title || page.evaluate<string>(titleExpression)),
  );
  if (told !== undefined && page === tab.page) tab.title = plain(told, 300);
  return tab.title;
}

/** Empty for entries that a page has made itself, too. */
async function titleInHistory(tab: Pick<Tab, "cdp">): Promise<string> {
  const session = await tab.cdp();
  const { currentIndex, entries } = await session.send("Page.getNavigationHistory");
  return entries[currentIndex]?.title ?? "";
}

/** The page in a sentence, by what is known of it: `"Title" (https://…)`. */
export function pageAsKnown(tab: Pick<Tab, "page" | "opening" | "title">): string {
  const url = plain(addressOf(tab), 200);
  return tab.title === "" ? url : `${quoted(tab.title)} (${url})`;
}

/** What comes of the work within a time; undefined: nothing, or it has failed. The work goes on. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([work.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
