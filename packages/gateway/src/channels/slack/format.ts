import { type MarkdownStyle, plainTable, renderMarkdown } from "../markdown.ts";

/** Markdown as Slack's mrkdwn (https://docs.slack.dev/messaging/formatting-message-text). */
export function mrkdwn(markdown: string): string {
  return renderMarkdown(markdown, style);
}

/**
 * `&`, `<` and `>` are escaped everywhere, so that no `<!channel>` or `<@U…>` of a model pings anybody.
 * mrkdwn has no way to escape its own marks, no nesting of lists, no headings and no tables.
 */
const style: MarkdownStyle = {
  text: escaped,
  bold: (inner) => `*${inner}*`,
  italic: (inner) => `_${inner}_`,
  strike: (inner) => `~${inner}~`,
  code: (raw) => (raw.includes("`") || raw.includes("\n") ? escaped(raw) : `\`${escaped(raw)}\``),
  codeBlock: fenced,
  link: (_inner, href, label) => reference(href, label),
  image: (alt, href) => reference(href, alt),
  heading: (inner) => `*${inner}*`,
  quote: (inner, depth) => inner.replaceAll(/^/gm, depth === 0 ? "> " : "&gt; "),
  listItem: (inner, marker, depth) => `${"    ".repeat(depth)}${signOf(marker)} ${inner}`,
  rule: () => "──────────",
  table: (_rows, plain) => fenced(plainTable(plain)),
};

function escaped(raw: string): string {
  return raw.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A fence within would end the block: a zero-width space keeps its backticks apart. */
function fenced(raw: string): string {
  return `\`\`\`\n${escaped(raw).replaceAll("```", "``\u200b`")}\n\`\`\``;
}

function reference(href: string, label: string): string {
  const address = escaped(href).replaceAll("|", "%7C");
  const said = escaped(label).replaceAll("|", "¦").replaceAll("\n", " ");
  return said === "" || label === href ? `<${address}>` : `<${address}|${said}>`;
}

function signOf(marker: string): string {
  return marker.replace(/^-$/, "•").replace("[ ]", "☐").replace("[x]", "☑");
}
