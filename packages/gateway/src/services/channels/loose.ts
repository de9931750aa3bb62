/** Reading of those parts of the configuration whose shape is another product's. */

/** An object with keys; undefined for everything else. */
export function recordIn(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isRecord = value !== null && typeof value === "object" && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : undefined; // an object's keys are strings
}

/** A list of ids, as a list or with commas between them; undefined for everything else. */
export function idsIn(value: unknown): string[] | undefined {
  if (typeof value === "string") return value.split(",").map((it) => it.trim());
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((it) => (typeof it === "string" || typeof it === "number" ? [String(it)] : []));
}

export function booleanIn(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

export function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
