import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "./config-error.ts";
import { expandHome } from "./state-dir.ts";

/** The SQLite file that `storage.url` names: a path or a `file:` URL; `openclaw.db` in the state directory unless told. */
export function databaseFile(url: string | undefined, stateDir: string, homeDir: string): string {
  if (url === undefined) return join(stateDir, "openclaw.db");
  if (url.startsWith("file:")) return fileURLToPath(url);
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) {
    throw new ConfigError(
      `storage.url must be a path or a file: URL of an SQLite database, not "${url.slice(0, url.indexOf(":"))}:".`,
    );
  }
  const path = expandHome(url, homeDir);
  return isAbsolute(url) || url.startsWith("~") ? path : resolve(stateDir, url);
}
