import { type MarkdownStyle, plainTable, renderMarkdown } from "../markdown.ts";

/**
 * Markdown as Discord shows it (https://support.discord.com/hc/en-us/articles/210298617): nearly the same, without
 * tables, rules, images and headings below the third. Addresses stand in angle brackets, which keeps them from being previewed.
 */
export function toDiscord(markdown: string): string {
  return renderMarkdown(markdown, style);
}

const style: MarkdownStyle = {
  text: escaped,
  bold: (inner) => `**${inner}**`,
  italic: (inner) => `*${inner}*`,
  strike: (inner) => `~~${inner}~~`,
  code: (raw) => {
    if (!raw.includes("`")) return `\`${raw}\``;
    const safe = raw.replaceAll("``", "`\u200b`");
    return `\`\`${safe.startsWith("`") ? " " : ""}${safe}${safe.endsWith("`") ? " " : ""}\`\``;
  },
  codeBlock,
  link: (inner, href, label) => {
    if (label === href) return `<${href}>`;
    // Discord shows no label that looks like another address; nor should anybody else.
    if (/^[a-z]+:\/\/|^www\./i.test(label)) return `${inner} (<${href}>)`;
    return `[${inner}](<${href}>)`;
  },
  image: (alt, href) => (alt === "" ? `<${href}>` : `[${escaped(alt)}](<${href}>)`),
  heading: (inner, level) => (level <= 3 ? `${"#".repeat(level)} ${inner}` : `**${inner}**`),
  // Discord knows one level of quotes.
  quote: (inner, depth) => (depth > 0 ? inner : inner.replaceAll(/^/gm, "> ")),
  listItem: (inner, marker, depth) => {
    const sign = marker.startsWith("[") ? `- ${marker}` : marker;
    return `${depth > 0 ? "  " : ""}${sign} ${inner.replaceAll("\n", depth > 0 ? "\n  " : "\n")}`;
  },
  rule: () => "———",
  table: (_rows, plain) => codeBlock(plainTable(plain), undefined),
};

function codeBlock(raw: string, language: string | undefined): string {
  const name = language !== undefined && /^[\w+#.-]{1,30}$/.test(language) ? language : "";
  return `\`\`\`${name}\n${raw.replaceAll("```", "`\u200b`\u200b`")}\n\`\`\``;
}

/** Puts a backslash before what Discord would take for formatting, and nowhere else. */
function escaped(raw: string): string {
  return raw
    .replaceAll(/\\(?=[!-/:-@[-`{-~])/g, "\\\\")
    .replaceAll(/`|\|\||~~/g, (it) => it.replaceAll(/./g, "\\$&"))
    .replaceAll(/\*(?! )|(?<! )\*/g, "\\*")
    .replaceAll(/(?<![\p{L}\p{N}_])_|_(?![\p{L}\p{N}_])/gu, "\\_")
    .replaceAll(/^(\s*)(#{1,3}|>{1,3}|-#|[-+])(?=\s)/gm, "$1\\$2")
    .replaceAll(/^(\s*\d+)\.(?=\s)/gm, "$1\\.")
    .replaceAll(/\[(?=[^\]\n]*\]\()/g, "\\[");
}
