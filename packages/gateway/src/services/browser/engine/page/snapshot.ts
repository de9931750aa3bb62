import type { Page } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing } from "../base/parts.ts";
import { redact } from "../base/redact.ts";
import type { Tab } from "../base/tab.ts";
import { grouped } from "../base/words.ts";
import { readBigPage, tooBig } from "./big-pages.ts";
import { fieldValues } from "./field-values.ts";
import { bySelector } from "./locate.ts";
import type { AriaNode } from "./snapshot-items.ts";
import { linesOf } from "./snapshot-lines.ts";
import { pagesAtMost, pagesOf } from "./snapshot-pages.ts";
import { itemsOf } from "./snapshot-tree.ts";
import { timeLeft } from "./time-left.ts";

interface Wish {
  readonly selector?: string | undefined;
  readonly page?: number | undefined;
}

/** A tree that was taken, for the pages after the first. */
interface Taken {
  readonly url: string;
  readonly selector: string | undefined;
  readonly pages: readonly string[];
  /** A ref of it: as long as it is known, the tree is the page's last one. */
  readonly ref: string | undefined;
  readonly at: number;
}

/** How long the later pages of a tree are to be had, ms. */
const keptMs = 5 * 60_000;

/**
 * Reads pages as compact trees. Page 1 takes a tree anew; the pages after it are those of the same tree, so that nothing
 * is told twice or left out. Refs are Playwright's, which keeps one per element as long as its role and name stay.
 */
export function createSnapshots({ now }: { now: () => number }) {
  const last = new WeakMap<Page, Taken>();

  return async function snapshot(
    tab: Tab,
    wish: Wish,
    doing: Doing,
  ): Promise<{ snapshot: string; page: number; pages: number }> {
    const number = wish.page ?? 1;
    const before = number === 1 ? undefined : last.get(tab.page);
    const taken =
      before && (await stillGood(before, tab, wish, now())) ? before : await take(tab, wish, doing, now);
    last.set(tab.page, taken);
    const text = taken.pages[number - 1];
    if (text === undefined) {
      const count = taken.pages.length;
      throw new GatewayError(
        "invalid_request",
        `There is no page ${number}: this snapshot has ${count === 1 ? "one page" : `${count} pages`}.`,
        {
          param: "page",
        },
      );
    }
    const more =
      number < taken.pages.length
        ? `\n(page ${number} of ${taken.pages.length}; ask for page ${number + 1} to read on)`
        : "";
    return { snapshot: redact(text + more, tab.secrets), page: number, pages: taken.pages.length };
  };
}

async function stillGood(taken: Taken, tab: Tab, wish: Wish, at: number): Promise<boolean> {
  if (taken.url !== tab.page.url() || taken.selector !== wish.selector || at - taken.at > keptMs)
    return false;
  return taken.ref === undefined || (await tab.page.getByRef(taken.ref).count()) > 0;
}

async function take(tab: Tab, { selector }: Wish, doing: Doing, now: () => number): Promise<Taken> {
  const { page } = tab;
  const [nodes, values] = await Promise.all([nodesOf(tab, selector, doing), fieldValues(page)]);
  const base = /^https?:/.test(page.url()) ? page.url() : "";
  const items = itemsOf(nodes, { base, value: values.shown, text: values.text });
  const lines = linesOf(items);
  const { pages, left } = pagesOf(lines);
  const end =
    left > 0
      ? `\n(${grouped(left)} more lines are beyond page ${pagesAtMost}; read a part by its selector)`
      : "";
  const texts = pages.map((text, index) =>
    redact(index === pages.length - 1 ? text + end : text, values.hidden),
  );
  return {
    url: page.url(),
    selector,
    pages: texts.length === 1 && texts[0] === "" ? ["(the page is empty)"] : texts,
    ref: firstRef(nodes),
    at: now(),
  };
}

async function nodesOf(tab: Tab, selector: string | undefined, doing: Doing): Promise<AriaNode[]> {
  const { page } = tab;
  const at = selector === undefined ? page : await bySelector(tab, selector, "selector", doing);
  const size = await tooBig(page, selector);
  if (size !== undefined) return readBigPage(page, selector, size);
  const answer: unknown = await at.ariaSnapshotJSON({
    mode: "ai",
    timeout: timeLeft(doing),
    signal: doing.signal,
  });
  // A list of nodes, as `ariaSnapshotJSON` documents it; each of the properties that are used may be missing.
  return Array.isArray(answer) ? (answer as AriaNode[]) : [];
}

function firstRef(nodes: readonly (AriaNode | string)[]): string | undefined {
  for (const node of nodes) {
    if (typeof node === "string") continue;
    const ref = (node.ref?.startsWith("#") ? undefined : node.ref) ?? firstRef(node.children ?? []);
    if (ref !== undefined) return ref;
  }
  return undefined;
}
