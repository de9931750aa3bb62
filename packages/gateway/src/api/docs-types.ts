import type { Json } from "./contract-schemas.ts";

/** A JSON Schema in a few escaped words of HTML, with links to named schemas. */
export function describeType(schema: Json): string {
  if (typeof schema.$ref === "string") {
    const name = escapeHtml(schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1));
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if ("const" in schema) return literal(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map(literal).join(" | ");
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either)) return either.map((one) => describeType(one as Json)).join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map(escapeHtml).join(" | ");
  if (schema.type === "array") return `list of ${describeType((schema.items ?? {}) as Json)}`;
  if (schema.type === "object") return object(schema);
  if (schema.type === undefined) return "anything";
  return escapeHtml([schema.type, limits(schema)].filter(Boolean).join(", "));
}

/** Text that can stand anywhere in HTML, attributes included. */
export function escapeHtml(value: unknown): string {
  return String(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function object(schema: Json): string {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>); // as JSON Schema says
  if (properties.length === 0) {
    const values = schema.additionalProperties;
    return values !== null && typeof values === "object"
      ? `map of ${describeType(values as Json)}`
      : "object";
  }
  return `{ ${properties.map(([name, type]) => `${escapeHtml(name)}: ${describeType(type)}`).join("; ")} }`;
}

function limits(schema: Json): string {
  const low = schema.minimum ?? schema.minLength;
  const high = schema.maximum ?? schema.maxLength;
  const range =
    low !== undefined && high !== undefined ? `${low}–${high}` : low !== undefined ? `≥ ${low}` : "";
  const size = range || (high === undefined ? "" : `≤ ${high}`);
  const unit = size && schema.type === "string" ? " characters" : "";
  return [size + unit, schema.format, schema.default === undefined ? "" : `default ${schema.default}`]
    .filter(Boolean)
    .join(", ");
}

function literal(value: unknown): string {
  return `<code>${escapeHtml(JSON.stringify(value))}</code>`;
}
