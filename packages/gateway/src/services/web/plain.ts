/**
 * Characters that a reader does not see but a model reads: control and format characters such as direction
 * overrides and Unicode tags, and variation selectors, which can spell hidden words. What scripts and emoji need
 * stays: joiners, Arabic signs, U+FE0E and U+FE0F.
 */
const unseen = /(?![\t\n\r\u0600-\u06dd\u200c\u200d])[\p{Cc}\p{Cf}]|[\ufe00-\ufe0d]|[\u{e0100}-\u{e01ef}]/gu;

/** The text without what only a machine would see. */
export function seenText(text: string): string {
  return text.replace(unseen, "");
}

/** At most so many characters, none of them cut in half. */
export function firstChars(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}
