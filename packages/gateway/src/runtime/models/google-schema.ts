type Json = Record<string, unknown>;

/** Each copy of a definition costs; a schema that refers to itself over and over would never end. */
const mostCopies = 500;

/** Keywords whose value is a schema, a list of them, or one by name. */
const nested = ["items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"];
const lists = ["anyOf", "oneOf", "allOf", "prefixItems"];
const byName = ["properties", "patternProperties", "$defs"];

/**
 * JSON Schema as Google reads it in `parametersJsonSchema` and `responseJsonSchema`: it takes all of it, and goes by
 * the commoner half. What it would overlook is said otherwise where that can be: `const`, `definitions`, tuples in
 * `items`, and a `$ref` that has other keywords beside it.
 * Source: https://ai.google.dev/api/generate-content#GenerationConfig (`responseJsonSchema`)
 */
export function googleSchema(schema: Json): Json {
  const { $schema: _, definitions, $defs, ...rest } = schema;
  const defs: Json = { ...object(definitions), ...object($defs) };
  let copies = 0;

  function targetOf(ref: unknown): { name: string; schema: Json } | undefined {
    const name = definitionName(ref);
    return name !== undefined && Object.hasOwn(defs, name) ? { name, schema: object(defs[name]) } : undefined;
  }

  /** `open`: the definitions that this schema is a copy of. */
  function convert(node: unknown, open: readonly string[]): unknown {
    if (node === true) return {};
    if (typeof node !== "object" || node === null || Array.isArray(node)) return node;
    const { $ref, allOf, ...others } = node as Json; // just checked
    if ($ref !== undefined) return referred($ref, others, open);
    if (Array.isArray(allOf) && allOf.length === 1) return convert({ ...object(allOf[0]), ...others }, open);
    return converted(allOf === undefined ? others : { ...others, allOf }, open);
  }

  function referred($ref: unknown, others: Json, open: readonly string[]): unknown {
    const target = targetOf($ref);
    if (!target) return { $ref, ...others };
    const isAlone = Object.keys(others).length === 0;
    if (isAlone || open.includes(target.name) || ++copies > mostCopies)
      return { $ref: `#/$defs/${escaped(target.name)}` };
    return convert({ ...target.schema, ...others }, [...open, target.name]);
  }

  function converted(node: Json, open: readonly string[]): Json {
    const { const: only, ...result } = node;
    if (Array.isArray(result.items)) {
      result.prefixItems = result.items;
      delete result.items;
    }
    if (only === null) result.type ??= "null";
    if (typeof only === "string" || typeof only === "number") {
      result.type ??= typeof only;
      result.enum ??= [only];
    } else if (only != null) result.const = only;
    for (const key of nested) if (typeof result[key] === "object") result[key] = convert(result[key], open);
    for (const key of lists)
      if (Array.isArray(result[key])) result[key] = result[key].map((it) => convert(it, open));
    for (const key of byName) if (key in result) result[key] = each(object(result[key]), open);
    return result;
  }

  function each(schemas: Json, open: readonly string[]): Json {
    return Object.fromEntries(Object.entries(schemas).map(([name, it]) => [name, convert(it, open)]));
  }

  // The outermost has to be an object itself, not the name of one.
  const target = targetOf(rest.$ref);
  const { $ref: __, ...beside } = rest;
  const root = target ? convert({ ...target.schema, ...beside }, [target.name]) : convert(rest, []);
  return { ...object(root), ...(Object.keys(defs).length > 0 && { $defs: each(defs, []) }) };
}

/** Whether a function with such parameters has any. */
export function hasParameters({ type, properties, additionalProperties }: Json): boolean {
  return type !== "object" || !!additionalProperties || Object.keys(object(properties)).length > 0;
}

/** The `Name` of `#/$defs/Name`. */
function definitionName(ref: unknown): string | undefined {
  const found = typeof ref === "string" ? /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(ref) : null;
  if (!found) return undefined;
  const name = found[1]!.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {}; // just checked
}
