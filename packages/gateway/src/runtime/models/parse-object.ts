type Json = Record<string, unknown>;

/** The JSON object that `text` is, or undefined. */
export function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined; // checked
  } catch {
    return undefined;
  }
}
