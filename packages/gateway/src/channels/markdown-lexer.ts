import { Lexer, type Token, Tokenizer, type Tokens, type TokensList } from "marked";

/** Quotes and lists in each other, and emphasis and links in each other, deeper than this are text. */
const mostNesting = 12;
/** A paragraph with more signs that could be formatting is no writing of anybody's, and stays text. */
const mostMarks = 1000;
/** So many lists begun in one line are none: each of them would look through the whole line. */
const markers = /^([ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+){100})(?=[-*+]|\d{1,9}[.)])/gm;
/** A longer one above a line of `=` or `-` is a paragraph. */
const longestHeading = 200;
/** No platform takes a longer address. */
const longestAddress = 2000;

export interface LexedMarkdown {
  readonly tokens: readonly Token[];
  /** Addresses of the link definitions that a link of the text uses. */
  readonly used: ReadonlySet<string>;
}

/**
 * GitHub's Markdown (https://github.github.com/gfm) as a tree of tokens. Entities stand in it as they were written.
 * The text may be anybody's: nesting and searches are bounded.
 * Tables whose rows have more cells than their head stay text, since the standard throws those cells away.
 */
export function lexMarkdown(markdown: string): LexedMarkdown {
  const tokenizer = new LosslessTokenizer();
  const tokens = new BoundedLexer({ gfm: true, tokenizer }).lex(markdown.replace(markers, "$1\\"));
  return { tokens, used: tokenizer.used };
}

class BoundedLexer extends Lexer {
  #blocks = 0;
  #inlines = 0;

  override blockTokens(src: string, tokens: Token[] = [], isClipped?: boolean): TokensList {
    this.#blocks++;
    try {
      // Only the outermost call gets and needs a list with `links`.
      if (this.#blocks <= mostNesting + 1) return super.blockTokens(src, tokens, isClipped) as TokensList;
      if (src !== "") tokens.push({ type: "text", raw: src, text: src });
      return tokens as TokensList;
    } finally {
      this.#blocks--;
    }
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    this.#inlines++;
    try {
      if (this.#inlines <= mostNesting + 1 && hasFewMarks(src)) return super.inlineTokens(src, tokens);
      if (src !== "") tokens.push({ type: "text", raw: src, text: src });
      return tokens;
    } finally {
      this.#inlines--;
    }
  }
}

/** Keeps as text what the standard drops, and replaces the rules whose searches may take long. */
class LosslessTokenizer extends Tokenizer {
  readonly used = new Set<string>();
  readonly #marks = /[\\<![`*_~\n]|https?:\/\/|\bwww\./gi;

  /** Every line of a quote begins with its sign: a line without ends it, since to find where it could go on is exponential. */
  override blockquote(src: string): Tokens.Blockquote | undefined {
    const raw = /^(?: {0,3}>[^\n]*(?:\n|$))+/.exec(src)?.[0];
    if (raw === undefined) return undefined;
    const text = raw.replace(/^ {0,3}> ?/gm, "");
    const { top } = this.lexer.state;
    this.lexer.state.top = true;
    const tokens = this.lexer.blockTokens(text, []);
    this.lexer.state.top = top;
    return { type: "blockquote", raw, text, tokens };
  }

  override reflink(src: string, links: Parameters<Tokenizer["reflink"]>[1]) {
    const token = super.reflink(src, links);
    if (token?.type === "link" || token?.type === "image") this.used.add(token.href);
    return token;
  }

  override def(src: string): Tokens.Def | undefined {
    const token = super.def(src);
    // Of two definitions of one name the second would be dropped.
    return token && token.tag in this.lexer.tokens.links ? undefined : token;
  }

  override lheading(src: string): Tokens.Heading | undefined {
    // It is tried at every line of a list's item, and would look through the whole rest for the line under it.
    const end = src.length > longestHeading ? src.lastIndexOf("\n", longestHeading) + 1 : src.length;
    return super.lheading(src.slice(0, end));
  }

  override table(src: string): Tokens.Table | undefined {
    const token = super.table(src);
    if (!token) return undefined;
    const rows = token.raw.trimEnd().split("\n").slice(2);
    return rows.some((row) => cellsOf(row) > token.header.length) ? undefined : token;
  }

  /** Bare addresses with a scheme or `www.`; those of mail stay text, which messengers recognise themselves. */
  override url(src: string): Tokens.Link | undefined {
    const found = /^(?:https?:\/\/|www\.)[^\s<>"`|\\]+/i.exec(src.slice(0, longestAddress + 1))?.[0];
    if (found === undefined || found.length > longestAddress) return undefined;
    const address = withoutEndMarks(found);
    if (/^(?:https?:\/\/|www\.)$/i.test(address)) return undefined;
    const href = /^www\./i.test(address) ? `http://${address}` : address;
    const tokens = [{ type: "text", raw: address, text: address }];
    return { type: "link", raw: address, text: address, href, autolink: true, tokens };
  }

  override inlineText(src: string): Tokens.Text {
    const raw = src.startsWith("`") ? /^`+/.exec(src)![0] : src.slice(0, this.#endOfText(src));
    return { type: "text", raw, text: raw };
  }

  /** Where something else than text may begin; never 0. */
  #endOfText(src: string): number {
    this.#marks.lastIndex = 1;
    const end = this.#marks.exec(src)?.index ?? src.length;
    if (src[end] !== "\n") return end;
    let spaces = 0; // two before a line's end make it a hard break
    while (spaces < end && src[end - spaces - 1] === " ") spaces++;
    return spaces < 2 || spaces === end ? end : end - spaces;
  }
}

function hasFewMarks(text: string): boolean {
  if (text.length <= mostMarks) return true;
  let marks = 0;
  for (let at = 0; at < text.length && marks <= mostMarks; at++) {
    if ("*_~[]`<!\\".includes(text[at]!)) marks++;
  }
  return marks <= mostMarks;
}

function cellsOf(row: string): number {
  const inner = row.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split(/(?<!\\)\|/).length;
}

/** Marks that belong to the sentence, and brackets that were opened before the address. */
function withoutEndMarks(address: string): string {
  let end = address.length;
  let open = 0;
  for (const sign of address) open += sign === "(" ? 1 : sign === ")" ? -1 : 0;
  for (; end > 0; end--) {
    const last = address[end - 1]!;
    if (last === ")" && open < 0) open++;
    else if (!"?!.,:;*_~'".includes(last)) break;
  }
  return address.slice(0, end);
}
