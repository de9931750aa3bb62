import { joinPath } from "../lib/key-paths.ts";
import { ConfigError } from "./config-error.ts";
import { type Environment, variable } from "./environment.ts";

/**
 * Replaces `${NAME}` in every string by the environment's value; `$${NAME}` stays as `${NAME}`.
 * Throws a `ConfigError` naming each key whose variable is not set.
 */
export function substituteVariables(value: unknown, env: Environment): unknown {
  const faults: string[] = [];
  const substituted = replace(value, "", env, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  return substituted;
}

/**
 * The reverse: a value to be written into the config that means what it says. Without it, whoever may set a text could
 * have a variable of the gateway's environment put into it, and read it.
 */
export function protectVariables(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(protectVariables);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, protectVariables(item)]));
  }
  return typeof value === "string" ? value.replace(/\$\{[A-Za-z_]\w*\}/g, "$$$&") : value;
}

function replace(value: unknown, path: string, env: Environment, faults: string[]): unknown {
  if (Array.isArray(value)) return value.map((item, i) => replace(item, joinPath(path, i), env, faults));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, replace(item, joinPath(path, key), env, faults)]),
    );
  }
  if (typeof value !== "string" || !value.includes("${")) return value;
  return value.replace(/(\$?)\$\{([A-Za-z_]\w*)\}/g, (text, doubled: string, name: string) => {
    if (doubled) return text.slice(1);
    const found = variable(env, name);
    if (found === undefined) {
      faults.push(
        `${path} needs the environment variable ${name}, which is not set. Set it, or remove the key.`,
      );
    }
    return found ?? "";
  });
}
