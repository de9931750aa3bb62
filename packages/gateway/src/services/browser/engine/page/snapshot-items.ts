import { plain } from "../base/words.ts";

/**
 * A node of Playwright's accessibility tree:
 * https://playwright.dev/docs/api/class-locator#locator-aria-snapshot-json
 */
export interface AriaNode {
  readonly role: string;
  readonly name?: string;
  readonly text?: string;
  readonly ref?: string;
  readonly children?: readonly (AriaNode | string)[];
  readonly url?: string;
  readonly placeholder?: string;
  readonly cursor?: string;
  readonly level?: number;
  readonly active?: boolean;
  readonly disabled?: boolean;
  readonly selected?: boolean;
  readonly expanded?: boolean;
  readonly checked?: boolean | "mixed";
  readonly pressed?: boolean | "mixed";
  readonly invalid?: boolean | string;
}

/** What a model reads of a node. A `group` has no meaning of its own, a `text` is only that. */
export interface Item {
  readonly kind:
    | "text"
    | "group"
    | "block"
    | "control"
    | "heading"
    | "list"
    | "item"
    | "table"
    | "row"
    | "cell";
  /** Role and name, or the text. */
  readonly words: string;
  /** State, value, ref and address, in the order in which they are written. */
  readonly facts: string;
  readonly level: number;
  readonly children: readonly Item[];
}

/** Long texts are cut here, characters; an ordinary paragraph is not. */
const textAtMost = 1_200;

export function textItem(raw: string): Item | undefined {
  const words = unforged(plain(raw, textAtMost));
  return words ? text(words) : undefined;
}

export function text(words: string): Item {
  return { kind: "text", words, facts: "", level: 0, children: [] };
}

/** What a page writes must not pass for a ref. */
function unforged(words: string): string {
  return words.replace(/\[((?:f\d+)?e\d+)\]/g, "($1)");
}

export function inQuotes(name: string): string {
  return `"${unforged(name).replaceAll('"', "'")}"`;
}

/** A heading's link to itself says nothing. */
export function withoutAnchors(items: Item[]): Item[] {
  if (!items.some((it) => it.kind === "text")) return items;
  return items.filter((it) => !(it.words.startsWith("link") && / #\S*$/.test(it.facts)));
}

/** A label's text beside the field that it names says the same twice; texts that follow each other are one. */
export function withoutEchoes(items: Item[]): Item[] {
  const kept = items.filter((item, at) => {
    if (item.kind !== "text") return true;
    const named = (it: Item | undefined) =>
      it?.kind === "control" && it.words.endsWith(` "${item.words.replaceAll('"', "'")}"`);
    return !named(items[at + 1]) && !named(items[at - 1]);
  });
  const joined: Item[] = [];
  for (const item of kept) {
    const last = joined.at(-1);
    if (item.kind === "text" && last?.kind === "text")
      joined[joined.length - 1] = text(`${last.words} ${item.words}`);
    else joined.push(item);
  }
  return joined;
}

export function withRef(node: AriaNode, wanted: boolean): string {
  return [states(node), wanted && node.ref ? `[${node.ref}]` : ""].filter(Boolean).join(" ");
}

export function states(node: AriaNode): string {
  const told = [
    node.checked === true && "checked",
    node.checked === "mixed" && "partly checked",
    node.pressed === true && "pressed",
    node.selected === true && "selected",
    node.expanded === true && "expanded",
    node.disabled === true && "disabled",
    node.invalid !== undefined && node.invalid !== false && "invalid",
    node.active === true && node.role !== "generic" && "focused",
  ].filter((it) => it !== false);
  return told.length > 0 ? `(${told.join(", ")})` : "";
}
