import fc from "fast-check";
import type { Json } from "../support/gateway.ts";

/** Values that fit a schema of a document. */
export interface SchemaValues {
  of(schema: Json): fc.Arbitrary<unknown>;
}

/** What stands for properties of which not every value is as good as the other, by name: made of what the schema has. */
export type Overrides = Readonly<Record<string, (bySchema: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>>>;

/** Properties without which hardly anything is ever done, though schemas do not require them. */
const wanted = new Set(["input", "messages"]);

const deepest = 5;

const texts = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      " ",
      "__proto__",
      "\u0000",
      "\ud800",
      "\u202e",
      "null",
      "../..",
      "%2F",
      "💥",
    ),
  },
);

/** Anything in JSON. */
const anyJson: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 2, stringUnit: "grapheme" });

export function schemaValues(document: Json, overrides: Overrides): SchemaValues {
  const resolved = (schema: Json): Json => {
    if (!schema.$ref) return schema;
    const path = String(schema.$ref).slice(2).split("/");
    return path.reduce((at, key) => at[key.replaceAll("~1", "/")], document);
  };

  function make(given: Json, depth: number): fc.Arbitrary<unknown> {
    const schema = resolved(given);
    if ("const" in schema) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const union = schema.anyOf ?? schema.oneOf;
    if (union) return fc.oneof(...(union as Json[]).map((it) => make(it, depth + 1)));
    if (schema.allOf)
      return fc
        .tuple(...(schema.allOf as Json[]).map((it) => make(it, depth)))
        .map((parts) => Object.assign({}, ...parts));
    const types: unknown[] = [schema.type].flat();
    if (types.length > 1) return fc.oneof(...types.map((type) => make({ ...schema, type }, depth)));
    switch (types[0]) {
      case "null":
        return fc.constant(null);
      case "boolean":
        return fc.boolean();
      case "integer":
      case "number":
        return numbers(schema);
      case "string":
        return strings(schema);
      case "array":
        return lists(schema, depth);
      case "object":
        return objects(schema, depth);
      default:
        return anyJson;
    }
  }

  function lists(schema: Json, depth: number): fc.Arbitrary<unknown> {
    const minLength = schema.minItems ?? 0;
    const most = depth > deepest ? minLength : Math.max(minLength, 3);
    const maxLength = Math.min(most, schema.maxItems ?? most);
    return fc.array(schema.items ? make(schema.items, depth + 1) : anyJson, { minLength, maxLength });
  }

  function objects(schema: Json, depth: number): fc.Arbitrary<unknown> {
    const required: string[] = schema.required ?? [];
    const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
    const kept = properties.filter(([name]) => depth <= deepest || required.includes(name));
    const fields = Object.fromEntries(
      kept.map(([name, it]) => {
        const bySchema = make(it, depth + 1);
        return [name, Object.hasOwn(overrides, name) ? overrides[name]!(bySchema) : bySchema]; // just looked for
      }),
    );
    const known = sparse(fields, required);
    if (schema.additionalProperties === false || depth > deepest) return known;
    const extra =
      typeof schema.additionalProperties === "object"
        ? make(schema.additionalProperties, depth + 1)
        : anyJson;
    return fc
      .tuple(fc.dictionary(texts, extra, { maxKeys: 1, noNullPrototype: true }), known)
      .map(([more, it]) => ({ ...more, ...(it as Json) })); // a record is an object
  }

  return { of: (schema) => make(schema, 0) };
}

/** Objects with what is required and, more often than not, little else: whatever is there may be refused. */
function sparse(
  fields: Record<string, fc.Arbitrary<unknown>>,
  required: readonly string[],
): fc.Arbitrary<Json> {
  const needed = Object.keys(fields).filter((it) => required.includes(it) || wanted.has(it));
  const optional = Object.keys(fields).filter((it) => !needed.includes(it));
  const withThese = (names: readonly string[]) => {
    const chosen = [...needed, ...names].map((it) => [it, fields[it]!] as const); // names are of these fields
    return fc.record(Object.fromEntries(chosen), { noNullPrototype: true });
  };
  const few = fc.subarray(optional, { maxLength: Math.min(2, optional.length) });
  const many = fc.subarray(optional);
  return fc.oneof({ weight: 3, arbitrary: few }, { weight: 1, arbitrary: many }).chain(withThese);
}

function numbers({ type, minimum, maximum, exclusiveMinimum }: Json): fc.Arbitrary<number> {
  const min = Math.max(minimum ?? exclusiveMinimum ?? -1_000_000, -Number.MAX_SAFE_INTEGER);
  const max = Math.min(maximum ?? Math.max(1_000_000, min), Number.MAX_SAFE_INTEGER);
  if (type === "integer")
    return fc.integer({
      min: Math.ceil(min) + (exclusiveMinimum === undefined ? 0 : 1),
      max: Math.floor(max),
    });
  return fc.double({ min, max, noNaN: true, minExcluded: exclusiveMinimum !== undefined });
}

function strings({
  pattern,
  format,
  minLength = 0,
  maxLength = Number.MAX_SAFE_INTEGER,
}: Json): fc.Arbitrary<string> {
  if (format === "uri")
    return fc.constantFrom("http://127.0.0.1:9/", "data:text/plain;base64,aGk=", "https://[::1]:1/x");
  if (format === "date-time") return fc.constantFrom("2099-01-02T03:04:05Z", "2000-02-29T00:00:00.5+02:00");
  if (format === "base64") return fc.base64String({ maxLength: 40 });
  const fitting = pattern ? fc.stringMatching(new RegExp(pattern, "u")) : texts;
  const sized = fitting.filter((it) => it.length >= minLength && it.length <= maxLength);
  return minLength > 1 ? fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 8) }) : sized;
}
