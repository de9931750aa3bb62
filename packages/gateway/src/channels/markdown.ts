import type { MarkedToken, Token, Tokens } from "marked";
import { decodeEntities } from "./entities.ts";
import { lexMarkdown } from "./markdown-lexer.ts";

export { plainTable } from "./plain-table.ts";

/**
 * How a platform writes what Markdown says. `raw`, `label`, `alt` and `href` are plain and must be escaped by the
 * style; `inner` is already in the platform's form. A style that cannot show something returns it as text.
 */
export interface MarkdownStyle {
  text(raw: string): string;
  /** Never called inside itself, nor in a heading. The same holds for `italic` and `strike`. */
  bold(inner: string): string;
  italic(inner: string): string;
  strike(inner: string): string;
  code(raw: string): string;
  /** `raw` has no line break at its end. */
  codeBlock(raw: string, language: string | undefined): string;
  /** `href` is absolute, of http, https, mailto or tel, without white space, quotes or angle brackets. `label` is the visible text; the same as `href` for a bare address. */
  link(inner: string, href: string, label: string): string;
  /** `href` as that of `link`. Never called inside a link. */
  image(alt: string, href: string): string;
  heading(inner: string, level: number): string;
  /** `depth` is 0 for a quote that is in no other. */
  quote(inner: string, depth: number): string;
  /** `marker` is `-`, `1.`, `[ ]` or `[x]`, not escaped; `inner` may have several lines, the items of inner lists among them. `depth` is 0 for the outermost list. */
  listItem(inner: string, marker: string, depth: number): string;
  rule(): string;
  /** The first row is the head. `rows` are escaped by `text`, `plain` are the same cells unescaped: for a code block. */
  table(rows: string[][], plain: string[][]): string;
  /** Items of one list, put together. One per line unless told. */
  list?(items: string[], isOrdered: boolean): string;
  /** What surrounds a paragraph. Nothing unless told. */
  paragraph?(inner: string): string;
  /** A line that was ended on purpose, or by the writer. `\n` unless told. */
  lineBreak?(): string;
}

/**
 * Markdown in a platform's form. Blocks are set apart by an empty line. HTML and what is no proper Markdown are text,
 * `<br>` is a line break. Of the source only titles of links are dropped. Takes any text: the worst 100 kB
 * that we found take a second or two.
 */
