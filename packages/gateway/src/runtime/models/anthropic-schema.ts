type Json = Record<string, unknown>;

// What Anthropic's structured outputs take of JSON Schema:
// https://platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations"

/** More properties that may be left out make a grammar that is too large. */
const mostOptional = 10;
/** Nothing that means something lies deeper. */
const deepest = 32;

const kept = [
  "$schema",
  "$id",
  "title",
  "description",
  "default",
  "const",
  "enum",
  "type",
  "required",
] as const;
const formats = /^(date-time|time|date|duration|email|hostname|uri|ipv4|ipv6|uuid)$/;
const maps = ["properties", "$defs", "definitions"] as const;
const known = new Set<string>([
  ...kept,
  ...maps,
  ...["anyOf", "oneOf", "allOf", "items", "additionalProperties", "format", "$ref"],
]);

/** Whether an answer can be held to a schema without losing anything that the schema allows. */
export function canBeHeldTo(schema: Json): boolean {
  return optionalIn(schema, schema, new Map(), 0) <= mostOptional;
}

/**
 * How many properties may be left out; infinite for what cannot be held to: recursion, objects with free keys, and
 * references with more beside them.
 */
function optionalIn(node: unknown, root: Json, refs: Map<string, number>, depth: number): number {
  if (!isObject(node)) return 0;
  if (depth > deepest || hasFreeKeys(node)) return Number.POSITIVE_INFINITY;
  const { properties, required, $ref, items } = node;
  if ($ref !== undefined && ["properties", "anyOf", "oneOf", "allOf"].some((it) => node[it] !== undefined))
    return Number.POSITIVE_INFINITY;
  const needed = new Set(Array.isArray(required) ? required : []);
  let count = isObject(properties) ? Object.keys(properties).filter((it) => !needed.has(it)).length : 0;
  if (typeof $ref === "string") count += optionalBehind($ref, root, refs, depth);
  const within = isObject(properties) ? Object.values(properties) : [];
  for (const part of [...within, ...[items, node.anyOf, node.oneOf, node.allOf].flat()])
    count += optionalIn(part, root, refs, depth + 1);
  return count;
}

function optionalBehind(ref: string, root: Json, refs: Map<string, number>, depth: number): number {
  const counted = refs.get(ref);
  if (counted !== undefined) return counted;
  refs.set(ref, Number.POSITIVE_INFINITY); // for as long as it is looked at: whoever comes by again is within itself
  const count = optionalIn(behind(ref, root), root, refs, depth + 1);
  refs.set(ref, count);
  return count;
}

/** What a reference within the schema points to; others count as free. */
function behind(ref: string, root: Json): unknown {
  if (!ref.startsWith("#")) return { additionalProperties: true };
  let node: unknown = root;
  for (const step of ref.split("/").slice(1))
    node = isObject(node) ? node[step.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  return node;
}

function hasFreeKeys({ type, properties, additionalProperties, patternProperties }: Json): boolean {
  if (additionalProperties === true || isObject(additionalProperties) || patternProperties !== undefined)
    return true;
  const isMap = type === "object" || (Array.isArray(type) && type.includes("object"));
  return isMap && properties === undefined && additionalProperties !== false;
}

/** The schema as it is taken. What cannot be enforced is told to the model within the description. */
export function heldSchema(schema: Json, depth = 0): Json {
  const held: Json = {};
  const within = (it: unknown): unknown =>
    Array.isArray(it) ? it.map(within) : isObject(it) && depth < deepest ? heldSchema(it, depth + 1) : it;
  for (const name of maps) {
    const map = schema[name];
    if (isObject(map))
      held[name] = Object.fromEntries(Object.entries(map).map(([key, it]) => [key, within(it)]));
  }
  if (schema.$ref !== undefined) {
    return { $ref: schema.$ref, ...held };
  }
  for (const name of kept) if (schema[name] !== undefined) held[name] = schema[name];
  const anyOf = schema.anyOf ?? schema.oneOf;
  if (anyOf !== undefined) held.anyOf = within(anyOf);
  if (schema.allOf !== undefined) held.allOf = within(schema.allOf);
  if (schema.items !== undefined) held.items = within(schema.items);
  if (schema.type === "object" || schema.properties !== undefined) held.additionalProperties = false;

  const rest = Object.entries(schema).filter(([name]) => !known.has(name));
  if (formats.test(String(schema.format))) held.format = schema.format;
  else if (schema.format !== undefined) rest.push(["format", schema.format]);
  if (schema.anyOf !== undefined && schema.oneOf !== undefined) rest.push(["oneOf", schema.oneOf]);
  if (rest.length > 0) {
    const told = `It must also keep to ${JSON.stringify(Object.fromEntries(rest))}.`;
    held.description = schema.description === undefined ? told : `${schema.description}\n${told}`;
  }
  return held;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
