import { grouped } from "../base/words.ts";
import type { Item } from "./snapshot-items.ts";

/** One line of a snapshot; what lies deeper belongs to the nearest line above that lies less deep. */
export interface Line {
  readonly depth: number;
  readonly text: string;
}

/** What is at most so long, in characters, is written on one line although it consists of several things. */
const oneLine = 200;
/** A list whose items all fit into so much is one line. */
const shortList = 120;
const lineAtMost = 4_000;

/** The tree as indented lines; an item without meaning of its own takes no line and no indentation. */
export function linesOf(items: readonly Item[]): Line[] {
  const lines: Line[] = [];
  write(items, 0, lines);
  return lines;
}

function write(items: readonly Item[], depth: number, lines: Line[]): void {
  let run: string[] = [];
  let mixed = false;
  const flush = (): void => {
    for (const text of mixed ? [run.join(" ")] : packed(run)) push(lines, depth, text);
    run = [];
    mixed = false;
  };
  for (const item of items) {
    if (item.kind === "text" || (item.kind === "control" && item.children.length === 0)) {
      run.push(phrase(item));
      mixed ||= item.kind === "text";
      continue;
    }
    flush();
    writeOne(item, depth, lines);
  }
  flush();
}

function writeOne(item: Item, depth: number, lines: Line[]): void {
  const head = joined(item.words, item.facts);
  if (item.kind === "heading") {
    push(lines, depth, joined(item.words, item.children.map(phrase).join(" ")));
  } else if (item.kind === "item") {
    writeItem(item, depth, lines);
  } else if (item.kind === "row") {
    writeRow(item, depth, lines);
  } else if (item.kind === "list" || item.kind === "table") {
    push(lines, depth, head);
    const short = item.kind === "list" ? inline(item.children, shortList) : undefined;
    if (short === undefined) write(item.children, head ? depth + 1 : depth, lines);
    else push(lines, head ? depth + 1 : depth, short);
  } else {
    within(item, depth, lines, item.kind === "group" ? "" : head);
  }
}

/** What something holds: after its own words where that fits on a line, else below them. */
function within(item: Item, depth: number, lines: Line[], head: string): void {
  const short = inline(item.children, oneLine);
  if (short === undefined) {
    push(lines, depth, head);
    write(item.children, head ? depth + 1 : depth, lines);
  } else {
    push(lines, depth, head && short ? `${head}: ${short}` : head || short);
  }
}

function writeItem(item: Item, depth: number, lines: Line[]): void {
  const bullet = joined("-", item.facts);
  const short = inline(item.children, oneLine);
  const own: Line[] = [];
  if (short === undefined) write(item.children, 0, own);
  else push(own, 0, short);
  // The first line carries the bullet; the others are below it.
  own.forEach((line, at) => {
    push(lines, at === 0 ? depth : depth + line.depth + 1, at === 0 ? joined(bullet, line.text) : line.text);
  });
}

/** A row on a line of its own, cell by cell; one that holds more than that has its cells below it. */
function writeRow(row: Item, depth: number, lines: Line[]): void {
  const cells = row.children.map((cell) => inline(cell.children, lineAtMost / 4));
  const text = `| ${cells.map((cell, at) => joined(row.children[at]?.facts ?? "", cell ?? "")).join(" | ")} |`;
  if (!cells.includes(undefined) && text.length <= lineAtMost / 2) {
    push(lines, depth, joined(row.facts, text));
  } else {
    push(lines, depth, joined("row", row.facts));
    for (const cell of row.children) within(cell, depth + 1, lines, joined("cell", cell.facts));
  }
}

/** Everything within on one line; undefined where it is longer or has a shape that a line would hide. */
function inline(items: readonly Item[], atMost: number): string | undefined {
  const parts: string[] = [];
  let mixed = false;
  let length = 0;
  for (const item of items) {
    const part = inlineOne(item, atMost);
    if (part === undefined) return undefined;
    if (!part) continue;
    mixed ||= item.kind === "text";
    parts.push(part);
    length += part.length + 3;
    if (length > atMost + 3) return undefined;
  }
  return parts.join(mixed ? " " : " · ");
}

function inlineOne(item: Item, atMost: number): string | undefined {
  if (item.kind === "text" || item.kind === "heading") return phrase(item);
  if (item.kind === "block" || item.kind === "table" || item.kind === "row") return undefined;
  if (item.kind === "list" && item.children.length > 8) return undefined;
  const below = inline(item.children, atMost);
  if (below === undefined) return undefined;
  const head = joined(item.words, item.facts);
  return head && below ? `${head}: ${below}` : head || below;
}

function phrase(item: Item): string {
  return joined(item.words, item.facts, ...item.children.map(phrase));
}

/** Controls that stand side by side, as many to a line as fit. */
function packed(parts: readonly string[]): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length + 3 <= oneLine)
      lines[lines.length - 1] = `${last} · ${part}`;
    else lines.push(part);
  }
  return lines;
}

function joined(...parts: string[]): string {
  return parts.filter(Boolean).join(" ");
}

function push(lines: Line[], depth: number, text: string): void {
  if (!text) return;
  const over = text.length - lineAtMost;
  lines.push({
    depth,
    text: over > 0 ? `${text.slice(0, lineAtMost)}…(+${grouped(over)} characters)`.toWellFormed() : text,
  });
}
