import type { BrowserAction } from "openclaw-protocol";
import type { ElementHandle, Frame, Page } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { Inspection } from "../base/types.ts";
import { plain } from "../base/words.ts";
import { type HandOver, handedOver, handedOverFrom } from "./handed-over.ts";
import type { FieldKind } from "./in-page.ts";
import { effectOf, keyOf } from "./keys.ts";
import { pageInWords } from "./page-words.ts";
import { inWords, type Target } from "./target.ts";
import { timeLeft } from "./time-left.ts";

/** A frame that does not answer so fast, or not at all, counts as one with both kinds of fields, ms. */
const frameMs = 2_000;
const framesAtMost = 60;

/**
 * What an action would hand over: the kinds of filled fields of its form, or of the page where there is no form to go
 * by. What only looks or fills hands nothing over. When in doubt, it does.
 */
export async function inspect(
  tab: Tab,
  action: BrowserAction,
  target: Target | undefined,
  doing: Doing,
): Promise<Inspection> {
  const about = { tabId: tab.id, url: plain(tab.page.url(), 2_000), title: plain(tab.title, 300) };
  const effect = effectOfAction(action);
  if (effect === "none" && target === undefined)
    return { ...about, element: "the page", submits: [], action: null };
  const options = { timeout: timeLeft(doing), signal: doing.signal };
  const handle = target ? await target.locator.elementHandle(options) : await focusedElement(tab.page);
  if (handle === undefined) return { ...about, element: "the page", submits: [], action: null };
  try {
    const own = await handle.ownerFrame();
    const found = await handle.evaluate(handedOver, { effect, fills: fills(action) });
    const others = found.acts ? await ofOtherFrames(tab.page, own) : [];
    const element = found.role === "page" ? "the page" : inWords(found.role, found.name);
    return { ...about, element, submits: kinds([...found.kinds, ...others]), action: found.action };
  } finally {
    await handle.dispose().catch(() => undefined); // its page may be gone
  }
}

/** What was decided on is what is done: `conflict` where it would now be more, or something else. */
export async function requireNoMore(tab: Tab, now: Inspection, only: Inspection): Promise<void> {
  const more = now.submits.filter((it) => !only.submits.includes(it));
  const origin = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);
  let why: string | undefined;
  if (more.length > 0) why = `it would now hand over ${more.join(" and ")} fields`;
  else if (origin(now.url) !== origin(only.url)) why = `the tab is at ${plain(origin(now.url), 100)} now`;
  else if (now.submits.length > 0 && now.action !== only.action) why = "its form goes somewhere else now";
  else if (now.submits.length > 0 && now.element !== only.element)
    why = `what was the ${only.element} is the ${now.element} now`;
  if (why === undefined) return;
  throw new GatewayError(
    "conflict",
    `The page has changed since this action was decided on: ${why}. Nothing was done. The page is ${await pageInWords(tab)}.`,
    {
      param: "action",
    },
  );
}

function effectOfAction(action: BrowserAction): HandOver {
  if (action.kind === "click")
    return action.button === undefined || action.button === "left" ? "click" : "none";
  if (action.kind === "type") return action.submit ? "enter" : "none";
  return action.kind === "press" ? effectOf(keyOf(action.key)) : "none";
}

/** Whether the action itself fills its field before it submits. */
function fills(action: BrowserAction): boolean {
  return (
    action.kind === "type" &&
    (action.secret !== undefined || (action.text ?? "") !== "" || action.append === true)
  );
}

/** What has the focus, in whichever frame; undefined: nothing that could be asked. */
async function focusedElement(page: Page): Promise<ElementHandle | undefined> {
  let frame: Frame | null = page.mainFrame();
  for (let depth = 0; frame && depth < 8; depth++) {
    const handle: ElementHandle | null = (
      await frame.evaluateHandle(() => {
        let at = document.activeElement;
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        return at ?? document.documentElement;
      })
    ).asElement();
    if (handle === null) return undefined;
    frame = await handle.contentFrame();
    if (frame === null) return handle;
  }
  return undefined;
}

/** A field in another frame may be sent by a button in this one: payment pages are made like that. */
async function ofOtherFrames(page: Page, own: Frame | null): Promise<FieldKind[]> {
  const frames = page.frames().filter((it) => it !== own);
  const found = await Promise.all(frames.slice(0, framesAtMost).map(ofFrame));
  return frames.length > framesAtMost ? ["password", "payment"] : found.flat();
}

async function ofFrame(frame: Frame): Promise<FieldKind[]> {
  const both = (): FieldKind[] => ["password", "payment"];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<FieldKind[]>((resolve) => {
    timer = setTimeout(() => resolve(both()), frameMs);
  });
  try {
    // A frame that goes away meanwhile has no fields any more; of one that cannot be read nobody knows.
    const read = frame.evaluate(handedOverFrom, undefined).catch(() => (frame.isDetached() ? [] : both()));
    return await Promise.race([read, late]);
  } finally {
    clearTimeout(timer);
  }
}

function kinds(found: readonly FieldKind[]): FieldKind[] {
  return (["password", "payment"] as const).filter((it) => found.includes(it));
}
