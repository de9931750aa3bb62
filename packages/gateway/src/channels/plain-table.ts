/** Past this a row is no longer lined up: it would be broken by a phone's screen anyway. */
const widest = 200;
/** Least columns of a cell: a line of dashes is no shorter. */
const shortest = 3;

/**
 * Rows as columns of a monospace font, a line of dashes under the first row, which is the head.
 * The cells are taken as they are: escape the whole, or put it into a code block.
 */
export function plainTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? shortest, widthOf(cell));
  }
  const isWide = widths.reduce((sum, width) => sum + width + 3, 0) > widest;
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) =>
        isWide || at === row.length - 1 ? cell : cell + " ".repeat(widths[at]! - widthOf(cell)),
      )
      .join(" | ")
      .trimEnd();
  const [head, ...others] = rows;
  if (!head) return "";
  const dashes = widths.map((width) => "-".repeat(isWide ? shortest : width)).join("-|-");
  return [line(head), dashes, ...others.map(line)].join("\n");
}

/** Columns that a text takes: East Asian and pictures two, what joins the sign before none. */
function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const sign of text) {
    if (/^[\p{Mark}\p{Format}]$/u.test(sign)) continue;
    width +=
      /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u.test(
        sign,
      )
        ? 2
        : 1;
  }
  return width;
}
