import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import { lockFile } from "../storage/sqlite.ts";

/** Takes the state directory for this process; the operating system gives it back however the process ends. */
export async function claim(stateDir: string): Promise<() => void> {
  const unlock = lockFile(join(stateDir, "gateway.lock"));
  const pidFile = join(stateDir, "gateway.pid");
  if (unlock) {
    await writeFile(pidFile, `${process.pid}\n`, { mode: 0o600 });
    return unlock;
  }
  const pid = (await readFile(pidFile, "utf8").catch(() => "")).trim();
  throw new ConfigError(
    `Another gateway${pid && ` (process ${pid})`} uses the state directory ${stateDir}. ` +
      `Stop it${pid && ` (kill ${pid})`}, or give this one a directory of its own by OPENCLAW_STATE_DIR.`,
  );
}
