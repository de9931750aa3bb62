import type { Tokenizer } from "htmlparser2";
import {
  aroundContent,
  aroundRoles,
  blocks,
  impliedEnd,
  neverShown,
  paragraphs,
  voidElements,
} from "./elements.ts";
import type { Markdown } from "./markdown.ts";

type Tokens = ConstructorParameters<typeof Tokenizer>[1];

export interface PageWalk {
  /** Takes a tokenizer's tokens of this text. */
  tokens(html: string): Tokens;
  title(): string;
  /** Where in the Markdown the page's main part and its articles stand; an open end: to the end. */
  parts(): { main: [number, number | undefined][]; article: [number, number | undefined][] };
}

interface Element {
  readonly name: string;
  readonly isHidden: boolean;
  readonly part: "main" | "article" | undefined;
  /** Of a list: the number of its next item. */
  next: number;
  cells: number;
  href: string | undefined;
}

/** Deeper ones are counted, not kept. */
const deepest = 256;
/** How far up a list item looks for its list and a cell for its row. */
const nearby = 16;
const longestValue = 2_000;
const longestHref = 500;
const longestTitle = 300;

/** The attributes that are looked at. */
const wanted = new Set(["href", "alt", "hidden", "aria-hidden", "style", "role", "start"]);
/** Elements with a sign before their text, which is left out where there is none. */
const marked = /^(h[1-6]|li|blockquote|tr)$/;
const hiding = /display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0(?![.\d]*[1-9])/i;

