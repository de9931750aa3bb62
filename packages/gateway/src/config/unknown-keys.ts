import { z } from "zod";
import { joinPath } from "../lib/key-paths.ts";
import { nearest } from "./nearest.ts";

/** Root keys of other versions' files: nothing is misspelt there, they are only not ours. */
const elsewhere = new Set(
  `meta auth env wizard diagnostics update ui skills plugins nodeHost bindings broadcast audio messages commands
  web hooks discovery canvasHost talk memory`.split(/\s+/),
);

/** A warning for each key that the schema does not know, with the nearest one that it does. */
export function unknownKeyWarnings(schema: z.ZodType, value: unknown): string[] {
  const unused: string[] = [];
  const warnings: string[] = [];
  walk(schema, value, "", (path, known, key) => {
    if (path === key && elsewhere.has(key)) return void unused.push(key);
    const meant = nearest(key, known);
    warnings.push(`${path} is not a known key and has no effect.${meant ? ` Did you mean "${meant}"?` : ""}`);
  });
  if (unused.length > 0) warnings.push(`This version does not use these keys: ${unused.join(", ")}.`);
  return warnings;
}

type Report = (path: string, known: readonly string[], key: string) => void;

function walk(schema: z.core.$ZodType, value: unknown, path: string, report: Report): void {
  if (value === null || typeof value !== "object") return;
  const inner = unwrap(schema);
  if (Array.isArray(value)) {
    if (inner instanceof z.ZodArray) {
      value.forEach((item, i) => {
        walk(inner.element, item, joinPath(path, i), report);
      });
    }
  } else if (inner instanceof z.ZodRecord) {
    for (const [key, item] of Object.entries(value)) walk(inner.valueType, item, joinPath(path, key), report);
  } else if (inner instanceof z.ZodUnion) {
    const fitting = inner.options.find((option) => z.safeParse(option, value).success);
    if (fitting) walk(fitting, value, path, report);
  } else if (inner instanceof z.ZodObject) {
    const known = Object.keys(inner.shape);
    for (const [key, item] of Object.entries(value)) {
      if (known.includes(key)) walk(inner.shape[key], item, joinPath(path, key), report);
      else if (inner.def.catchall === undefined) report(joinPath(path, key), known, key);
    }
  }
}

/** The schema below defaults and optionality. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodNullable ||
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  ) {
    inner = inner.unwrap();
  }
  return inner;
}
