import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Found } from "./executable.ts";

const run = promisify(execFile);
const name = "@sparticuz/chromium";
/** Longest time for unpacking, ms: some 3 s where nothing else runs. */
const unpackMs = 120_000;
/** A draft this old is of a process that was killed, ms. */
const abandonedMs = 3_600_000;

/**
 * The Chromium of the npm package `@sparticuz/chromium` (https://github.com/Sparticuz/chromium), x64 Linux only. Its files
 * are packed, so they are unpacked once: beside what npm has installed, for all who share that, or else into `folder`. It
 * needs nothing of the system but libc: its libraries and fonts come along. Undefined where it is not installed or not
 * made for this machine; throws where it cannot be unpacked.
 */
export async function packagedChromium({
  folder,
  env,
  beside = true,
}: {
  folder: string;
  env: Readonly<Record<string, string>>;
  /** Whether it may lie beside what npm has installed. */
  beside?: boolean;
}): Promise<Found | undefined> {
  const program = installed();
  if (program === undefined) return undefined;
  const manifest = await readFile(join(dirname(program), "../package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string }; // every package has one
  const home = await unpacked(homes(program, version, { folder, beside }), program, env);
  return {
    executablePath: join(home, "chromium"),
    args: [],
    env: { LD_LIBRARY_PATH: join(home, "al2023/lib"), FONTCONFIG_PATH: join(home, "fonts") },
    origin: `npm package ${name} ${version}`,
  };
}

/** The package's entry, where it is installed. */
function installed(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
}

/** Where it may lie unpacked, the better place first. `program` is `<modules>/@sparticuz/chromium/build/index.js`. */
function homes(
  program: string,
  version: string,
  { folder, beside }: { folder: string; beside: boolean },
): string[] {
  const modules = join(dirname(program), "../../..");
  const shared = beside && basename(modules) === "node_modules" ? [join(modules, ".cache")] : [];
  return [...shared, folder].map((place) => join(place, `chromium-${version}`));
}

async function unpacked(
  places: readonly string[],
  program: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const there = places.find((home) => existsSync(join(home, "chromium")));
  if (there !== undefined) return there;
  let failure: unknown;
  for (const home of places) {
    try {
      await unpack(home, program, env);
      return home;
    } catch (error) {
      failure = error; // the next place may be one that we may write to
    }
  }
  throw failure;
}

/** Unpacks into a draft that takes its place whole, since several processes may be at it at once, or be killed. */
async function unpack(home: string, program: string, env: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(dirname(home), { recursive: true, mode: 0o700 });
  await removeAbandoned(home);
  const draft = await mkdtemp(`${home}.`);
  try {
    const script =
      "const { default: chromium } = await import(process.argv[1]); await chromium.executablePath();";
    await run(process.execPath, ["--input-type=module", "-e", script, pathToFileURL(program).href], {
      cwd: draft,
      // The package unpacks into the temporary folder, and its libraries only where it believes to be in a Lambda.
      env: { ...env, TMPDIR: draft, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
      timeout: unpackMs,
      killSignal: "SIGKILL",
    });
    await writeFile(join(draft, "fonts/fonts.conf"), fontsConf(home));
    await rename(draft, home).catch((error: unknown) => {
      if (!existsSync(join(home, "chromium"))) throw error; // else another process was first
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function removeAbandoned(home: string): Promise<void> {
  const drafts = (await readdir(dirname(home))).filter((it) => it.startsWith(`${basename(home)}.`));
  for (const draft of drafts) {
    const path = join(dirname(home), draft);
    const since = await stat(path).then(
      (it) => Date.now() - it.mtimeMs,
      () => 0,
    );
    if (since > abandonedMs) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** The package's own names a Lambda's folders. Where no font is found at all, Chromium ends at the first text field. */
function fontsConf(home: string): string {
  const folders = [join(home, "fonts/fonts"), "/usr/share/fonts", "/usr/local/share/fonts"];
  const named = folders.map((folder) => `  <dir>${escaped(folder)}</dir>\n`).join("");
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
${named}  <cachedir>${escaped(join(home, "fonts-cache"))}</cachedir>
</fontconfig>
`;
}

function escaped(path: string): string {
  return path.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