/** Turns the tags of a page into Markdown. `contentOnly` leaves out navigation, headers, footers and asides. */
export function createPageWalk(
  markdown: Markdown,
  { url, contentOnly }: { url: string; contentOnly: boolean },
): PageWalk {
  const open: Element[] = [];
  const openByName = new Map<string, number>(); // so that no tag costs a walk through all that is open
  const openParts = { main: 0, article: 0 };
  const parts: ReturnType<PageWalk["parts"]> = { main: [], article: [] };
  let hiddenDepth = 0;
  let tooDeep = 0;
  let base = url;
  let title: string | undefined;
  let isInTitle = false;
  let name = "";
  let attributes: Record<string, string> = {};
  let attribute = "";

  function isHidden(): boolean {
    if (neverShown.has(name)) return true;
    const { hidden, role = "", style = "" } = attributes;
    if ((hidden !== undefined && hidden !== "until-found") || attributes["aria-hidden"] === "true")
      return true;
    if (style !== "" && hiding.test(style)) return true;
    if (!contentOnly) return false;
    const isOfContent = name === "header" && openParts.main + openParts.article > 0;
    return (aroundContent.has(name) && !isOfContent) || aroundRoles.has(role.trim().toLowerCase());
  }

  function opened(): void {
    const cut = impliedEnd(open, name);
    if (cut !== undefined) closeDownTo(cut);
    if (voidElements.has(name)) {
      standsAlone();
      return;
    }
    if (open.length >= deepest) {
      tooDeep++;
      return;
    }
    const isMain = name === "main" || attributes.role === "main";
    const element: Element = {
      name,
      isHidden: isHidden(),
      part: isMain ? "main" : name === "article" ? "article" : undefined,
      next: name === "ol" ? Number.parseInt(attributes.start ?? "1", 10) || 1 : 1,
      cells: 0,
      href: name === "a" ? target(attributes.href) : undefined,
    };
    if (name === "title" && hiddenDepth === 0) isInTitle = title === undefined;
    if (hiddenDepth === 0 && !element.isHidden && name !== "title") begin(element);
    if (element.isHidden) hiddenDepth++;
    open.push(element);
    count(element, 1);
  }

  function count({ name, part }: Element, by: 1 | -1): void {
    openByName.set(name, isOpen(name) + by);
    if (part) openParts[part] += by;
  }

  function isOpen(name: string): number {
    return openByName.get(name) ?? 0;
  }

  function nearest(...names: string[]): Element | undefined {
    return open.slice(-nearby).findLast((it) => names.includes(it.name));
  }

  function standsAlone(): void {
    if (name === "base" && attributes.href !== undefined) base = URL.parse(attributes.href, url)?.href ?? url;
    if (hiddenDepth > 0) return;
    if (name === "br") markdown.line();
    if (name === "hr") markdown.rule();
    if (name === "img" && attributes.alt?.trim()) markdown.text(` [image: ${attributes.alt.slice(0, 300)}] `);
  }

  function begin(element: Element): void {
    if (blocks.has(name)) markdown.line();
    // A list in a list goes on without an empty line.
    if (paragraphs.has(name)) markdown.line(!((name === "ul" || name === "ol") && listDepth() > 0));
    if (element.part && openParts[element.part] === 0) parts[element.part].push([markdown.length, undefined]);
    if (/^h[1-6]$/.test(name)) markdown.mark(`${"#".repeat(Number(name[1]))} `);
    else if (name === "li") markdown.mark(itemMark());
    else if (name === "blockquote") markdown.mark("> ");
    else if (name === "pre") markdown.beginCode();
    else if (name === "a") markdown.beginLink();
    else if (name === "td" || name === "th") {
      const row = nearest("tr");
      if (row && row.cells++ > 0) markdown.cell();
    }
  }

  function end(element: Element): void {
    if (element.name === "a") markdown.endLink(element.href);
    if (element.name === "pre") markdown.endCode();
    if (marked.test(element.name)) markdown.unmark();
    if (blocks.has(element.name)) markdown.line();
    if (paragraphs.has(element.name)) markdown.line(listDepth() === 0);
    if (element.part && openParts[element.part] === 0) {
      const part = parts[element.part].at(-1);
      if (part) part[1] = markdown.length;
    }
  }

  function listDepth(): number {
    return isOpen("ul") + isOpen("ol");
  }

  function itemMark(): string {
    const list = nearest("ul", "ol");
    const indent = "  ".repeat(Math.min(Math.max(listDepth() - 1, 0), 8));
    return list?.name === "ol" ? `${indent}${list.next++}. ` : `${indent}- `;
  }

  function closeDownTo(depth: number): void {
    while (open.length > depth) {
      const element = open.pop()!;
      count(element, -1);
      if (element.isHidden) hiddenDepth--;
      else if (element.name === "title") isInTitle = false;
      else if (hiddenDepth === 0) end(element);
    }
  }

  function closed(): void {
    if (tooDeep > 0) {
      tooDeep--;
      return;
    }
    if (isOpen(name) > 0) closeDownTo(open.findLastIndex((it) => it.name === name));
    else if (name === "br") markdown.line(); // as browsers take it
  }

  function target(href: string | undefined): string | undefined {
    if (href === undefined || href.startsWith("#")) return undefined;
    const to = URL.parse(href, base);
    const isOfUse = to && /^https?:$/.test(to.protocol) && to.href.length <= longestHref;
    return isOfUse ? to.href : undefined;
  }

  function text(piece: string): void {
    if (isInTitle) title = ((title ?? "") + piece).slice(0, longestTitle);
    else if (hiddenDepth === 0) markdown.text(piece);
  }

  function value(piece: string): void {
    const before = attributes[attribute];
    if (before !== undefined && before.length < longestValue) attributes[attribute] = before + piece;
  }

  return {
    title: () => title ?? "",
    parts: () => parts,
    tokens: (html) => ({
      ontext: (from, to) => text(html.slice(from, to)),
      ontextentity: (code) => text(String.fromCodePoint(code)),
      onopentagname(from, to) {
        name = html.slice(from, Math.min(to, from + 32)).toLowerCase();
        attributes = {};
      },
      onattribname(from, to) {
        attribute = html.slice(from, Math.min(to, from + 32)).toLowerCase();
        if (wanted.has(attribute) && attributes[attribute] === undefined) attributes[attribute] = "";
        else attribute = "";
      },
      onattribdata: (from, to) => value(html.slice(from, Math.min(to, from + longestValue))),
      onattribentity: (code) => value(String.fromCodePoint(code)),
      onattribend() {},
      onopentagend: opened,
      onselfclosingtag() {
        // In drawings and formulas `<path/>` has no end tag; elsewhere the slash means nothing.
        if (hiddenDepth === 0 || voidElements.has(name)) opened();
      },
      onclosetag(from, to) {
        name = html.slice(from, Math.min(to, from + 32)).toLowerCase();
        closed();
      },
      oncomment() {},
      oncdata() {},
      ondeclaration() {},
      onprocessinginstruction() {},
      onend: () => closeDownTo(0),
    }),
  };
}
