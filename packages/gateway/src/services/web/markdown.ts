/** Writes Markdown piece by piece: white space falls together, blocks are set apart, nothing grows past the bound. */
export interface Markdown {
  /** Text of the page, with its white space as it stands in the source. */
  text(text: string): void;
  /** What follows begins on a new line; `apart` leaves an empty one between. */
  line(apart?: boolean): void;
  /** A sign before the next text, such as `- `; with no text until `unmark` it is left out. */
  mark(sign: string): void;
  unmark(): void;
  /** A bar between this cell of a table and the one before. */
  cell(): void;
  rule(): void;
  /** Code, where white space is kept. */
  beginCode(): void;
  endCode(): void;
  /** A link; its text is gathered in one line until `endLink`. */
  beginLink(): void;
  endLink(url: string | undefined): void;
  /** Characters so far. */
  readonly length: number;
  readonly full: boolean;
  /** The text between two places. */
  slice(from: number, to?: number): string;
}

/** Longer ones are no links but pages with a forgotten end tag. */
const longestLinkText = 500;
const longestSign = 100;

export function createMarkdown(mostChars: number): Markdown {
  let parts: string[] = [];
  let length = 0;
  let last = "";
  let breaks = 0; // line breaks that the next piece begins with
  let isSpaced = false; // a space comes before the next piece
  let sign = "";
  let isCode = false;
  let link: string | undefined;

  function put(piece: string): void {
    const before = breaks > 0 ? "\n".repeat(breaks) : isSpaced ? " " : "";
    const whole = (length === 0 ? "" : before) + sign + piece;
    breaks = 0;
    isSpaced = false;
    sign = "";
    if (whole === "" || length >= mostChars) return;
    const fits = whole.slice(0, mostChars - length);
    parts.push(fits);
    length += fits.length;
    last = fits.at(-1)!;
  }

  function inLine(text: string): void {
    const words = text.trim();
    if (/^\s/.test(text) && sign === "") isSpaced = true;
    if (words === "") return;
    put(words.replace(/\s+/g, " "));
    if (/\s$/.test(text)) isSpaced = true;
  }

  function endLink(url: string | undefined): void {
    if (link === undefined) return;
    const text = link;
    link = undefined;
    const words = text.replace(/\s+/g, " ").trim();
    inLine(url === undefined || words === "" ? text : text.replace(text.trim(), () => `[${words}](${url})`));
  }

  function line(apart = false): void {
    if (link !== undefined) link += " ";
    else if (sign === "") breaks = Math.max(breaks, apart ? 2 : 1);
  }

  return {
    text(text) {
      if (link !== undefined) {
        link += text;
        if (link.length > longestLinkText) endLink(undefined);
      } else if (isCode) {
        if (text !== "") put(text);
      } else inLine(text);
    },
    line,
    mark(before) {
      if (link === undefined && sign.length < longestSign) sign += before;
    },
    unmark() {
      sign = "";
    },
    cell() {
      if (link !== undefined) link += " ";
      else {
        breaks = 0;
        isSpaced = true;
        if (sign.length < longestSign) sign += "| ";
      }
    },
    rule() {
      line(true);
      if (link === undefined) put("---");
      line(true);
    },
    beginCode() {
      endLink(undefined);
      put("```\n");
      isCode = true;
    },
    endCode() {
      isCode = false;
      isSpaced = false;
      breaks = last === "\n" ? 0 : 1;
      put("```");
    },
    beginLink() {
      endLink(undefined);
      if (!isCode) link = "";
    },
    endLink,
    get length() {
      return length;
    },
    get full() {
      return length >= mostChars;
    },
    slice(from, to) {
      parts = [parts.join("")];
      return parts[0]!.slice(from, to).trim();
    },
  };
}
