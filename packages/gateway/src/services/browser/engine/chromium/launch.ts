import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, chromium, errors } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Guard } from "../base/parts.ts";
import type { EngineConfig } from "../base/types.ts";
import { type Found, withoutPaths } from "./executable.ts";

/** Longest time that Chromium may take to come up, ms. */
const launchMs = 30_000;

/** A port that Chromium itself refuses to call (https://fetch.spec.whatwg.org/#port-blocking): nothing leaves it. */
const nowhere = "http://127.0.0.1:9";

/**
 * Features that are off. Of several such switches Chromium takes the last, so these are Playwright's, too: what would break
 * control by DevTools or call out by itself. The last two are the address bar's lists, which nobody sees here, and which would
 * be a renderer of their own.
 */
const off = [
  ...["AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync"],
  ...["DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "PaintHolding"],
  ...["ThirdPartyStoragePartitioning", "LensOverlay", "MediaRouter", "OptimizationHints", "Translate"],
  ...["NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"],
  ...["WebUIOmniboxPopup", "WebUIOmniboxAimPopup"],
];

/**
 * Beside what Playwright passes (no background networking, component updates, metrics, sync, translation, first run):
 * UDP goes past a proxy, so there is none; and the two services that Chromium calls in spite of all that, its account
 * list and the component updater, are given addresses that lead nowhere.
 */
const args = [
  `--disable-features=${off.join(",")}`,
  "--disable-quic",
  "--webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
  `--gaia-url=${nowhere}`,
  `--component-updater=url-source=${nowhere}/`,
  "--no-pings",
  "--disable-domain-reliability",
  "--hide-crash-restore-bubble",
];

/**
 * What Playwright passes and we do not: Chromium itself stops pages that call the browser without end, and pop-ups that
 * nobody has clicked for.
 */
const notPassed = ["--disable-ipc-flooding-protection", "--disable-popup-blocking"];

/** What every context of ours is like. */
export const contextOptions = {
  acceptDownloads: true,
  permissions: [], // granted: none; what is not granted is denied
  serviceWorkers: "allow",
  viewport: { width: 1280, height: 720 },
} as const satisfies BrowserContextOptions;

type LaunchConfig = Pick<EngineConfig, "headless" | "noSandbox" | "env" | "folder">;

/** Whether Chromium is started without its sandbox: as root it does not start with one. */
export function withoutSandbox({ noSandbox }: Pick<EngineConfig, "noSandbox">): boolean {
  return noSandbox ?? process.getuid?.() === 0;
}

/**
 * Starts a Chromium on a folder of user data, everything that its pages request going through the guard, and controls it
 * by a pipe: it ends with whoever has started it. Throws `service_unavailable` with why it does not start.
 */
export async function launch(
  userData: string,
  { config, found, guard }: { config: LaunchConfig; found: Found; guard: Pick<Guard, "server"> },
): Promise<BrowserContext> {
  const sandboxed = !withoutSandbox(config);
  needsDisplay(config);
  await mkdir(join(config.folder, "downloads"), { recursive: true, mode: 0o700 });
  try {
    return await chromium.launchPersistentContext(userData, {
      ...contextOptions,
      executablePath: found.executablePath,
      args: [...args, ...found.args],
      ignoreDefaultArgs: notPassed,
      env: { ...config.env, ...found.env },
      headless: config.headless,
      chromiumSandbox: sandboxed,
      proxy: { server: guard.server, bypass: "<-loopback>" },
      downloadsPath: join(config.folder, "downloads"),
      artifactsDir: join(config.folder, "artifacts"), // else a folder in the temporary one, for each start
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      timeout: launchMs,
    });
  } catch (cause) {
    throw new GatewayError("service_unavailable", whyNotUp(cause, found, sandboxed), { cause });
  }
}

function whyNotUp(cause: unknown, { origin }: Found, sandboxed: boolean): string {
  const hint = sandboxed
    ? "If its sandbox cannot work here, as in many containers, set browser.noSandbox to true in openclaw.json."
    : "Start it by hand to see more, or name another one in browser.executablePath.";
  if (cause instanceof errors.TimeoutError) {
    return `Chromium (${origin}) was not up within ${launchMs / 1_000} s. Try again. ${hint}`;
  }
  return `Chromium (${origin}) does not start${saying(cause)}. ${hint}`;
}

/** What Chromium said before it ended, from where Playwright quotes it; it is quoted on, never decided by. */
function saying(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : "";
  const lines = message.split("\n").filter((line) => /\[err\]|sandbox|in use/i.test(line));
  const last = lines
    .at(-1)
    ?.replace(/^.*\[err\]\s*/, "")
    .replace(/^\[[^\]]*\]\s*/, "");
  return last ? `: "${withoutPaths(last)}"` : "";
}

function needsDisplay({ headless, env }: LaunchConfig): void {
  if (headless || process.platform !== "linux" || env.DISPLAY || env.WAYLAND_DISPLAY) return;
  throw new GatewayError(
    "service_unavailable",
    "browser.headless is false, but the gateway has no display to open a window on. Set it to true, or start the gateway where DISPLAY is set.",
    { param: "browser.headless" },
  );
}
