import type { z } from "zod";
import { dotted, valueAt } from "../lib/key-paths.ts";
import { nearest } from "./nearest.ts";

const names: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

const secret = /token|password|secret|apikey|headers|credential/i;

/** One validation issue as a sentence: the key, what it must be, and what it is unless that could be a secret. */
export function describeFault(issue: z.core.$ZodIssue, written: unknown): string {
  const path = dotted(issue.path) || "The config";
  const value = valueAt(written, issue.path);
  const is = value === undefined ? "is required" : `, not ${show(value, secret.test(path))}`;
  const must = (what: string) =>
    value === undefined ? `${path} ${is}: ${what}.` : `${path} must be ${what}${is}.`;
  switch (issue.code) {
    case "invalid_type":
      return must(names[issue.expected] ?? `of type ${issue.expected}`);
    case "invalid_value": {
      const known = issue.values.map(String);
      const meant = typeof value === "string" ? nearest(value, known) : undefined;
      return `${must(`one of ${known.join(", ")}`)}${meant ? ` Did you mean "${meant}"?` : ""}`;
    }
    case "too_small":
      return must(measure("at least", Number(issue.minimum), issue.origin));
    case "too_big":
      return must(measure("at most", Number(issue.maximum), issue.origin));
    case "invalid_format":
      return must(issue.format === "url" ? "an http or https URL" : `a valid ${issue.format}`);
    case "invalid_union":
      return /\.model$/.test(path)
        ? must('"provider/model", {primary, fallbacks} or {provider, id}')
        : must("of another shape");
    default:
      return `${path} is invalid: ${issue.message}.`;
  }
}

function measure(most: string, limit: number, origin: string): string {
  if (origin === "string")
    return limit === 1 ? "a text that is not empty" : `${most} ${limit} characters long`;
  return `${most} ${limit}`;
}

function show(value: unknown, hidden: boolean): string {
  if (Array.isArray(value)) return "a list";
  if (value === null) return "null";
  if (typeof value === "object") return "an object";
  return hidden ? `a ${typeof value}` : JSON.stringify(value);
}
