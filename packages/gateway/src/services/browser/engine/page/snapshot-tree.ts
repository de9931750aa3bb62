import { plain } from "../base/words.ts";
import { shortUrl } from "./short-url.ts";
import {
  type AriaNode,
  type Item,
  inQuotes,
  states,
  text,
  textItem,
  withoutAnchors,
  withoutEchoes,
  withRef,
} from "./snapshot-items.ts";

export interface TreeOptions {
  /** Where links are relative to. */
  readonly base: string;
  /** Addresses of links are left out: there are so many, all in one navigation, that their names must do. */
  readonly unaddressed?: boolean;
  /** A field's value as it may be shown. */
  readonly value: (text: string) => string;
  /** Any other text as it may be shown. */
  readonly text: (text: string) => string;
}

/** What can be acted on. Roles: https://www.w3.org/TR/wai-aria-1.2/#role_definitions */
const controls = new Set(
  `button link textbox searchbox combobox checkbox radio switch slider spinbutton tab menuitem menuitemcheckbox
   menuitemradio option treeitem scrollbar`.split(/\s+/),
);
/** Whose text is a value. */
const valued = new Set(["textbox", "searchbox", "combobox", "spinbutton", "slider"]);
/** What gives a page its shape. */
const blocks = new Set(
  `main navigation banner contentinfo complementary search form region dialog alertdialog alert status article
   iframe tablist menu menubar toolbar listbox tree radiogroup tabpanel grid treegrid figure application log feed`.split(
    /\s+/,
  ),
);
const tables = new Set(["table", "grid", "treegrid"]);
const nameAtMost = 160;
const valueAtMost = 500;
const optionsAtMost = 12;
const linksAtMost = 40;

export function itemsOf(nodes: readonly (AriaNode | string)[], options: TreeOptions): Item[] {
  return nodes.flatMap((node) => itemOf(node, options, false) ?? []);
}

function itemOf(node: AriaNode | string, options: TreeOptions, clickable: boolean): Item | undefined {
  if (typeof node === "string") return textItem(options.text(node));
  const { role } = node;
  if (role === "text") return textItem(options.text(node.text ?? ""));
  const pointed = node.cursor === "pointer" && node.ref !== undefined && !clickable;
  const within = {
    ...options,
    base: role === "iframe" ? "" : options.base,
    unaddressed: options.unaddressed || (role === "navigation" && countLinks(node) > linksAtMost),
  };
  const isControl = controls.has(role);
  const below = (): Item[] => {
    const own = node.text === undefined ? [] : [textItem(options.text(node.text)) ?? []].flat();
    const rest = (node.children ?? []).flatMap(
      (it) => itemOf(it, within, clickable || pointed || isControl) ?? [],
    );
    return withoutEchoes([...own, ...rest]);
  };
  const name = plain(node.name ?? "", nameAtMost);
  if (valued.has(role)) return fieldItem(node, name, options);
  if (isControl || (role === "img" && name) || (role === "generic" && pointed)) {
    return controlItem(node, name, below(), pointed, options);
  }
  const make = (kind: Item["kind"], words: string, children: Item[], facts = states(node)): Item => ({
    kind,
    words,
    facts,
    level: node.level ?? 0,
    children,
  });
  if (role === "heading") {
    const children = withoutAnchors(below());
    return make(
      "heading",
      "#".repeat(Math.min(6, node.level ?? 2)),
      children.length > 0 || !name ? children : [text(name)],
    );
  }
  if (role === "list") {
    const children = below();
    return children.length === 0 ? undefined : make("list", name ? `list ${inQuotes(name)}` : "", children);
  }
  if (role === "listitem") {
    const children = below();
    return children.length > 0
      ? make("item", "", children)
      : name
        ? make("item", "", [text(name)])
        : undefined;
  }
  if (tables.has(role))
    return make("table", name ? `${role} ${inQuotes(name)}` : role, below(), withRef(node, role !== "table"));
  if (role === "row")
    return make("row", "", below(), pointed || node.selected ? withRef(node, true) : states(node));
  if (/^(cell|gridcell|columnheader|rowheader)$/.test(role)) {
    const children = below();
    // An empty cell stays: rows are read by their columns.
    return make("cell", "", children.length > 0 || !name ? children : [text(name)], withRef(node, pointed));
  }
  if (role === "separator") return undefined;
  const children = below();
  if (blocks.has(role) || (role === "group" && name)) {
    if (children.length === 0 && !name && role !== "iframe") return undefined;
    return make("block", name ? `${role} ${inQuotes(name)}` : role, children, withRef(node, true));
  }
  if (role === "progressbar" || role === "meter")
    return make("control", name ? `${role} ${inQuotes(name)}` : role, children);
  if (role === "code" || role === "time" || role === "strong" || role === "emphasis")
    return flattened(children) ?? make("group", "", children);
  if (children.length === 0) {
    // A field that is not one, such as an editable element, has its name and its text in one.
    return name
      ? make("control", `${role === "generic" ? "element" : role} ${inQuotes(name)}`, [], withRef(node, true))
      : undefined;
  }
  if (role === "generic" && name)
    return make("block", `element ${inQuotes(name)}`, children, withRef(node, true));
  return make(
    "group",
    "",
    children,
    node.active && node.ref && role !== "generic" ? withRef(node, true) : "",
  );
}

