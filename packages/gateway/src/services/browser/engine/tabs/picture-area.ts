import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { PictureWish } from "../base/types.ts";
import { grouped, quoted } from "../base/words.ts";
import { locate } from "../page/locate.ts";
import { timeLeft } from "../page/time-left.ts";

/** A part of the document, in CSS pixels from its beginning. */
export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Chromium paints no further down; and how many pixels a picture may have. */
const tallest = 16_384;
const mostPixels = 40_000_000;

/**
 * What of the document a picture is to show: what is visible of the page, or all of it; what is visible of an element, or all
 * of it. Elements are scrolled into view. Throws `invalid_request` (`selector`, `ref`) where there is nothing to show.
 */
export async function areaOf(tab: Tab, wish: PictureWish, doing: Doing): Promise<Area> {
  const session = await tab.cdp();
  const metrics = async () => {
    const { cssVisualViewport: view, cssContentSize: content } = await session.send("Page.getLayoutMetrics");
    return { view, content };
  };
  const whole = wish.fullPage === true;
  const visible = async (): Promise<Area> => {
    const { view } = await metrics();
    return { x: view.pageX, y: view.pageY, width: view.clientWidth, height: view.clientHeight };
  };
  if (wish.selector === undefined && wish.ref === undefined) {
    if (!whole) return rounded(await visible());
    const { view, content } = await metrics();
    const width = Math.max(content.width, view.clientWidth);
    return bounded(tab, { x: 0, y: 0, width, height: Math.max(content.height, view.clientHeight) });
  }
  const element = await locate(tab, wish, doing, "");
  if (await element.isVisible()) {
    await element.scrollIntoViewIfNeeded({ signal: doing.signal, timeout: timeLeft(doing) });
  }
  const box = await element.boundingBox({ signal: doing.signal, timeout: timeLeft(doing) });
  const view = await visible();
  if (!box || box.width < 1 || box.height < 1) {
    // The page itself may be without any content.
    if (/^(?:html|body|:root)$/i.test(wish.selector?.trim() ?? "")) return rounded(view);
    throw nothing(
      wish,
      `${nameOf(wish)} is on the page, but not visible, so that there is nothing to take a picture of.`,
    );
  }
  const area = { x: view.x + box.x, y: view.y + box.y, width: box.width, height: box.height };
  if (whole) return bounded(tab, area);
  const part = intersection(area, view);
  if (part) return rounded(part);
  throw nothing(
    wish,
    `${nameOf(wish)} cannot be scrolled into view. With fullPage the picture shows it all the same.`,
  );
}

function bounded(tab: Tab, area: Area): Area {
  const { x, y, width, height } = rounded(area);
  const wide = Math.min(width, tallest);
  const high = Math.min(height, tallest, Math.floor(mostPixels / wide));
  if (wide < width || high < height) {
    const is = `${grouped(width)} × ${grouped(height)}`;
    tab.notes.add(`The picture shows the first ${grouped(wide)} × ${grouped(high)} pixels of ${is}.`);
  }
  return { x, y, width: wide, height: high };
}

/** Whole pixels, and none beyond the document's begin. */
function rounded({ x, y, width, height }: Area): Area {
  const from = { x: Math.max(0, Math.floor(x)), y: Math.max(0, Math.floor(y)) };
  return {
    ...from,
    width: Math.max(1, Math.ceil(x + width) - from.x),
    height: Math.max(1, Math.ceil(y + height) - from.y),
  };
}

function intersection(one: Area, other: Area): Area | undefined {
  const x = Math.max(one.x, other.x);
  const y = Math.max(one.y, other.y);
  const width = Math.min(one.x + one.width, other.x + other.width) - x;
  const height = Math.min(one.y + one.height, other.y + other.height) - y;
  return width >= 1 && height >= 1 ? { x, y, width, height } : undefined;
}

function nameOf({ selector, ref }: PictureWish): string {
  return ref ?? quoted(selector ?? "");
}

function nothing({ ref }: Pick<PictureWish, "ref" | "selector">, message: string): GatewayError {
  return new GatewayError("invalid_request", message, { param: ref === undefined ? "selector" : "ref" });
}
