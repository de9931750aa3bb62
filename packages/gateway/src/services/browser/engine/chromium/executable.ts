import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { GatewayError } from "../../../../lib/errors.ts";
import type { EngineConfig } from "../base/types.ts";
import { plain } from "../base/words.ts";
import { packagedChromium } from "./packaged.ts";
import { downloadedPlaces, usualPlaces } from "./usual-places.ts";

/** A Chromium that has started here at least once, and what it has to be started with. */
export interface Found {
  readonly executablePath: string;
  readonly args: readonly string[];
  /** To be laid over the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it comes from, for people. */
  readonly origin: string;
}

/** Where to look, in this order. */
export interface Places {
  /** Files that the system may have. */
  readonly usual: readonly string[];
  /** Files that Playwright has downloaded. */
  downloaded(): readonly string[];
  /** The Chromium that npm brings; undefined where it brings none for this machine. */
  packaged(): Promise<Found | undefined>;
}

const run = promisify(execFile);
/** Longest time for telling its version, ms: the first start after an installation reads some 200 MB. */
const versionMs = 20_000;

type FinderConfig = Pick<EngineConfig, "executablePath" | "env" | "folder">;

export function placesOf(config: FinderConfig): Places {
  return {
    usual: usualPlaces(),
    downloaded: () => downloadedPlaces(config.env),
    packaged: () => packagedChromium({ folder: config.folder, env: config.env }),
  };
}

/**
 * The Chromium to start: that of the configuration, else one that is installed, else one that Playwright has downloaded,
 * else that of the npm package, which may have to be unpacked first (some seconds, once). Throws `service_unavailable`
 * with how to get one. Each is asked for its version, for a file alone says little: some are stubs that want an
 * installation.
 */
export async function findChromium(config: FinderConfig, places = placesOf(config)): Promise<Found> {
  const told = config.executablePath;
  if (told !== undefined) {
    const found = plainly(told, "browser.executablePath");
    const reason = await whyNot(found, config.env);
    if (reason === undefined) return found;
    throw new GatewayError(
      "service_unavailable",
      `What browser.executablePath names is no Chromium that starts here: ${reason}. Correct it in openclaw.json, or remove it to have one found.`,
      { param: "browser.executablePath" },
    );
  }
  for (const path of places.usual) {
    const found = plainly(path, path);
    if ((await whyNot(found, config.env)) === undefined) return found;
  }
  for (const path of places.downloaded()) {
    const found = plainly(path, "Playwright's download");
    if ((await whyNot(found, config.env)) === undefined) return found;
  }
  const { found: packaged, reason } = await lastResort(places, config);
  if (packaged) return packaged;
  throw new GatewayError(
    "service_unavailable",
    `There is no Chromium that starts here${reason ? ` (that of npm: ${reason})` : ""}. ${remedy(process.platform)}`,
  );
}

async function lastResort(
  places: Places,
  config: FinderConfig,
): Promise<{ found?: Found | undefined; reason?: string | undefined }> {
  try {
    const found = await places.packaged();
    const reason = found && (await whyNot(found, config.env));
    return reason === undefined ? { found } : { reason };
  } catch (error) {
    return {
      reason: error instanceof Error && "code" in error ? String(error.code) : "it cannot be unpacked",
    };
  }
}

/** What to do where there is none. */
function remedy(platform: NodeJS.Platform): string {
  const install =
    platform === "darwin"
      ? "Install Google Chrome"
      : platform === "linux"
        ? "Install one (Debian, Ubuntu: apt install chromium; Fedora: dnf install chromium)"
        : "Install Chromium or Google Chrome";
  return `${install}, or run "npx playwright install chromium", or name one in browser.executablePath.`;
}

function plainly(executablePath: string, origin: string): Found {
  return { executablePath, args: [], env: {}, origin };
}

/** Why it does not start, in words without a path; undefined when it does. */
export async function whyNot(
  { executablePath, args, env }: Pick<Found, "executablePath" | "args" | "env">,
  around: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  try {
    const { stdout } = await run(executablePath, [...args, ...asRoot(), "--version"], {
      env: { ...around, ...env },
      timeout: versionMs,
      killSignal: "SIGKILL",
      maxBuffer: 64 * 1024,
    });
    return /\d+\.\d+\.\d+/.test(stdout) ? undefined : "it does not tell its version";
  } catch (error) {
    // As node:child_process documents it: `code` of the system or of the exit, `killed` after the time-out.
    const { code, killed, stderr } = error as { code?: string | number; killed?: boolean; stderr?: string };
    if (killed) return `it did not tell its version within ${versionMs / 1_000} s`;
    if (code === "ENOENT") return "there is no such file";
    if (code === "EACCES") return "it may not be executed";
    const said = withoutPaths(stderr ?? "");
    return `it ended with ${plain(String(code), 40)}${said && `, saying "${said}"`}`;
  }
}

/** Foreign words for a sentence of ours: where things lie here is nobody's business. */
export function withoutPaths(text: string): string {
  return plain(text.replace(/(?:file:\/\/)?(?<![\w:/])\/[^\s"':,)]+/g, "…"), 200).replaceAll('"', "'");
}

/** Chromium does not start as root with its sandbox. */
export function asRoot(): string[] {
  return process.getuid?.() === 0 ? ["--no-sandbox"] : [];
}
