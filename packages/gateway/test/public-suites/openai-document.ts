import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Json } from "../support/gateway.ts";

/** Judges values by the schemas of OpenAI's published OpenAPI document. */
export interface OpenAiDocument {
  /** What is wrong with a value by the schema of that name; nothing where it is right. Events are judged by their type. */
  errors(schema: string, value: unknown): string[];
}

const root = "openai.json";
const prefix = "#/components/schemas/";

/** Words of OpenAPI that are about people and their tools. */
const unjudged = new Set([
  "discriminator",
  "example",
  "examples",
  "default",
  "description",
  "title",
  "format",
]);

/** Reads a document. `loosen` may change its schemas before they are compiled. */
export function readOpenAiDocument(file: string, loosen: (schemas: Json) => void = () => {}): OpenAiDocument {
  const document = JSON.parse(readFileSync(file, "utf8")) as Json;
  const schemas: Json = Object.fromEntries(
    Object.entries(document.components.schemas as Json).map(([name, schema]) => [
      name,
      asJsonSchema(schema, name),
    ]),
  );
  loosen(schemas);
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, inlineRefs: false });
  ajv.addSchema({ $id: root, components: { schemas } });

  /** The member of a union of events that has the type. */
  const branchFor = (schema: string, type: unknown): string => {
    const named = (schemas[schema].anyOf as Json[] | undefined)?.flatMap(({ $ref }) =>
      typeof $ref === "string" ? [$ref.slice(prefix.length)] : [],
    );
    const types = (name: string) => schemas[name]?.properties?.type ?? {};
    const found = named?.find((name) => types(name).const === type || types(name).enum?.includes(type));
    return found ?? schema;
  };

  return {
    errors(schema, value) {
      const name = branchFor(schema, (value as Json | null)?.type);
      const judge = ajv.getSchema(`${root}${prefix}${name}`);
      if (!judge) throw new Error(`the document has no ${name}`);
      if (judge(value)) return [];
      const told = (judge.errors ?? []).map(
        ({ instancePath, message, params }) => `${name}${instancePath} ${message} ${JSON.stringify(params)}`,
      );
      return [...new Set(told)].slice(0, 12);
    },
  };
}

/** A schema of OpenAPI, with leftovers of 3.0, as one of JSON Schema 2020-12. `owner`: the component that it is in. */
function asJsonSchema(node: unknown, owner: string): Json {
  if (Array.isArray(node)) return node.map((it) => asJsonSchema(it, owner));
  if (typeof node !== "object" || node === null) return node as unknown as Json; // a word or a number of a schema
  const result: Json = {};
  for (const [key, value] of Object.entries(node as Json)) {
    if (unjudged.has(key) || key.startsWith("x-") || key === "nullable" || key === "$recursiveAnchor")
      continue;
    if (key === "$recursiveRef") result.$ref = prefix + owner;
    else if (key === "properties" || key === "patternProperties" || key === "$defs")
      result[key] = Object.fromEntries(
        Object.entries(value as Json).map(([name, it]) => [name, asJsonSchema(it, owner)]),
      );
    else if (key === "enum" || key === "const" || key === "required") result[key] = value;
    // Members of its unions overlap, as those of messages do: what is meant is one or more.
    else result[key === "oneOf" && !("anyOf" in node) ? "anyOf" : key] = asJsonSchema(value, owner);
  }
  return (node as Json).nullable === true ? { anyOf: [result, { type: "null" }] } : result;
}
