import { chmod, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ConfigError } from "./config-error.ts";
import { type Environment, variable } from "./environment.ts";
import { expandHome } from "./state-dir.ts";

/** Where the config file is, and whether someone asked for this very file. */
export interface ConfigLocation {
  path: string;
  named: boolean;
}

/** The file of `--config`, else of `OPENCLAW_CONFIG_PATH`, else `openclaw.json` in the state directory. */
export function configLocation(
  env: Environment,
  homeDir: string,
  stateDir: string,
  flag: string | undefined,
): ConfigLocation {
  const told = flag ?? variable(env, "OPENCLAW_CONFIG_PATH");
  return told
    ? { path: expandHome(told, homeDir), named: true }
    : { path: join(stateDir, "openclaw.json"), named: false };
}

/**
 * The file's JSON5 as it stands; undefined when there is none and nobody named it. Throws a `ConfigError` with the
 * place of a syntax error. A file of the state directory that others can read is closed to them.
 */
export async function readConfigFile(location: ConfigLocation, stateDir: string): Promise<unknown> {
  const text = await readText(location);
  if (text === undefined) return undefined;
  if (dirname(location.path) === stateDir) await closeToOthers(location.path);
  if (text.trim() === "") return {};
  return parseConfigText(text, location.path);
}

async function readText({ path, named }: ConfigLocation): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (missing && !named) return undefined;
    throw new ConfigError(
      missing
        ? `Config file not found: ${path}. Make it, or name another by --config or OPENCLAW_CONFIG_PATH.`
        : `The config file ${path} cannot be read. Check its permissions.`,
      cause,
    );
  }
}

async function parseConfigText(text: string, path: string): Promise<unknown> {
  const { default: JSON5 } = await import("json5");
  let value: unknown;
  try {
    value = JSON5.parse(text);
  } catch (cause) {
    const where = cause instanceof Error ? cause.message.replace(/^JSON5: /, "") : "unreadable";
    throw new ConfigError(`Invalid JSON in config file ${path}: ${where}.`, cause);
  }
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return value;
  throw new ConfigError(`The config file ${path} must hold an object, like { gateway: { port: 18789 } }.`);
}

async function closeToOthers(path: string): Promise<void> {
  try {
    if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
  } catch {
    // Another owner's file (a mounted one, say): reading it is all that the gateway needs.
  }
}
