import { type MarkdownStyle, plainTable } from "../../src/channels/markdown.ts";

const signs: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (raw: string) => raw.replace(/[&<>"]/g, (it) => signs[it]!);

/** A style that shows in tags what it was asked for. */
export const htmlStyle: MarkdownStyle = {
  text: escaped,
  bold: (inner) => `<b>${inner}</b>`,
  italic: (inner) => `<i>${inner}</i>`,
  strike: (inner) => `<s>${inner}</s>`,
  code: (raw) => `<code>${escaped(raw)}</code>`,
  codeBlock: (raw, language) => `<pre${language ? ` ${escaped(language)}` : ""}>${escaped(raw)}</pre>`,
  link: (inner, href) => `<a ${escaped(href)}>${inner}</a>`,
  image: (alt, href) => `<img ${escaped(href)} ${escaped(alt)}>`,
  heading: (inner, level) => `<h${level}>${inner}</h${level}>`,
  quote: (inner, depth) => `<q${depth}>${inner}</q${depth}>`,
  listItem: (inner, marker, depth) => `<li${depth} ${marker}>${inner}</li${depth}>`,
  rule: () => "<hr>",
  table: (_rows, plain) => `<table>\n${escaped(plainTable(plain))}</table>`,
};

/** What people read, and nothing else. */
export const visibleStyle: MarkdownStyle = {
  text: (raw) => raw,
  bold: (inner) => inner,
  italic: (inner) => inner,
  strike: (inner) => inner,
  code: (raw) => raw,
  codeBlock: (raw) => raw,
  link: (inner) => inner,
  image: (alt, href) => `${alt} ${href}`,
  heading: (inner) => inner,
  quote: (inner) => inner,
  listItem: (inner, marker) => `${marker} ${inner}`,
  rule: () => "",
  table: (rows) => rows.map((row) => row.join(" ")).join("\n"),
};