export function renderMarkdown(markdown: string, style: MarkdownStyle): string {
  const { tokens, used } = lexMarkdown(markdown);
  const none: Place = { quotes: 0, lists: 0, isIn: new Set() };
  return blocks(tokens, none, "\n\n");

  function blocks(list: readonly Token[], place: Place, between: string): string {
    return list
      .map((token) => block(token as MarkedToken, place)) // no extension of ours makes other tokens
      .filter((it) => it !== "")
      .join(between);
  }

  function block(token: MarkedToken, place: Place): string {
    switch (token.type) {
      case "space":
      case "checkbox":
        return "";
      case "def":
        return used.has(token.href) ? "" : text(token.raw.trim());
      case "code":
        return style.codeBlock(token.text.replace(/\n+$/, ""), token.lang?.split(/\s/)[0] || undefined);
      case "heading":
        return style.heading(inline(token.tokens, within(place, "strong")), token.depth);
      case "hr":
        return style.rule();
      case "blockquote":
        return style.quote(
          blocks(token.tokens, { ...place, quotes: place.quotes + 1 }, "\n\n"),
          place.quotes,
        );
      case "list":
        return list(token, place);
      case "table":
        return table(token);
      case "html":
        return text(token.raw.trim());
      case "paragraph":
        return paragraph(inline(token.tokens, place));
      case "text":
        return inline(token.tokens ?? [token], place);
      default:
        return inline([token], place);
    }
  }

  function paragraph(inner: string): string {
    const trimmed = inner.trim();
    return trimmed === "" || !style.paragraph ? trimmed : style.paragraph(trimmed);
  }

  function list(token: Tokens.List, place: Place): string {
    const inside = { ...place, lists: place.lists + 1 };
    const items = token.items.map((item, at) => {
      const number = token.ordered ? `${Number(token.start || 0) + at}.` : undefined;
      const box = item.task ? (item.checked ? "[x]" : "[ ]") : undefined;
      const marker = [number, box].filter((it) => it !== undefined).join(" ") || "-";
      return style.listItem(blocks(item.tokens, inside, "\n"), marker, place.lists);
    });
    return style.list ? style.list(items, token.ordered) : items.join("\n");
  }

  function table(token: Tokens.Table): string {
    const plain = [token.header, ...token.rows].map((row) => row.map((cell) => visible(cell.tokens)));
    return style.table(
      plain.map((row) => row.map((cell) => style.text(cell))),
      plain,
    );
  }

  function inline(list: readonly Token[], place: Place): string {
    let out = "";
    let pending = ""; // one call of `text` for neighbours, so that nothing hides between two
    for (const token of list as readonly MarkedToken[]) {
      const plain = plainOf(token);
      if (plain !== undefined) pending += plain;
      else {
        out += text(pending) + formatted(token, place);
        pending = "";
      }
    }
    return out + text(pending);
  }

  function formatted(token: MarkedToken, place: Place): string {
    switch (token.type) {
      case "strong":
      case "em":
      case "del": {
        const inner = inline(token.tokens, within(place, token.type));
        if (place.isIn.has(token.type) || inner === "") return inner;
        return token.type === "strong"
          ? style.bold(inner)
          : token.type === "em"
            ? style.italic(inner)
            : style.strike(inner);
      }
      case "codespan":
        return style.code(token.text);
      case "link":
        return link(token, place);
      case "image":
        return image(token, place);
      default:
        return text(token.raw);
    }
  }

  function link(token: Tokens.Link, place: Place): string {
    const written = token.autolink ? token.href : decodeEntities(token.href);
    const href = hrefOf(written);
    if (token.autolink)
      return href === undefined ? text(token.text) : style.link(text(token.text), href, token.text);
    const label = visible(token.tokens).trim();
    if (label === "") return href === undefined ? text(written) : style.link(text(written), href, written);
    const inner = inline(token.tokens, within(place, "link"));
    if (href !== undefined) return style.link(inner, href, label);
    return written === "" || written === label ? inner : `${inner}${text(` (${written})`)}`;
  }

  function image(token: Tokens.Image, place: Place): string {
    const written = decodeEntities(token.href);
    const href = hrefOf(written);
    const alt = visible(token.tokens).trim();
    if (place.isIn.has("link")) return text(alt || written);
    if (href !== undefined) return style.image(alt, href);
    return text(alt === "" ? written : written === "" ? alt : `${alt} (${written})`);
  }

  function text(raw: string): string {
    if (raw === "") return "";
    return style.lineBreak
      ? raw
          .split("\n")
          .map((it) => it && style.text(it))
          .join(style.lineBreak())
      : style.text(raw);
  }
}

/** What surrounds a piece of the text. */
interface Place {
  readonly quotes: number;
  readonly lists: number;
  readonly isIn: ReadonlySet<"strong" | "em" | "del" | "link">;
}

function within(place: Place, what: "strong" | "em" | "del" | "link"): Place {
  return { ...place, isIn: new Set([...place.isIn, what]) };
}

/** The text of a token that has no formatting. */
function plainOf(token: MarkedToken): string | undefined {
  switch (token.type) {
    case "text":
      return token.tokens ? undefined : decodeEntities(token.text);
    case "escape":
      return token.text;
    case "br":
      return "\n";
    case "html":
      return /^<br\s*\/?>$/i.test(token.raw) ? "\n" : token.raw;
    default:
      return undefined;
  }
}

/** What of a piece of text people would read, in one line. */
function visible(list: readonly Token[]): string {
  return (list as readonly MarkedToken[])
    .map((token) => {
      const plain = plainOf(token);
      if (plain !== undefined) return plain;
      if (token.type === "codespan") return token.text;
      if (token.type === "image") return visible(token.tokens) || decodeEntities(token.href);
      return "tokens" in token && token.tokens ? visible(token.tokens) : token.raw;
    })
    .join("")
    .replace(/\n+/g, " ");
}

/** An address that a link may lead to, undefined for others, relative ones among them. */
function hrefOf(written: string): string | undefined {
  if (!/^(?:https?:\/\/|mailto:|tel:)/i.test(written) || !URL.canParse(written)) return undefined;
  // Only what has to be is written anew: a bare address shall stay the same as its label.
  return /^[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/.test(written) ? written : new URL(written).href;
}
