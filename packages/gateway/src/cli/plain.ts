/** What a model or a stranger wrote, on one line: it must not command the terminal, nor look other than it is. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (it) => `\\u{${it.codePointAt(0)?.toString(16)}}`);
}

/** Text of several lines without what would command the terminal. */
export function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "");
}
