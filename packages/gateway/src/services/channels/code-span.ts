/** A text as it is, in Markdown. https://spec.commonmark.org/0.31.2/#code-spans: more quotes than it has itself. */
export function codeSpan(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((it) => it[0].length));
  const quotes = "`".repeat(longest + 1);
  return longest === 0 ? `${quotes}${text}${quotes}` : `${quotes} ${text} ${quotes}`;
}
