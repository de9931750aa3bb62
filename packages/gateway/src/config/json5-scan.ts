/** Where a value stands in a text of JSON5. `end` is the place after it. */
export type Json5Node = { start: number; end: number } & (
  | { type: "scalar" }
  | { type: "object" | "array"; members: Json5Member[] }
);

export interface Json5Member {
  /** The key of an object's member, the index of an array's. */
  step: string | number;
  /** Where the member begins: its key, or its value. */
  start: number;
  value: Json5Node;
  /** Where the comma after it stands, if there is one. */
  comma: number | undefined;
  /** Whether the key stands without quotes. */
  bare: boolean;
}

/** Nesting that is followed. */
const deepest = 200;

/**
 * Finds the values of a text that is known to be valid JSON5 (https://spec.json5.org). It judges nothing: of a text
 * that is not valid it may find anything, or throw.
 */
export function scanJson5(text: string): Json5Node {
  let at = 0;
  skip();
  return value(0);

  function value(depth: number): Json5Node {
    const start = at;
    const first = text[at];
    if (first === undefined || depth > deepest)
      throw new Error("The text ends early, or is nested too deeply.");
    if (first !== "{" && first !== "[") {
      if (first === '"' || first === "'") quoted();
      else plain();
      return { type: "scalar", start, end: at };
    }
    at += 1;
    const type = first === "{" ? "object" : "array";
    const members: Json5Member[] = [];
    for (skip(); text[at] !== "}" && text[at] !== "]"; skip()) {
      members.push(member(type, members.length, depth + 1));
    }
    at += 1;
    return { type, start, end: at, members };
  }

  function member(type: "object" | "array", index: number, depth: number): Json5Member {
    const start = at;
    const bare = text[at] !== '"' && text[at] !== "'";
    const step = type === "array" ? index : key(bare);
    const inner = value(depth);
    skip();
    const comma = text[at] === "," ? at++ : undefined;
    return { step, start, value: inner, comma, bare };
  }

  function key(bare: boolean): string {
    const start = at;
    if (bare) plain();
    else quoted();
    const name = bare ? text.slice(start, at) : unquoted(text.slice(start + 1, at - 1));
    skip();
    at += 1; // the colon
    skip();
    return name;
  }

  function quoted(): void {
    const quote = text[at];
    for (at += 1; at < text.length && text[at] !== quote; at += 1) if (text[at] === "\\") at += 1;
    at += 1;
  }

  /** A number, a word or a key without quotes. */
  function plain(): void {
    const start = at;
    while (at < text.length && !/[\s\uFEFF,:{}[\]"'/]/.test(text[at]!)) at += 1;
    if (at === start) throw new Error("Something else was expected here.");
  }

  /** Passes blanks and comments. */
  function skip(): void {
    for (; at < text.length; at += 1) {
      if (text.startsWith("//", at)) {
        while (at < text.length && !/[\n\r\u2028\u2029]/.test(text[at]!)) at += 1;
      } else if (text.startsWith("/*", at)) {
        const end = text.indexOf("*/", at + 2);
        at = end < 0 ? text.length : end + 1;
      } else if (!/[\s\uFEFF]/.test(text[at]!)) return;
    }
  }
}

/** The text within a key's quotes; of escapes only those of JSON and a quote, which are all that anybody writes. */
function unquoted(inner: string): string {
  if (!inner.includes("\\")) return inner;
  return inner.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, escaped: string) =>
    escaped.length > 1 ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16)) : escaped,
  );
}
