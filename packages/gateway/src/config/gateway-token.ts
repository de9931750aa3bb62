import { randomBytes } from "node:crypto";
import { chmod, link, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Secret } from "../lib/secrets.ts";
import { ConfigError } from "./config-error.ts";
import { ensureStateDirectory } from "./state-dir.ts";

/** The file of the state directory that holds the gateway's token. */
export function tokenPath(stateDir: string): string {
  return join(stateDir, "gateway-token");
}

/** The state directory's token; undefined when none was made yet. Closes a file that others can read. */
export async function readGatewayToken(stateDir: string): Promise<Secret | undefined> {
  const path = tokenPath(stateDir);
  try {
    const text = (await readFile(path, "utf8")).trim();
    if (text === "") return undefined;
    if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600);
    return new Secret(text);
  } catch (cause) {
    if (isCode(cause, "ENOENT")) return undefined;
    throw new ConfigError(
      "The file gateway-token of the state directory cannot be read. Check its owner and permissions.",
      cause,
    );
  }
}

/** The state directory's token, made of 256 random bits (64 hex digits) on the first start. */
export async function gatewayToken(stateDir: string): Promise<Secret> {
  await ensureStateDirectory(stateDir);
  const present = await readGatewayToken(stateDir);
  if (present) return present;
  const made = randomBytes(32).toString("hex");
  const draft = `${tokenPath(stateDir)}.${randomBytes(6).toString("hex")}`;
  await writeDurably(draft, `${made}\n`);
  try {
    // A link appears whole or not at all, and never replaces the token of a gateway that started just before us.
    await link(draft, tokenPath(stateDir));
    return new Secret(made);
  } catch (cause) {
    const theirs = await readGatewayToken(stateDir);
    if (theirs) return theirs;
    if (!isCode(cause, "EEXIST")) {
      throw new ConfigError("The gateway's token could not be stored in the state directory.", cause);
    }
    await rename(draft, tokenPath(stateDir)); // what is there is empty: the remains of a crash or a full disk
    return new Secret(made);
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
