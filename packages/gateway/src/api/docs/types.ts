import type { Json } from "../contract-schemas.ts";

/** How the words of a type are written down: in HTML or in Markdown. */
export interface TypeStyle {
  /** A link to the named schema. */
  link(name: string): string;
  /** A literal value. */
  literal(value: unknown): string;
  /** Any text, made safe. */
  text(value: unknown): string;
  /** What stands between alternatives. */
  readonly or: string;
}

const html: TypeStyle = {
  link: (name) => `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`,
  literal: (value) => `<code>${escapeHtml(JSON.stringify(value))}</code>`,
  text: escapeHtml,
  or: " | ",
};

/** A JSON Schema in a few words, with links to named schemas. What comes out is safe to stand in the page. */
export function describeType(schema: Json, style: TypeStyle = html): string {
  const inner = (part: unknown) => describeType((part ?? {}) as Json, style); // parts of a schema are schemas
  if (typeof schema.$ref === "string") return style.link(nameOf(schema.$ref));
  if ("const" in schema) return style.literal(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map(style.literal).join(style.or);
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either)) return [...new Set(either.map(inner))].join(style.or);
  if (Array.isArray(schema.type)) return schema.type.map(style.text).join(style.or);
  if (schema.type === "array") return `list of ${inner(schema.items)}`;
  if (schema.type === "object") {
    const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>); // as JSON Schema says
    const values = schema.additionalProperties;
    if (properties.length > 0) {
      return `{ ${properties.map(([name, type]) => `${style.text(name)}: ${inner(type)}`).join("; ")} }`;
    }
    return values !== null && typeof values === "object" && Object.keys(values).length > 0
      ? `map of ${inner(values)}`
      : "object";
  }
  if (schema.type === undefined) return "anything";
  return style.text([schema.type, limits(schema)].filter(Boolean).join(", "));
}

/** The last part of a reference: the name of the schema. */
export function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}

/** Text that can stand anywhere in HTML, attributes included. */
export function escapeHtml(value: unknown): string {
  return String(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Escaped text in which `…` becomes code. */
export function prose(text: unknown): string {
  return escapeHtml(text ?? "").replace(/`([^`]+)`/g, "<code>$1</code>");
}

/** The fields of an object's schema as rows of a table; for any other schema its type in words. */
export function fieldTable(schema: Json): string {
  const { properties, required = [] } = schema as { properties?: Record<string, Json>; required?: string[] };
  if (!properties) return `<p>${describeType(schema)}</p>`;
  const rows = Object.entries(properties).map(([name, field]) =>
    fieldRow([name], field, required.includes(name), field.description),
  );
  return rows.length === 0 ? "<p>None.</p>" : `<table><tbody>${rows.join("")}</tbody></table>`;
}

/** One row: name and whatever else stands before the type, the type, what it is for. */
export function fieldRow([name, ...more]: string[], schema: Json, required: boolean, text: unknown): string {
  const mark = required ? ' <b title="required">*</b>' : "";
  const cells = more.map((it) => `<td>${escapeHtml(it)}</td>`).join("");
  return `<tr><td><code>${escapeHtml(name)}</code>${mark}</td>${cells}<td>${describeType(schema)}</td><td>${prose(text)}</td></tr>`;
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
