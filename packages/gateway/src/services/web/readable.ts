import { setImmediate as nextTurn } from "node:timers/promises";
import { Tokenizer } from "htmlparser2";
import { createMarkdown, type Markdown } from "./markdown.ts";
import { createPageWalk } from "./page-walk.ts";
import { seenText } from "./plain.ts";

export interface Readable {
  title: string | null;
  text: string;
  /** Whether the page's text is longer than was asked for. */
  truncated: boolean;
}

export interface ReadableOptions {
  /** Where the page comes from, for its links. */
  url: string;
  mostChars: number;
  signal: AbortSignal;
}

/** What is read before others get their turn, characters: a few ms at worst. */
const slice = 4_096;

/** Shorter than this, and what stands around the content is taken as well. */
const hardlyAnything = 200;

/**
 * The text of an HTML page as Markdown: headings, lists, links, tables and code; without scripts, navigation and
 * what is hidden. Linear in the page's length whatever it holds, and never long at a stretch.
 */
export async function readableText(html: string, options: ReadableOptions): Promise<Readable> {
  const read = await walk(html, options, true);
  return read.text.length >= hardlyAnything ? read : walk(html, options, false);
}

async function walk(
  html: string,
  { url, mostChars, signal }: ReadableOptions,
  contentOnly: boolean,
): Promise<Readable> {
  const markdown = createMarkdown(mostChars);
  const page = createPageWalk(markdown, { url, contentOnly });
  const tokenizer = new Tokenizer({ decodeEntities: true }, page.tokens(html));
  for (let at = 0; at < html.length && !markdown.full; at += slice) {
    tokenizer.write(html.slice(at, at + slice));
    await nextTurn();
    signal.throwIfAborted();
  }
  if (!markdown.full) tokenizer.end();
  const title = seenText(page.title()).replace(/\s+/g, " ").trim();
  return {
    title: title === "" ? null : title,
    text: seenText(mainPart(markdown, page.parts())),
    truncated: markdown.full,
  };
}

/** What the page itself calls its main part, if there is something in it; articles only where they are most of it. */
function mainPart(markdown: Markdown, parts: { main: Part[]; article: Part[] }): string {
  const main = join(markdown, parts.main);
  if (main.length >= hardlyAnything) return main;
  const articles = join(markdown, parts.article);
  if (articles.length >= hardlyAnything && articles.length * 2 >= markdown.length) return articles;
  return markdown.slice(0);
}

type Part = readonly [from: number, to: number | undefined];

function join(markdown: Markdown, parts: readonly Part[]): string {
  return parts
    .map(([from, to]) => markdown.slice(from, to))
    .filter((it) => it !== "")
    .join("\n\n");
}
