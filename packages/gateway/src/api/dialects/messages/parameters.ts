import { cannotHonour } from "../refusals.ts";

const honoured = new Set([
  "model",
  "max_tokens",
  "messages",
  "stream",
  "system",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "output_format",
  "stop_sequences",
  "temperature",
  "top_p",
  "top_k",
]);

/** Parameters for the vendor's own bookkeeping; leaving them out changes no answer. */
const bookkeeping = new Set([
  "metadata",
  "service_tier",
  "cache_control",
  "diagnostics",
  "user_profile_id",
  "workspace_id",
]);

/** Promises that nobody else can keep, and without which the request means something else. */
const binding = new Set(["inference_geo", "thread"]);

/**
 * What of a body is left out, by name: what only the vendor has (containers, servers of tools, betas) is tolerated,
 * because real clients send it to every model. Throws for what must not be left out.
 */
export function leftOut(body: Readonly<Record<string, unknown>>, by: string): string[] {
  const names: string[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (value === null || value === undefined || value === false) continue;
    if (binding.has(name)) throw cannotHonour(name, by);
    if (Array.isArray(value) && value.length === 0) continue;
    if (!honoured.has(name) && !bookkeeping.has(name)) names.push(name);
  }
  const output = body.output_config;
  if (typeof output === "object" && output !== null) {
    for (const name in output)
      if (name !== "effort" && name !== "format") names.push(`output_config.${name}`);
  }
  return names;
}
