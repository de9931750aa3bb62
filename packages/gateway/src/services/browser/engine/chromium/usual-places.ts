import { existsSync, globSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

const onLinux = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
  "/usr/lib/chromium/chromium",
  "/usr/lib64/chromium-browser/chromium-browser",
  "/snap/bin/chromium",
  "/var/lib/flatpak/exports/bin/org.chromium.Chromium",
  "/var/lib/flatpak/exports/bin/com.google.Chrome",
];

const onMac = ["Google Chrome", "Chromium", "Google Chrome Canary"].map(
  (name) => `Applications/${name}.app/Contents/MacOS/${name}`,
);

/** Where systems put a Chromium, as far as something is there. */
export function usualPlaces(platform: NodeJS.Platform = process.platform): string[] {
  const places =
    platform === "darwin"
      ? [...onMac.map((it) => `/${it}`), ...onMac.map((it) => join(home(), it))]
      : onLinux;
  return places.filter((place) => existsSync(place));
}

/** What Playwright puts into its cache: https://playwright.dev/docs/browsers#managing-browser-binaries */
const inCache = [
  "chromium-*/chrome-linux*/chrome",
  "chromium-*/chrome-mac*/*.app/Contents/MacOS/{Chromium,Google Chrome for Testing}",
  "chromium_headless_shell-*/chrome-*/{headless_shell,chrome-headless-shell}",
];

/** The Chromiums in Playwright's cache, the newest first; of one build, the whole one before that without windows. */
export function downloadedPlaces(env: Readonly<Record<string, string>>): string[] {
  const usual = process.platform === "darwin" ? "Library/Caches/ms-playwright" : ".cache/ms-playwright";
  const told = env.PLAYWRIGHT_BROWSERS_PATH;
  const cwd = told !== undefined && told !== "" && told !== "0" ? told : join(home(), usual);
  const build = (path: string) => Number(/-(\d+)/.exec(path)?.[1]);
  return inCache
    .flatMap((pattern) => globSync(pattern, { cwd }))
    .sort((a, b) => build(b) - build(a))
    .map((path) => join(cwd, path));
}

/** The user's own, whatever HOME says. */
function home(): string {
  try {
    return userInfo().homedir;
  } catch {
    return "/"; // a user without an entry, as in some containers
  }
}
