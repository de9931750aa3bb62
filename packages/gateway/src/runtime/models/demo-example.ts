type Schema = Record<string, unknown>;

const deepest = 8;

/** The smallest plain value that a JSON Schema takes, as far as types and required properties say. */
export function exampleOf(schema: unknown, depth = 0): unknown {
  if (typeof schema !== "object" || schema === null || depth > deepest) return {};
  const it = schema as Schema; // just checked
  if ("const" in it) return it.const;
  if (Array.isArray(it.enum)) return it.enum[0];
  if ("default" in it) return it.default;
  if ("example" in it) return it.example;
  if (Array.isArray(it.examples) && it.examples.length > 0) return it.examples[0];
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    const branches = it[key];
    if (Array.isArray(branches) && branches.length > 0) return exampleOf(branches[0], depth + 1);
  }
  const type = Array.isArray(it.type) ? it.type[0] : it.type;
  switch (type) {
    case "string":
      return stringOf(it);
    case "integer":
    case "number":
      return Math.max(1, Number(it.minimum ?? 1));
    case "boolean":
      return true;
    case "array":
      return Array.from({ length: Math.min(Number(it.minItems ?? 0), 10) }, () =>
        exampleOf(it.items, depth + 1),
      );
    case "null":
      return null;
    default:
      return objectOf(it, depth);
  }
}

function objectOf(schema: Schema, depth: number): Schema {
  const properties = (schema.properties ?? {}) as Schema; // a schema's properties are schemas
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.fromEntries(
    required.map((name: string) => [name, exampleOf(properties[name] ?? {}, depth + 1)]),
  );
}

const formats: ReadonlyMap<unknown, string> = new Map([
  ["uri", "https://example.com"],
  ["url", "https://example.com"],
  ["email", "user@example.com"],
  ["date", "2026-01-01"],
  ["date-time", "2026-01-01T00:00:00Z"],
  ["uuid", "00000000-0000-4000-8000-000000000000"],
]);

function stringOf({ format, minLength }: Schema): string {
  return (formats.get(format) ?? "example").padEnd(Math.min(Number(minLength ?? 0), 1000), "e");
}