function fieldItem(node: AriaNode, name: string, options: TreeOptions): Item {
  const words = name ? `${node.role} ${inQuotes(name)}` : node.role;
  const facts = [withRef(node, true)];
  const choices = (node.children ?? []).filter(
    (it): it is AriaNode => typeof it !== "string" && it.role === "option",
  );
  if (choices.length > 0) {
    const names = choices.map((it) => inQuotes(plain(it.name ?? it.text ?? "", 60)));
    const chosen = choices.flatMap((it, at) => (it.selected ? [names[at] ?? ""] : []));
    facts.push(`= ${chosen.length > 0 ? chosen.slice(0, optionsAtMost).join(", ") : '""'}`);
    const more = names.length > optionsAtMost ? `, and ${names.length - optionsAtMost} more` : "";
    facts.push(`(of ${names.slice(0, optionsAtMost).join(", ")}${more})`);
    return { kind: "control", words, facts: facts.filter(Boolean).join(" "), level: 0, children: [] };
  }
  const texts = (node.children ?? []).filter((it) => typeof it === "string");
  const value = node.text ?? (texts.length > 0 ? texts.join(" ") : undefined);
  if (value) facts.push(`= ${inQuotes(plain(options.value(value), valueAtMost))}`);
  else if (node.placeholder) facts.push(`(placeholder ${inQuotes(plain(node.placeholder, 60))})`);
  const parts = (node.children ?? []).filter((it) => typeof it !== "string");
  return {
    kind: "control",
    words,
    facts: facts.filter(Boolean).join(" "),
    level: 0,
    children: parts.flatMap((it) => itemOf(it, options, false) ?? []),
  };
}

/** A control whose inside cannot be acted on is named by it: a card that is a link reads as one line. */
function controlItem(
  node: AriaNode,
  name: string,
  below: Item[],
  pointed: boolean,
  options: TreeOptions,
): Item | undefined {
  const deep = below.some(hasControl);
  const inside = deep ? "" : plain(below.map(wordsOf).join(" "), nameAtMost);
  const words = name && inside && !inside.includes(name) ? `${name} ${inside}` : inside || name;
  const role = node.role === "generic" ? "clickable" : node.role;
  if (role === "clickable" && !words && !deep)
    return node.ref ? control("clickable", withRef(node, true), []) : undefined;
  const facts = [withRef(node, pointed || role !== "img")];
  if (node.role === "link" && !options.unaddressed) facts.push(shortUrl(node.url, options.base));
  const label = words ? `${role} ${inQuotes(plain(words, nameAtMost))}` : role;
  return control(label, facts.filter(Boolean).join(" "), deep ? below : []);
}

function control(words: string, facts: string, children: Item[]): Item {
  return { kind: "control", words, facts, level: 0, children };
}

function hasControl(item: Item): boolean {
  return (
    (item.kind === "control" && item.facts.includes("[") && !item.words.startsWith("img")) ||
    item.children.some(hasControl)
  );
}

function wordsOf(item: Item): string {
  if (item.kind === "text") return item.words;
  const own = item.kind === "control" ? (/"(.*)"$/.exec(item.words)?.[1] ?? "") : "";
  return [own, ...item.children.map(wordsOf)].filter(Boolean).join(" ");
}

function countLinks(node: AriaNode): number {
  let count = node.role === "link" ? 1 : 0;
  for (const child of node.children ?? []) if (typeof child !== "string") count += countLinks(child);
  return count;
}

function flattened(children: Item[]): Item | undefined {
  return children.every((it) => it.kind === "text")
    ? text(children.map((it) => it.words).join(" "))
    : undefined;
}
