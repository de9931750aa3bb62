import { contract, type MethodName, runEvents, systemEvents, watchEvents } from "openclaw-protocol";
import { z } from "zod";

/** A JSON Schema (2020-12), or any other piece of a document. */
export interface Json {
  [key: string]: unknown;
}

/** The contract as JSON Schema; every `$ref` points into `#/components/schemas/`. */
export interface ContractSchemas {
  /** Schemas by name: those with an id of their own, and `<Event>Data` for each event. */
  readonly components: Record<string, Json>;
  readonly methods: ReadonlyMap<MethodName, { params: Json; result: Json }>;
  /** Event type → reference to the schema of its data, in the order in which they can come. */
  readonly runEvents: ReadonlyMap<string, Json>;
  readonly systemEvents: ReadonlyMap<string, Json>;
  /** Any further schema, its named parts added to `components`. */
  add(schema: z.ZodType): Json;
}

/** Reads the tables of the contract. What a client may send is described: before defaults are filled in. */
export function contractSchemas(): ContractSchemas {
  const components: Record<string, Json> = {};
  const add = (schema: z.ZodType): Json => {
    const { $schema: _, $defs, ...own } = z.toJSONSchema(schema, { io: "input" }) as Json;
    for (const [name, named] of Object.entries(($defs ?? {}) as Json)) {
      components[name] ??= plain(named) as Json; // $defs maps names to schemas
    }
    return plain(own) as Json; // an object stays an object
  };
  const named = (table: Record<string, z.ZodType>): Map<string, Json> => {
    const refs = new Map<string, Json>();
    for (const [type, schema] of Object.entries(table)) {
      const name = `${pascal(type)}Data`;
      const data = add(schema);
      components[name] = data;
      refs.set(type, reference(name));
    }
    return refs;
  };
  const methods = new Map<MethodName, { params: Json; result: Json }>();
  for (const [name, method] of Object.entries(contract)) {
    methods.set(name as MethodName, { params: add(method.params), result: add(method.result) }); // keys of the table
  }
  return {
    components,
    methods,
    runEvents: named(runEvents),
    systemEvents: named({ ...systemEvents, ...watchEvents }),
    add,
  };
}

/** A reference to a named schema. */
export function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** The same value with object keys sorted where order says nothing: the maps of named parts. */
export function sorted<T>(map: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `chat.started` → `ChatStarted`. */
function pascal(dotted: string): string {
  return dotted.replace(/(?:^|[.\-_])(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Points references at the components and leaves out limits that only say "a safe integer". */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const out: Json = {};
  for (const [key, part] of Object.entries(value)) {
    if (key === "maximum" && part === Number.MAX_SAFE_INTEGER) continue;
    if (key === "minimum" && part === Number.MIN_SAFE_INTEGER) continue;
    if (key === "propertyNames") continue;
    out[key] =
      key === "$ref" && typeof part === "string"
        ? part.replace("#/$defs/", "#/components/schemas/")
        : plain(part);
  }
  return out;
}
