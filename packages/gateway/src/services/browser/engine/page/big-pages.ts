import type { Frame, Page } from "playwright-core";
import { grouped } from "../base/words.ts";
import { type Described, inFrame } from "./in-page.ts";
import type { AriaNode } from "./snapshot-items.ts";

/**
 * Beyond so many elements, or characters, Playwright's tree, with a ref for each element, takes the page several seconds,
 * in which it does nothing else.
 */
const elementsAtMost = 12_000;
const textAtMost = 2_000_000;
/** The tree's cost grows steeply with how deep elements are nested. */
const depthAtMost = 120;
/** A frame that does not answer so fast counts as empty, the page itself as big, ms. */
const frameMs = 2_000;
const pageMs = 4_000;
/** Elements that are read of a big page. */
const readAtMost = 20_000;

/** How big a page is with all its frames, or what matches the selector, in words; undefined: not too big. */
export async function tooBig(page: Page, selector: string | undefined): Promise<string | undefined> {
  const frames = selector === undefined ? page.frames().slice(1, 60) : [];
  const [own, ...others] = await Promise.all([
    sizeOf(page.mainFrame(), selector, pageMs),
    ...frames.map((it) => sizeOf(it, undefined, frameMs)),
  ]);
  if (own === undefined) return "too slow to be counted";
  const all = [own, ...others.filter((it) => it !== undefined)];
  const elements = all.reduce((sum, it) => sum + it.elements, 0);
  if (elements > elementsAtMost) return `${grouped(elements)} elements`;
  const depth = Math.max(...all.map((it) => it.depth));
  if (depth > depthAtMost) return `elements nested ${grouped(depth)} deep`;
  const text = all.reduce((sum, it) => sum + it.text, 0);
  return text > textAtMost ? `${grouped(text)} characters` : undefined;
}

async function sizeOf(frame: Frame, selector: string | undefined, atMostMs: number) {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), atMostMs);
  });
  const size = frame.evaluate(
    ({ css, most }) => {
      const root = css === undefined ? document.body : document.querySelector(css);
      const length = (it: Element | null): number => it?.textContent?.length ?? 0;
      const code = [...(root?.querySelectorAll("script,style") ?? [])].reduce(
        (sum, it) => sum + length(it),
        0,
      );
      const elements = root?.getElementsByTagName("*") ?? [];
      const depths = new Map<Element | null, number>();
      let depth = 0;
      for (const element of elements.length <= most ? elements : []) {
        const own = (depths.get(element.parentElement) ?? 0) + 1;
        depths.set(element, own);
        depth = Math.max(depth, own);
      }
      return { elements: elements.length, text: length(root) - code, depth };
    },
    { css: selector, most: elementsAtMost },
  );
  try {
    return await Promise.race([size.catch(() => ({ elements: 0, text: 0, depth: 0 })), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A big page by plainer rules: its first elements, no values of fields, and in place of a ref the id of what has one,
 * written `#id`, which is a selector as well.
 */
export async function readBigPage(
  page: Page,
  selector: string | undefined,
  size: string,
): Promise<AriaNode[]> {
  const { json, read } = await page.evaluate(readPlainly, {
    selector: selector ?? "body",
    atMost: readAtMost,
  });
  const shown = read < readAtMost ? "It is shown" : `Its first ${grouped(read)} elements are shown`;
  const about = `(This page is very large: ${size}. ${shown} without refs; [#…] is a selector. Take a snapshot of a part, by its selector, for refs.)`;
  const nodes = JSON.parse(json) as AriaNode[]; // what `readPlainly` has written
  return [{ role: "paragraph", text: about }, ...nodes];
}

const readPlainly = inFrame(({ selector, atMost }: { selector: string; atMost: number }, eyes) => {
  interface Plain {
    role: string;
    name?: string;
    ref?: string;
    url?: string;
    level?: number;
    children?: (Plain | string)[];
  }
  const roles: Record<string, string> = {
    ul: "list",
    ol: "list",
    li: "listitem",
    table: "table",
    tr: "row",
    td: "cell",
    th: "columnheader",
    main: "main",
    nav: "navigation",
    header: "banner",
    footer: "contentinfo",
    aside: "complementary",
    form: "form",
  };
  let read = 0;
  const named = (element: Element, { role, name }: Described): Plain => ({
    role: role === "password field" || role === "file field" ? "textbox" : role,
    name,
    ...(/^[\w-]+$/.test(element.id) && { ref: `#${element.id}` }),
    ...(element instanceof HTMLAnchorElement && { url: element.getAttribute("href") ?? "" }),
  });
  const walk = (element: Element, depth: number): (Plain | string)[] => {
    if (read >= atMost || depth > 1_000 || /^(script|style|template|noscript|head)$/i.test(element.tagName))
      return [];
    read++;
    if (!element.checkVisibility({ visibilityProperty: true })) return [];
    if (
      element.matches(
        "a[href],button,input,select,textarea,summary,[role=button],[role=link],[contenteditable]",
      )
    ) {
      return [named(element, eyes.describe(element))];
    }
    const children: (Plain | string)[] = [];
    for (const child of (element.shadowRoot ?? element).childNodes) {
      if (child instanceof Text) children.push(child.data.slice(0, 3_000));
      else if (child instanceof Element) children.push(...walk(child, depth + 1));
      if (read >= atMost) break;
    }
    const kept = children.filter((it) => typeof it !== "string" || it.trim() !== "");
    if (kept.length === 0) return [];
    const tag = element.tagName.toLowerCase();
    if (/^h[1-6]$/.test(tag)) return [{ role: "heading", level: Number(tag[1]), children: kept }];
    const role = roles[tag];
    if (
      role === undefined &&
      (tag === "span" || tag === "b" || tag === "i" || tag === "em" || tag === "strong")
    )
      return kept;
    return [{ role: role ?? "generic", children: kept }];
  };
  const root = document.querySelector(selector) ?? document.body;
  const nodes = walk(root, 0).map((it) => (typeof it === "string" ? { role: "text", text: it } : it));
  // As one text: Playwright takes objects over one by one, which takes longer than all the rest.
  return { json: JSON.stringify(nodes), read };
});
