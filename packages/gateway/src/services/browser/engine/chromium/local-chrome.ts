import { mkdir, rm } from "node:fs/promises";
import type { Browser, BrowserContext, CDPSession } from "playwright-core";
import { bounded } from "../base/bounded.ts";
import type { Guard } from "../base/parts.ts";
import type { EngineConfig } from "../base/types.ts";
import type { Chrome } from "./chrome.ts";
import { createCookieKeeper } from "./cookies.ts";
import type { Found } from "./executable.ts";
import { contextOptions, launch } from "./launch.ts";
import { createMemoryMeter } from "./memory.ts";
import { endSame, isOurs } from "./processes.ts";
import { incognito, incognitoFolder } from "./profile-folders.ts";
import { takeProfile } from "./profile-lock.ts";
import type { Profiles } from "./profiles.ts";
import { dropNote, noteRunning, type RunningNote } from "./running-notes.ts";

export interface StartDeps {
  config: EngineConfig;
  guard: Guard;
  profiles: Pick<Profiles, "folder">;
  log: EngineLog;
  now(): number;
}

export type EngineLog = (
  level: "info" | "warn" | "error",
  facts: Record<string, unknown>,
  text: string,
) => void;

/** How long a browser may take to end in order, ms; and to be gone after it was killed. */
const endMs = 4_000;
const killedMs = 1_000;

/** Starts the Chromium of a profile. Throws `service_unavailable` or `conflict` with why it cannot be. */
export async function startLocal(profile: string, found: Found, deps: StartDeps): Promise<Chrome> {
  const { config, log, now } = deps;
  const isShared = profile === incognito;
  const userData = isShared ? incognitoFolder(config.folder) : await deps.profiles.folder(profile);
  await takeProfile({ folder: config.folder, profile, userData });
  if (isShared) {
    await forget(userData);
    await mkdir(userData, { recursive: true, mode: 0o700 });
  }
  const context = await launch(userData, { config, found, guard: deps.guard });
  const browser = context.browser()!; // there is one in a persistent context of Chromium
  const gone = whenGone(browser, context);
  let note: RunningNote | undefined;
  const over = gone.promise.then(async () => {
    if (note) {
      await endSame(note); // whatever is left of one that has let go of us
      await dropNote(config.folder, note.pid).catch(() => undefined);
    }
    if (isShared) await forget(userData).catch(() => undefined);
  });
  try {
    const session = await browser.newBrowserCDPSession();
    note = await noted(session, config.folder, profile);
    const cookies = createCookieKeeper({
      context,
      folder: userData,
      now,
      onTrouble: (error) =>
        log("warn", { profile, error: String(error) }, "a profile's cookies could not be noted"),
    });
    if (!isShared) {
      const refused = await cookies.restore();
      if (refused > 0) log("warn", { profile, refused }, "cookies of a profile were not taken back");
    } else if (config.headless) {
      // Its own page is nobody's. With windows, the last one takes the browser along.
      await Promise.all(context.pages().map((page) => page.close()));
    }
    return {
      version: browser.version(),
      startedAt: now(),
      gone: gone.promise,
      over,
      isShared,
      context: async () => (isShared ? browser.newContext(contextOptions) : context),
      remember: async () => (isShared ? undefined : cookies.remember()),
      memory: createMemoryMeter(session, now),
      async stop(why) {
        gone.because(why);
        if (!isShared && browser.isConnected()) await cookies.close();
        await end(context, gone, note);
        await over;
      },
    };
  } catch (error) {
    gone.because("It failed at its start.");
    await end(context, gone, note);
    await over;
    throw error;
  }
}

/** When a browser is no more, and why. */
interface Gone {
  readonly promise: Promise<string>;
  /** Why it is about to end. */
  because(why: string): void;
  settle(): void;
}

function whenGone(browser: Browser, context: BrowserContext): Gone {
  const { promise, resolve } = Promise.withResolvers<string>();
  let why = "The browser has crashed or was killed.";
  const settle = () => resolve(why);
  browser.once("disconnected", settle);
  context.once("close", settle);
  return {
    promise,
    because(reason) {
      why = reason;
    },
    settle,
  };
}

/** Ends a browser in order, else by force. */
async function end(context: BrowserContext, gone: Gone, note: RunningNote | undefined): Promise<void> {
  await bounded(context.close(), endMs).catch(() => undefined);
  if (note) await endSame(note);
  await bounded(gone.promise, killedMs).catch(() => undefined);
  gone.settle();
}

/** The browser's own process, where it is one that we see as it sees itself: in some packages it has a world of pids of its own. */
async function noted(session: CDPSession, folder: string, profile: string): Promise<RunningNote | undefined> {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const pid = processInfo.find(({ type }) => type === "browser")?.id;
  if (pid === undefined || !(await isOurs(pid))) return undefined;
  return noteRunning(folder, { pid, profile });
}

async function forget(userData: string): Promise<void> {
  await rm(userData, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
