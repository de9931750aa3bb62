import { type MarkdownStyle, plainTable, renderMarkdown } from "../markdown.ts";

/**
 * Telegram's HTML (https://core.telegram.org/bots/api#html-style): a few tags, no lists, tables, headings or rules;
 * quotes are not nested.
 */
const style: MarkdownStyle = {
  text: escaped,
  bold: (inner) => `<b>${inner}</b>`,
  italic: (inner) => `<i>${inner}</i>`,
  strike: (inner) => `<s>${inner}</s>`,
  code: (raw) => `<code>${escaped(raw)}</code>`,
  codeBlock(raw, language) {
    const name = language?.replace(/[^\w+#.-]/g, "");
    return name
      ? `<pre><code class="language-${name}">${escaped(raw)}</code></pre>`
      : `<pre>${escaped(raw)}</pre>`;
  },
  link: linked,
  image: (alt, href) => linked(escaped(alt || href), href, alt || href),
  heading: (inner) => `<b>${inner}</b>`,
  quote: (inner, depth) =>
    depth === 0 ? `<blockquote>${inner}</blockquote>` : inner.replace(/^/gm, "&gt; "),
  listItem: (inner, marker, depth) => `${"   ".repeat(depth)}${signOf(marker, depth)} ${inner}`,
  rule: () => "———",
  table: (_rows, plain) => `<pre>${escaped(plainTable(plain))}</pre>`,
};

/** Markdown as Telegram's HTML. */
export function telegramHtml(markdown: string): string {
  return renderMarkdown(markdown, style);
}

/** What people see of it, which is what Telegram counts. */
export function visibleText(html: string): string {
  return html
    .replace(/<\/?[a-z][^<>]*>/g, "")
    .replace(/&(lt|gt|quot|amp);/g, (_whole, name: keyof typeof signs) => signs[name]);
}

const signs = { lt: "<", gt: ">", quot: '"', amp: "&" };

function escaped(raw: string): string {
  return raw.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** Telegram makes addresses of the web alone into links. */
function linked(inner: string, href: string, label: string): string {
  if (label === href || href === `mailto:${label}` || href === `tel:${label}`) return inner;
  if (!/^https?:/i.test(href)) return `${inner} (${escaped(href)})`;
  return `<a href="${escaped(href)}">${inner}</a>`;
}

function signOf(marker: string, depth: number): string {
  return marker
    .replace("[ ]", "☐")
    .replace("[x]", "☑")
    .replace(/^-$/, depth % 2 === 0 ? "•" : "◦");
}
