import { plain } from "../base/words.ts";
import type { Line } from "./snapshot-lines.ts";

/** Some 2,000 tokens, at four characters each; the rest is for what is said about the page itself. */
const pageAtMost = 7_800;
/** Beyond so many pages nothing is kept. */
export const pagesAtMost = 100;
/** Deeper than this nothing is indented any further. */
const deepest = 12;

/** The lines on pages. A page begins with the lines that the first of its own belong to. */
export function pagesOf(lines: readonly Line[]): { pages: string[]; left: number } {
  const pages: string[] = [];
  let page: string[] = [];
  let size = 0;
  const above: Line[] = [];
  const put = (text: string): void => {
    page.push(text);
    size += text.length + 1;
  };
  for (const [at, line] of lines.entries()) {
    while (above.length > 0 && (above.at(-1)?.depth ?? 0) >= line.depth) above.pop();
    const text = `${" ".repeat(Math.min(line.depth, deepest))}${line.text}`;
    if (size > 0 && size + text.length + 1 > pageAtMost) {
      pages.push(page.join("\n"));
      if (pages.length === pagesAtMost) return { pages, left: lines.length - at };
      page = [];
      size = 0;
      for (const it of above.slice(-6))
        put(`${" ".repeat(Math.min(it.depth, deepest))}${plain(it.text, 80)} (continued)`);
    }
    put(text);
    above.push(line);
  }
  pages.push(page.join("\n"));
  return { pages, left: 0 };
}
