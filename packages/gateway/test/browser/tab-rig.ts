import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { findChromium } from "../../../client/test/support/chromium.ts";
import { GatewayError } from "../../src/lib/errors.ts";
import type { Doing } from "../../src/services/browser/engine/base/parts.ts";
import type { Tab } from "../../src/services/browser/engine/base/tab.ts";
import type { DownloadedFile, Navigated } from "../../src/services/browser/engine/base/types.ts";
import { withinDeadline } from "../../src/services/browser/engine/tabs/deadline.ts";
import {
  createNavigation,
  type NavigationOptions,
} from "../../src/services/browser/engine/tabs/navigation.ts";
import { createTabs } from "../../src/services/browser/engine/tabs/tabs.ts";
import { createSite, type Site } from "./site.ts";

/** A real Chromium with the registry of tabs over it, and a site of the test's. */
export interface TabRig {
  readonly site: Site;
  readonly context: BrowserContext;
  readonly tabs: ReturnType<typeof createTabs>;
  readonly navigation: ReturnType<typeof createNavigation>;
  readonly folder: string;
  /** Files that came down without anybody waiting. */
  readonly downloaded: DownloadedFile[];
  /** A new tab of an owner. */
  tab(owner?: string): Promise<Tab>;
  /** As the engine does it: alone on the tab, to an end in any case. */
  act<T>(tab: Tab, ms: number, work: (doing: Doing) => Promise<T>, signal?: AbortSignal): Promise<T>;
  open(tab: Tab, path: string, ms?: number): Promise<Navigated>;
  close(): Promise<void>;
}

export interface TabRigOptions {
  maxTabs?: number;
  downloadMaxBytes?: number;
  guard?: Partial<NavigationOptions["guard"]>;
  args?: string[];
  /** What a page may take to respond, where tests wait for that it does not, ms. */
  patienceMs?: number;
}

/** Where there is no Chromium, the answer is the reason, for `t.skip`. */
export async function startTabRig(options: TabRigOptions = {}): Promise<TabRig | string> {
  const found = await findChromium();
  if (typeof found === "string") return found;
  const site = await createSite();
  const folder = await mkdtemp(join(tmpdir(), "tabs-"));
  const browser = await chromium.launch({
    executablePath: found.executablePath,
    args: [...found.args, ...(options.args ?? [])],
    // Chromium's own bounds for histories and pop-ups without end stay in force.
    ignoreDefaultArgs: ["--disable-ipc-flooding-protection", "--disable-popup-blocking"],
    env: { ...process.env, ...found.env } as Record<string, string>,
    downloadsPath: join(folder, "downloads"),
  });
  const context = await browser.newContext();
  const downloaded: DownloadedFile[] = [];
  const { maxTabs = 8, downloadMaxBytes = 1_000_000 } = options;
  const tabs = createTabs({
    config: { headless: true, maxTabs, downloadMaxBytes, folder, profiles: {} },
    now: Date.now,
    onDownload: (_tab, file) => void downloaded.push(file),
  });
  const lease = { context, profile: "default", gone: new Promise<string>(() => {}) };
  tabs.adopt(lease, "api");
  const guard = {
    judge: () => {},
    refusal: () => undefined,
    failure: () => undefined,
    isRefusal: () => false,
    isFailure: () => false,
    ...options.guard,
  };
  const navigation = createNavigation({ guard, tabs });
  const rig: TabRig = {
    site,
    context,
    tabs,
    navigation,
    folder,
    downloaded,
    tab: (owner = "api") => tabs.create(lease, { owner }),
    act(tab, ms, work, signal = new AbortController().signal) {
      return tab.exclusive(() => {
        const doing = { signal, deadline: Date.now() + ms };
        return withinDeadline(tab, "The work", doing, () => work(doing), tabs, options.patienceMs);
      }, signal);
    },
    open: (tab, path, ms = 10_000) =>
      rig.act(tab, ms, (doing) => navigation.open(tab, new URL(path, site.url).href, {}, doing)),
    async close() {
      await browser.close();
      await site.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return rig;
}

/** For `assert.rejects`: a `GatewayError` of that code that says that. */
export function failsWith(code: string, says: RegExp, param?: string): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof GatewayError)) throw error;
    if (error.code !== code || !says.test(error.message) || (param !== undefined && error.param !== param)) {
      throw new Error(`unexpected: ${error.code} (${error.param}): ${error.message}`, { cause: error });
    }
    return true;
  };
}
