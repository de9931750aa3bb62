/**
 * Text of a page made fit for a sentence or a line: one line, well-formed, without control characters and those that
 * turn the direction of what follows, and bounded. What is cut is counted.
 */
export function plain(text: string, atMost = 200): string {
  const flat = text
    .slice(0, atMost * 4 + 1_000)
    .toWellFormed()
    .replace(/[\s\u0085]+/g, " ")
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "")
    .trim();
  if (flat.length <= atMost && text.length <= atMost * 4 + 1_000) return flat;
  const kept = flat.slice(0, Math.max(0, atMost)).replace(/[\ud800-\udbff]$/, "");
  return `${kept}…(+${Math.max(flat.length, text.length) - kept.length} characters)`.replace(
    /\d{4,}(?= characters\)$)/,
    grouped,
  );
}

/** The same in quotation marks, for names; it holds none itself. */
export function quoted(text: string, atMost = 120): string {
  return `"${plain(text, atMost).replaceAll('"', "'")}"`;
}

/** A number with commas, e.g. 1,234. */
export function grouped(number: number | string): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A list for a sentence, at most so many of it; "and 12 more" stands for the rest. */
export function listed(items: readonly string[], atMost = 8): string {
  const shown = items.slice(0, atMost).join(", ");
  return items.length > atMost ? `${shown} and ${items.length - atMost} more` : shown;
}
