import { chmod, mkdir, open, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Config, configSchema } from "openclaw-protocol";
import { ConfigError } from "./config-error.ts";
import type { Environment } from "./environment.ts";
import type { Json5Edit } from "./json5-edit.ts";
import { substituteVariables } from "./substitute.ts";

export type ConfigEdit = Json5Edit;

/** The config file, for whoever changes it while the gateway runs. */
export interface ConfigFile {
  /**
   * Reads the file anew, has the edits worked out from what it says, and writes it with everything else in it
   * untouched, comments included: whole or not at all, open to its owner alone. A file that is not there is made.
   * Edits come one after another; one that meets a change by somebody else is worked out again.
   * Resolves with what the file now says. Throws what `plan` throws, or a `ConfigError`: the file is not valid, its
   * result would not be, or it cannot be written; then it is as it was.
   */
  edit(plan: (config: Config) => readonly ConfigEdit[]): Promise<Config>;
}

export interface ConfigFileDeps {
  /** Absolute. */
  path: string;
  env: Environment;
}

/** How often an edit that meets changes by somebody else is worked out. */
const attemptsAtMost = 5;

export function createConfigFile({ path, env }: ConfigFileDeps): ConfigFile {
  let last: Promise<unknown> = Promise.resolve();

  async function edit(plan: (config: Config) => readonly ConfigEdit[]): Promise<Config> {
    const file = await realpath(path).catch(() => path); // a link stays one
    for (let attempt = 0; attempt < attemptsAtMost; attempt += 1) {
      const before = await read(file);
      const edits = plan(await meaning(before, env));
      const after = await applied(before, edits);
      const config = await meaning(after, env);
      if (after === before || (await replaceFile(file, before, after))) return config;
    }
    throw new ConfigError("The config file is being changed all the time. Try again later.");
  }

  return {
    edit(plan) {
      const mine = last.then(() => edit(plan));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** Undefined: there is no file. */
async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new ConfigError("The config file cannot be read. Check its permissions.", cause);
  }
}

async function meaning(text: string | undefined, env: Environment): Promise<Config> {
  const parsed = configSchema.safeParse(substituteVariables(await parse(text), env));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ConfigError(
    `The config file is not valid at ${issue?.path.join(".")}. Correct it by hand first.`,
  );
}

async function parse(text: string | undefined): Promise<unknown> {
  if (text === undefined || text.trim() === "") return {};
  const { default: JSON5 } = await import("json5");
  try {
    return JSON5.parse(text);
  } catch (cause) {
    throw new ConfigError("The config file is not valid JSON5. Correct it by hand first.", cause);
  }
}

/** The text after the edits. Throws unless it says exactly what it is meant to say. */
async function applied(text: string | undefined, edits: readonly ConfigEdit[]): Promise<string | undefined> {
  if (edits.length === 0) return text;
  const { editJson5 } = await import("./json5-edit.ts");
  let after = text === undefined || text.trim() === "" ? "{}\n" : text;
  let expected = await parse(text);
  try {
    for (const it of edits) {
      after = editJson5(after, it);
      expected = withEdit(expected, it.path, it.value);
    }
    if (isDeepStrictEqual(await parse(after), expected)) return after;
  } catch (cause) {
    throw new ConfigError("The config file could not be edited. Edit it by hand.", cause);
  }
  throw new ConfigError("The config file could not be edited without changing more of it. Edit it by hand.");
}

/** A copy of the tree with the value at the path, or without what is there. */
function withEdit(tree: unknown, [step, ...rest]: ConfigEdit["path"], value: unknown): unknown {
  if (step === undefined) return plain(value);
  if (typeof step === "number") {
    const list: unknown[] = Array.isArray(tree) ? [...tree] : [];
    if (rest.length === 0 && value === undefined) list.splice(step, 1);
    else list[step] = withEdit(list[step], rest, value);
    return list;
  }
  const copy: Record<string, unknown> = tree !== null && typeof tree === "object" ? { ...tree } : {};
  if (rest.length === 0 && value === undefined) delete copy[step];
  else copy[step] = withEdit(copy[step], rest, value);
  return copy;
}

/** As JSON has it: without what is undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** False: somebody else has changed the file since it was read. */
async function replaceFile(path: string, before: string | undefined, after = ""): Promise<boolean> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rm(draft, { force: true });
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(after);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(draft, 0o600); // whatever the process's mask
    if ((await read(path)) !== before) return false;
    await rename(draft, path);
    return true;
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError("The config file cannot be written. Check its permissions and the disk.", cause);
  } finally {
    await rm(draft, { force: true });
  }
}
