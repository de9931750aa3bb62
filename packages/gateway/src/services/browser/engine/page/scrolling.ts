import type { BrowserAction } from "openclaw-protocol";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import { grouped } from "../base/words.ts";
import { attempt } from "./refusals.ts";
import type { Target } from "./target.ts";
import { timeLeft } from "./time-left.ts";

type Scrolling = Extract<BrowserAction, { kind: "scroll" }>;

/** Scrolls the page, or what an element is in; what was done and where that is now. */
export async function scroll(
  tab: Tab,
  target: Target | undefined,
  action: Scrolling,
  doing: Doing,
): Promise<string> {
  if (target !== undefined && action.direction === undefined && action.pixels === undefined) {
    await attempt(tab, target, "scrolled to", doing, (patience) =>
      target.locator.scrollIntoViewIfNeeded(patience),
    );
    return `Scrolled to ${target.words}`;
  }
  const how = { direction: action.direction ?? "down", pixels: action.pixels ?? null };
  const place = target
    ? await attempt(tab, target, "scrolled", doing, (patience) =>
        target.locator.evaluate(scrollIt, how, patience),
      )
    : await tab.page
        .locator("css=html")
        .evaluate(scrollIt, how, { timeout: timeLeft(doing), signal: doing.signal });
  const what = place.page ? "the page" : (target?.words ?? "the page's main part");
  if (place.end === 0) return `Nothing to scroll there: ${what} fits as it is`;
  const where =
    place.at <= 0
      ? "at the beginning"
      : place.at >= place.end - 1
        ? "at the end"
        : `at ${grouped(place.at)} of ${grouped(place.end)}`;
  return `Scrolled ${what} ${how.direction}${place.moved === 0 ? ", which moved nothing" : ""}: now ${where} (${grouped(place.end)} pixels in all)`;
}

/** Runs in the page. Of the page, or where that cannot be scrolled, of what fills its middle. */
function scrollIt(element: Element, { direction, pixels }: { direction: string; pixels: number | null }) {
  const across = direction === "left" || direction === "right";
  const root = document.scrollingElement ?? document.documentElement;
  const room = (it: Element): number =>
    across ? it.scrollWidth - it.clientWidth : it.scrollHeight - it.clientHeight;
  const scrolls = (it: Element): boolean => {
    if (room(it) <= 1) return false;
    const style = getComputedStyle(it);
    const overflow = across ? style.overflowX : style.overflowY;
    return it === root ? overflow !== "hidden" && overflow !== "clip" : /auto|scroll|overlay/.test(overflow);
  };
  const isPage = element === document.documentElement;
  let it: Element | null =
    isPage && !scrolls(root)
      ? document.elementFromPoint(innerWidth / 2, innerHeight / 2)
      : isPage
        ? root
        : element;
  while (it && !scrolls(it)) it = it.parentElement;
  const found = it ?? root;
  const before = across ? found.scrollLeft : found.scrollTop;
  const step = pixels ?? Math.round((across ? found.clientWidth : found.clientHeight) * 0.8);
  const to =
    direction === "top"
      ? 0
      : direction === "bottom"
        ? room(found)
        : before + (direction === "up" || direction === "left" ? -step : step);
  found.scrollTo({ [across ? "left" : "top"]: to, behavior: "instant" });
  const at = Math.round(across ? found.scrollLeft : found.scrollTop);
  return { at, end: Math.max(0, room(found)), moved: at - Math.round(before), page: found === root };
}
