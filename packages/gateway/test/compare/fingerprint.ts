import { createHash } from "node:crypto";
import type { Json } from "../support/gateway.ts";

/** What of a body is left when it came whole: the answers tell it, so that nothing can get lost on the way. */
export function fingerprint({ model: _, stream: __, store: ___, ...rest }: Json): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(rest)))
    .digest("hex")
    .slice(0, 16);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
