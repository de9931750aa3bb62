import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A Chromium that has started here at least once, and what it has to be started with. */
export interface Chromium {
  executablePath: string;
  args: string[];
  /** To be laid over the environment. */
  env: Record<string, string>;
}

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const package_ = join(root, "node_modules/@sparticuz/chromium");

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/opt/google/chrome/chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * The Chromium for tests: `CHROMIUM_PATH`, else one that is installed, else one that Playwright has downloaded, else
 * that of the npm package `@sparticuz/chromium`. Where there is none, the answer is the reason, for `t.skip`.
 */
export async function findChromium(): Promise<Chromium | string> {
  const reasons: string[] = [];
  const told = process.env.CHROMIUM_PATH;
  for (const path of told ? [told] : [...usualPlaces.filter((place) => existsSync(place)), ...downloaded()]) {
    const reason = await whyNot(plain(path));
    if (reason === undefined) return plain(path);
    reasons.push(reason);
  }
  if (told) return `CHROMIUM_PATH: ${reasons[0]}`;
  try {
    return await packagedChromium();
  } catch (error) {
    reasons.push(String(error));
  }
  return `no Chromium starts here (${reasons.join("; ")}); set CHROMIUM_PATH to one`;
}

/** Those in Playwright's cache, the newest first; the home is the user's own, not the one that tests are given. */
function downloaded(): string[] {
  const cache = process.platform === "darwin" ? "Library/Caches/ms-playwright" : ".cache/ms-playwright";
  const cwd = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(userInfo().homedir, cache);
  const programs = [
    "chromium-*/chrome-linux*/chrome",
    "chromium_headless_shell-*/chrome-*/{headless_shell,chrome-headless-shell}",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/{Chromium,Google Chrome for Testing}",
  ];
  const build = (path: string) => Number(/-(\d+)/.exec(path)?.[1]);
  return globSync(programs, { cwd })
    .sort((a, b) => build(b) - build(a))
    .map((path) => join(cwd, path));
}

/**
 * The Chromium of `@sparticuz/chromium`, x64 Linux only. Its files are packed, so that they are unpacked once, beside what
 * npm has installed. It needs nothing of the system but libc: its libraries and fonts come along.
 */
export async function packagedChromium(): Promise<Chromium> {
  if (process.platform !== "linux" || process.arch !== "x64" || !existsSync(package_)) {
    throw new Error("@sparticuz/chromium is not installed or not made for this machine");
  }
  const { version } = JSON.parse(await readFile(join(package_, "package.json"), "utf8")) as {
    version: string;
  };
  const home = join(root, "node_modules/.cache", `chromium-${version}`);
  if (!existsSync(home)) await unpack(home);
  const chromium = {
    executablePath: join(home, "chromium"),
    args: sandboxArgs(),
    env: { LD_LIBRARY_PATH: join(home, "al2023/lib"), FONTCONFIG_PATH: join(home, "fonts") },
  };
  const reason = await whyNot(chromium);
  if (reason !== undefined) throw new Error(reason);
  return chromium;
}

/** Unpacks into a draft that takes its place whole, since several test processes may be at it at once. */
async function unpack(home: string): Promise<void> {
  await mkdir(dirname(home), { recursive: true });
  const draft = await mkdtemp(`${home}.`);
  try {
    const script = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath();';
    // The package unpacks into the temporary folder, and its libraries only where it believes to be in a Lambda.
    const env = { ...process.env, TMPDIR: draft, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" };
    await run(process.execPath, ["--input-type=module", "-e", script], { cwd: root, env });
    await writeFile(join(draft, "fonts/fonts.conf"), fontsConf(home));
    await rename(draft, home).catch((error: unknown) => {
      if (!existsSync(home)) throw error; // else another process was first
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** The package's own names a Lambda's folders. Where no font is found at all, Chromium ends at the first text field. */
function fontsConf(home: string): string {
  const folders = [join(home, "fonts/fonts"), "/usr/share/fonts", "/usr/local/share/fonts"];
  const named = folders.map((folder) => `  <dir>${folder}</dir>\n`).join("");
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
${named}  <cachedir>${join(home, "fonts-cache")}</cachedir>
</fontconfig>
`;
}

function plain(executablePath: string): Chromium {
  return { executablePath, args: sandboxArgs(), env: {} };
}

/** Chromium refuses to start as root with its sandbox. */
function sandboxArgs(): string[] {
  return process.getuid?.() === 0 ? ["--no-sandbox"] : [];
}

/** Why it does not start; `undefined` when it does. A file alone says little: some are stubs that want an installation. */
async function whyNot({ executablePath, args, env }: Chromium): Promise<string | undefined> {
  try {
    await run(executablePath, [...args, "--version"], { env: { ...process.env, ...env }, timeout: 20_000 });
    return undefined;
  } catch (error) {
    return `${executablePath} does not start: ${error instanceof Error ? error.message.split("\n")[0] : error}`;
  }
}
