import { type MarkdownStyle, plainTable, renderMarkdown } from "../../markdown.ts";

/** WhatsApp's own marks (https://faq.whatsapp.com/539178204879377). It knows no escape, so plain text stays as it is. */
const style: MarkdownStyle = {
  text: (raw) => raw,
  bold: (inner) => marked("*", inner),
  italic: (inner) => marked("_", inner),
  strike: (inner) => marked("~", inner),
  code: (raw) => (raw.includes("`") || raw.includes("\n") ? raw : `\`${raw}\``),
  codeBlock: (raw) => fenced(raw),
  link: (inner, href, label) => (label === href || `mailto:${label}` === href ? label : `${inner} (${href})`),
  image: (alt, href) => (alt === "" ? href : `${alt} (${href})`),
  heading: (inner) => marked("*", inner),
  quote: (inner) => inner.replace(/^/gm, "> "),
  listItem: (inner, marker, depth) => `${"  ".repeat(depth)}${marker} ${inner}`,
  rule: () => "———",
  table: (_rows, plain) => fenced(plainTable(plain)),
};

/** Markdown as WhatsApp shows it. */
export function whatsappText(markdown: string): string {
  return renderMarkdown(markdown, style);
}

/** A mark must touch what it marks, ends with the line, and cannot be in itself. */
function marked(mark: string, inner: string): string {
  if (inner.includes(mark)) return inner;
  return inner.replace(
    /^(\s*)(.*\S)(\s*)$/gm,
    (_line, before, words, after) => before + mark + words + mark + after,
  );
}

function fenced(raw: string): string {
  return raw.includes("```") ? raw : `\`\`\`\n${raw.replace(/\n$/, "")}\n\`\`\``;
}
