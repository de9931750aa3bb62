/** A line of Markdown, and what it is part of. Places are offsets in the text. */
export interface Line {
  readonly start: number;
  /** Before its line break. */
  readonly end: number;
  readonly isBlank: boolean;
  /** The signs of the quotes that it stands in, `> `. */
  readonly quote: string;
  /** White space before its text, behind the signs of its quotes. */
  readonly indent: number;
  readonly fence?: Fence | undefined;
  readonly table?: Table | undefined;
  readonly isHeading: boolean;
  /** Whether it makes a heading of the line before. */
  readonly isUnderline: boolean;
  /** Whether it begins an item of a list. */
  readonly isItem: boolean;
  /** Whether it belongs to an item of a list. */
  readonly isInList: boolean;
}

/** A block of code. Its own lines, the first and the last, belong to it. */
export interface Fence {
  /** The line that begins it. */
  readonly open: string;
  /** The same without its language. */
  readonly bare: string;
  readonly close: string;
  readonly bodyStart: number;
  /** Where its last line begins, and what comes after that; the text's end where it has none. */
  bodyEnd: number;
  after: number;
}

export interface Table {
  /** The head and the line of dashes under it. */
  readonly head: string;
  readonly bodyStart: number;
}

const delimiters = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

export function readLines(text: string): Line[] {
  const lines: Line[] = [];
  let fence: Fence | undefined;
  let table: Table | undefined;
  let isInList = false;
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    const raw = text.slice(start, end);
    const quote = /^(?: {0,3}> ?)+/.exec(raw)?.[0] ?? "";
    const inner = raw.slice(quote.length);
    const indent = inner.length - inner.trimStart().length;
    const isBlank = indent === inner.length;
    const previous = lines.at(-1);
    if (fence && depthOf(quote) < depthOf(fence.close)) {
      fence.bodyEnd = fence.after = start; // the quote is over, and with it the code
      fence = undefined;
    }
    if (fence) {
      const plain = { isHeading: false, isUnderline: false, isItem: false };
      lines.push({ start, end, isBlank, quote, indent, fence, ...plain, isInList });
      if (closes(inner, fence.close)) {
        fence.bodyEnd = start;
        fence.after = Math.min(text.length, end + 1);
        fence = undefined;
      }
      start = end + 1;
      continue;
    }
    const item = /^[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)/.exec(inner)?.[0];
    if (item !== undefined) isInList ||= indent < 4;
    else if (!isBlank && indent === 0 && previous?.isBlank) isInList = false;
    const signs = indent < 4 || isInList ? fenceIn(inner) : undefined;
    if (signs !== undefined) {
      const lead = quote + inner.slice(0, indent) + signs;
      fence = {
        open: raw,
        bare: lead,
        close: lead,
        bodyStart: end + 1,
        bodyEnd: text.length,
        after: text.length,
      };
    }
    if (table && (isBlank || quote !== "" || signs !== undefined || !inner.includes("|"))) table = undefined;
    if (!table && quote === "" && signs === undefined && inner.includes("|")) {
      const below = text.indexOf("\n", end + 1);
      const second = text.slice(end + 1, below === -1 ? text.length : below);
      if (end < text.length && second.includes("-") && delimiters.test(second)) {
        table = { head: `${raw}\n${second}`, bodyStart: end + 1 + second.length + 1 };
      }
    }
    lines.push({
      start,
      end,
      isBlank,
      quote,
      indent,
      fence,
      table,
      isHeading: /^ {0,3}#{1,6}(?:\s|$)/.test(inner),
      isUnderline: previous?.isBlank === false && /^ {0,3}(?:=+|-+)[ \t]*$/.test(inner),
      isItem: item !== undefined,
      isInList,
    });
    start = end + 1;
  }
  return lines;
}

/** The line that holds a place; its line break belongs to it. */
export function lineAt(lines: readonly Line[], place: number): number {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lines[middle]!.start <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A longer line names no language: it is no fence that could be put before every piece of the code. */
function fenceIn(inner: string): string | undefined {
  return inner.length > 200 ? undefined : /^[ \t]*(`{3,}(?=[^`]*$)|~{3,})/.exec(inner)?.[1];
}

function closes(inner: string, close: string): boolean {
  const signs = /[`~]+$/.exec(close)![0];
  const found = /^[ \t]*([`~]+)[ \t]*$/.exec(inner)?.[1];
  return found !== undefined && found.length >= signs.length && found === signs[0]!.repeat(found.length);
}

function quoteOf(line: string): string {
  return /^(?: {0,3}> ?)+/.exec(line)?.[0] ?? "";
}

function depthOf(line: string): number {
  return quoteOf(line).replace(/[^>]/g, "").length;
}
