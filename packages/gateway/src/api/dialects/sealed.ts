const mark = "oc1.";
const longest = 4 * 1024 * 1024;

/** What a provider wants back, as a text that clients keep and return unread. It hides nothing: it is theirs anyway. */
export function seal(value: unknown): string {
  return mark + Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** What was sealed; undefined where the text is not ours. */
export function unseal(text: unknown): unknown {
  if (typeof text !== "string" || !text.startsWith(mark) || text.length > longest) return undefined;
  try {
    return JSON.parse(Buffer.from(text.slice(mark.length), "base64url").toString()) as unknown;
  } catch {
    return undefined;
  }
}
