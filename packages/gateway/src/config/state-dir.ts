import { chmod, mkdir, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { ConfigError } from "./config-error.ts";
import { type Environment, variable } from "./environment.ts";

/** Where state lives: `OPENCLAW_STATE_DIR`, else `OPENCLAW_HOME`, else `~/.openclaw`. Absolute. */
export function stateDirectory(env: Environment, homeDir: string): string {
  const told = variable(env, "OPENCLAW_STATE_DIR") ?? variable(env, "OPENCLAW_HOME");
  return told ? expandHome(told, homeDir) : join(homeDir, ".openclaw");
}

/** An absolute path, `~` being the home directory. */
export function expandHome(path: string, homeDir: string): string {
  if (path === "~" || path.startsWith("~/")) return join(homeDir, path.slice(1));
  return isAbsolute(path) ? path : resolve(path);
}

/** Makes the state directory, open to its owner alone, and closes one that stands too open. */
export async function ensureStateDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    if (((await stat(dir)).mode & 0o077) !== 0) await chmod(dir, 0o700);
  } catch (cause) {
    throw new ConfigError(
      "The state directory cannot be used. Check its permissions, or name another one by OPENCLAW_STATE_DIR.",
      cause,
    );
  }
}
