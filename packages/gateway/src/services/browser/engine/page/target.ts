import type { Locator } from "playwright-core";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { Pointed } from "../base/types.ts";
import { plain, quoted } from "../base/words.ts";
import { inFrame, onElement } from "./in-page.ts";
import { locate } from "./locate.ts";
import { timeLeft } from "./time-left.ts";

/** An element that something is to be done with. */
export interface Target {
  readonly locator: Locator;
  /** E.g. `button "Sign in"`. */
  readonly words: string;
  /** The parameter by which it was named, for errors. */
  readonly param: string;
  readonly facts: TargetFacts;
}

export interface TargetFacts {
  /** Lower case, e.g. `input`. */
  tag: string;
  /** Of an input. */
  type: string;
  editable: boolean;
  multiple: boolean;
}

/**
 * The element for a click: what a look at the page as a whole tells of it is enough. A look at the element itself needs
 * Playwright's whole script in the page's own world, which costs each new page some 30 ms.
 */
export async function targetOfClick(tab: Tab, at: Pointed, doing: Doing): Promise<Target> {
  const { selector } = at;
  if (at.ref !== undefined || selector === undefined) return targetOf(tab, at, doing);
  const seen = await tab.page.evaluate(firstVisible, selector).catch(() => undefined); // between two documents
  if (seen === undefined) return targetOf(tab, at, doing);
  const { role, name, ...facts } = seen;
  const locator = tab.page.locator(`css=${selector}`).filter({ visible: true }).first();
  return { locator, words: inWords(role, name), param: "action.selector", facts };
}

export async function targetOf(tab: Tab, at: Pointed, doing: Doing): Promise<Target> {
  const locator = await locate(tab, at, doing);
  const options = { timeout: timeLeft(doing), signal: doing.signal };
  const { role, name, ...facts } = await locator.evaluate(factsOf, undefined, options);
  return {
    locator,
    words: inWords(role, name),
    param: at.ref !== undefined ? "action.ref" : "action.selector",
    facts,
  };
}

export function inWords(role: string, name: string): string {
  const kind = plain(role, 30);
  return name.trim() === "" ? `${kind} without a name` : `${kind} ${quoted(name, 80)}`;
}

/** Undefined for what is no CSS, for what is not there or within a shadow root, and where nothing is to be seen. */
const firstVisible = inFrame((selector: string, eyes) => {
  // What Playwright's parser takes for more than CSS is not for here.
  document.createDocumentFragment().querySelector(selector);
  for (const element of document.querySelectorAll(selector)) {
    const { width, height } = element.getBoundingClientRect();
    if (width === 0 || height === 0 || !element.checkVisibility({ visibilityProperty: true })) continue;
    const it = element instanceof HTMLLabelElement && element.control ? element.control : element;
    return {
      ...eyes.describe(element),
      tag: it.tagName.toLowerCase(),
      type: it instanceof HTMLInputElement ? it.type : "",
      editable: it instanceof HTMLElement && it.isContentEditable,
      multiple: it instanceof HTMLSelectElement && it.multiple,
    };
  }
  return undefined;
});

const factsOf = onElement((element: Element, _arg: undefined, eyes) => {
  // Typing into a label is typing into its field.
  const it = element instanceof HTMLLabelElement && element.control ? element.control : element;
  return {
    ...eyes.describe(element),
    tag: it.tagName.toLowerCase(),
    type: it instanceof HTMLInputElement ? it.type : "",
    editable: it instanceof HTMLElement && it.isContentEditable,
    multiple: it instanceof HTMLSelectElement && it.multiple,
  };
});
