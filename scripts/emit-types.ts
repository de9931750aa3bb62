import { contract, errorCodes, type RunEventType, sseName } from "openclaw-protocol";
import { contractSchemas, type Json } from "../packages/gateway/src/api/contract-schemas.ts";

const header = `// Made from the contract by scripts/generate.ts. Change the contract, not this file.
`;

/** The contract as TypeScript types without zod: components, methods, events, error codes. */
export function emitContractTypes(): string {
  const schemas = contractSchemas();
  const parts = [header];
  for (const name of Object.keys(schemas.components).sort()) {
    parts.push(declare(name, schemas.components[name]!));
  }
  parts.push(
    doc("Every error code that the gateway can answer with."),
    `export type ErrorCode = ${literals(errorCodes)};\n`,
  );

  parts.push(doc("Every method by its canonical name."), "export interface Methods {");
  for (const [name, { params, result }] of schemas.methods) {
    parts.push(
      `  ${JSON.stringify(name)}: { params: ${typeOf(params, "  ")}; result: ${typeOf(result, "  ")} };`,
    );
  }
  parts.push("}\n");

  const runEvents = [...schemas.runEvents];
  const streamed = runEvents.map(([type, data]) => [sseName(type as RunEventType), data] as const); // keys of the table
  parts.push(union("RunEvent", "The events of a run, as a WebSocket carries them.", runEvents));
  parts.push(union("StreamEvent", "The events of a run, as server-sent events carry them.", streamed));
  parts.push(union("SystemEvent", "Events about the gateway itself.", [...schemas.systemEvents]));
  return parts.join("\n");
}

function union(name: string, text: string, events: readonly (readonly [string, Json])[]): string {
  const members = events.map(
    ([type, data]) => `  | { type: ${JSON.stringify(type)}; data: ${typeOf(data, "  ")} }`,
  );
  return `${doc(text)}\nexport type ${name} =\n${members.join("\n")};\n`;
}

function declare(name: string, schema: Json): string {
  const type = typeOf(schema, "");
  return type.startsWith("{") && !("anyOf" in schema) && !("oneOf" in schema)
    ? `export interface ${name} ${type}\n`
    : `export type ${name} = ${type};\n`;
}

/** A JSON Schema, of the kinds that the contract uses, as a TypeScript type. Fails on any other. */
function typeOf(schema: Json, indent: string): string {
  if (typeof schema.$ref === "string") return schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return literals(schema.enum);
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either))
    return [...new Set(either.map((one) => typeOf(one as Json, indent)))].join(" | ");
  if (Array.isArray(schema.type)) {
    return schema.type.map((type) => typeOf({ ...schema, type }, indent)).join(" | ");
  }
  switch (schema.type) {
    case "string":
      return "string";
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "null":
      return "null";
    case "array": {
      const item = typeOf(schema.items as Json, indent); // arrays of the contract have one kind of item
      return item.includes(" | ") && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
    }
    case "object":
      return objectType(schema, indent);
    case undefined:
      return "unknown";
    default:
      throw new Error(`No TypeScript type for ${JSON.stringify(schema)}`);
  }
}

function objectType(schema: Json, indent: string): string {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>); // as JSON Schema says
  const required = new Set((schema.required ?? []) as string[]);
  const values = schema.additionalProperties;
  const open = typeof values === "object" && values !== null ? typeOf(values as Json, indent) : undefined;
  if (properties.length === 0) return `Record<string, ${open ?? "never"}>`;
  const inner = `${indent}  `;
  const lines = properties.map(([key, value]) => {
    const type = typeOf(value, inner);
    const comment = typeof value.description === "string" ? `${inner}${doc(value.description)}\n` : "";
    const name = /^\w+$/.test(key) ? key : JSON.stringify(key);
    return `${comment}${inner}${name}${required.has(key) ? "" : "?"}: ${type}${required.has(key) ? "" : " | undefined"};`;
  });
  if (open !== undefined) lines.push(`${inner}[key: string]: unknown;`);
  return `{\n${lines.join("\n")}\n${indent}}`;
}

function literals(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(" | ");
}

function doc(text: string): string {
  return `/** ${text.replaceAll("*/", "*\\/")} */`;
}

/** Verb and path of every method, the one part of the contract that the client needs at run time. */
export function emitRoutes(): string {
  const lines = Object.entries(contract).map(
    ([name, { http }]) =>
      `  ${JSON.stringify(name)}: ${JSON.stringify(`${http.method} ${http.path.replace("...}", "}")}`)},`,
  );
  return `${header}
import type { Methods } from "./contract.gen.ts";

${doc("Verb and path of every method.")}
export const routes: Record<keyof Methods, string> = {
${lines.join("\n")}
};
`;
}
