import type { CountTokensRequest } from "openclaw-protocol";
import type { ResponseFormat } from "../../../runtime/models/types.ts";

type Asked = Pick<CountTokensRequest, "output_config" | "output_format">;

/** Nothing that means something lies deeper. */
const deepest = 32;

/** The JSON that is asked for, in either of the two places. */
export function formatOf({ output_config: config, output_format: older }: Asked): ResponseFormat | undefined {
  const schema = (config?.format ?? older)?.schema;
  return schema && { type: "json", schema, ...(isClosed(schema) && { strict: true }) };
}

/**
 * Whether providers that follow a schema to the letter take this one: its objects list all their properties, have no
 * others, and nothing is left to choose between. Source: OpenAI's guide "Structured outputs", "Supported schemas".
 */
function isClosed(schema: unknown, depth = 0): boolean {
  if (typeof schema !== "object" || schema === null) return true;
  if (depth > deepest) return false;
  if (Array.isArray(schema)) return schema.every((it) => isClosed(it, depth + 1));
  const { type, properties, required, additionalProperties, ...rest } = schema as Record<string, unknown>; // JSON
  if (["oneOf", "allOf", "not", "if"].some((it) => it in rest)) return false;
  const names = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  if (type === "object" || names.length > 0) {
    const listed: unknown[] = Array.isArray(required) ? required : [];
    if (additionalProperties !== false || !names.every((it) => listed.includes(it))) return false;
  }
  return [...Object.values(properties ?? {}), ...Object.values(rest)].every((it) => isClosed(it, depth + 1));
}
