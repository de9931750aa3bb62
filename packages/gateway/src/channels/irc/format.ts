import { type MarkdownStyle, plainTable, renderMarkdown } from "../markdown.ts";

/** Toggles (https://modern.ircdocs.horse/formatting). */
const bold = "\x02";
const italic = "\x1d";

/** The source brings no control characters along: \x01 would make a command of a text. */
const clean = (raw: string) => raw.replace(/[^\P{Cc}\n]/gu, (it) => (it === "\t" ? "  " : ""));

const style: MarkdownStyle = {
  text: clean,
  bold: (inner) => wrapped(inner, bold),
  italic: (inner) => wrapped(inner, italic),
  strike: (inner) => `~${inner}~`,
  code: clean,
  codeBlock: clean,
  link: (inner, href, label) => (label === href ? clean(href) : `${inner} (${clean(href)})`),
  image: (alt, href) => (alt === "" ? clean(href) : `${clean(alt)} (${clean(href)})`),
  heading: (inner) => wrapped(inner, bold),
  quote: (inner) => prefixed(inner, "> ", "> "),
  listItem: (inner, marker) => prefixed(inner, `${marker} `, "  "),
  rule: () => "---",
  table: (_, plain) => plainTable(plain.map((row) => row.map(clean))),
};

/** Markdown as lines of IRC, formatting codes in them. */
export function linesOf(markdown: string): string[] {
  return renderMarkdown(markdown, style)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
}

/** A line's end ends all formatting: each line is wrapped by itself. */
function wrapped(inner: string, code: string): string {
  return inner
    .split("\n")
    .map((line) => (line === "" ? line : `${code}${line}${code}`))
    .join("\n");
}

function prefixed(inner: string, first: string, others: string): string {
  return inner
    .split("\n")
    .map((line, at) => `${at === 0 ? first : others}${line}`)
    .join("\n");
}
