import { errors, type Locator } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { Pointed } from "../base/types.ts";
import { plain } from "../base/words.ts";
import { likelyThings, pageInWords } from "./page-words.ts";
import { timeLeft } from "./time-left.ts";

/** How long an element that is not there yet is waited for, ms: pages often build themselves after loading. */
const appearsMs = 2_000;

/**
 * The element that is meant. Throws `invalid_request` where it is not on the page, `param` being that of the ref or the
 * selector, below `prefix`.
 */
export async function locate(tab: Tab, at: Pointed, doing: Doing, prefix = "action"): Promise<Locator> {
  const param = (name: string): string => (prefix ? `${prefix}.${name}` : name);
  if (at.ref?.startsWith("#")) return bySelector(tab, at.ref, param("ref"), doing);
  if (at.ref !== undefined) return byRef(tab, at.ref, param("ref"));
  if (at.selector !== undefined) return bySelector(tab, at.selector, param("selector"), doing);
  throw new GatewayError(
    "invalid_request",
    "Say which element: a ref of the last snapshot, or a CSS selector.",
    {
      param: param("ref"),
    },
  );
}

/** Playwright knows the refs of the last snapshot: https://playwright.dev/docs/api/class-page#page-get-by-ref */
async function byRef(tab: Tab, told: string, param: string): Promise<Locator> {
  const ref = told.replace(/^\[?(?:ref=)?|\]$/g, "");
  if (!/^(f\d+)?e\d+$/.test(ref)) {
    throw new GatewayError(
      "invalid_request",
      `${plain(told, 40)} is no ref. Refs look like e12; take a snapshot for them.`,
      { param },
    );
  }
  const locator = tab.page.getByRef(ref);
  const count = await locator.count().catch((thrown: unknown) => {
    if (tab.page.isClosed()) throw thrown;
    return 0; // a ref of a frame that is no more
  });
  if (count === 0) {
    throw new GatewayError("invalid_request", `${ref} is not on this page (any more). Take a new snapshot.`, {
      param,
    });
  }
  return locator;
}

/** CSS and nothing else, in the page itself, open shadow roots included. Of several matches the first visible one. */
export async function bySelector(tab: Tab, selector: string, param: string, doing: Doing): Promise<Locator> {
  const all = await cssLocator(tab, selector, param);
  const visible = all.filter({ visible: true });
  // What is there need not be waited for; between two documents nothing is.
  if ((await visible.count().catch(() => 0)) > 0) return visible.first();
  const first = all.first();
  try {
    await first.waitFor({ state: "attached", timeout: timeLeft(doing, appearsMs), signal: doing.signal });
  } catch (thrown) {
    if (!(thrown instanceof errors.TimeoutError)) throw thrown;
    doing.signal.throwIfAborted();
    const [where, things] = await Promise.all([pageInWords(tab), likelyThings(tab.page, selector)]);
    throw new GatewayError(
      "invalid_request",
      `Nothing matches ${plain(selector, 200)}. The page ${where} has: ${things}. A snapshot tells more.`,
      {
        param,
        cause: thrown,
      },
    );
  }
  return (await visible.count()) > 0 ? visible.first() : first;
}

/**
 * Playwright's own engines and pseudo-classes (`text=`, `>>`, `:has-text()`) look into places and wait in ways that
 * nobody here has thought through: what a browser's own parser does not take is refused.
 */
export async function cssLocator(tab: Tab, selector: string, param: string): Promise<Locator> {
  const isCss = await tab.page.evaluate((css) => {
    try {
      document.createDocumentFragment().querySelector(css);
      return true;
    } catch {
      return false;
    }
  }, selector);
  if (isCss) return tab.page.locator(`css=${selector}`);
  throw new GatewayError(
    "invalid_request",
    `${plain(selector, 200)} is no CSS selector. Give one such as form button[type=submit], or a ref.`,
    {
      param,
    },
  );
}
