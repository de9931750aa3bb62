import type { EngineConfig } from "../base/types.ts";
import { type Found, findChromium } from "./executable.ts";
import type { EngineLog } from "./local-chrome.ts";

/** The Chromium to start, looked for at the first need. */
export interface Finder {
  /** Throws as `findChromium`; after a failure it is looked for again. */
  find(): Promise<Found>;
  /** It may have been taken away or replaced. */
  forget(): void;
  /** Where it comes from; null before it was found. */
  origin(): string | null;
}

export function createFinder(config: EngineConfig, log: EngineLog): Finder {
  let finding: Promise<Found> | undefined;
  let origin: string | null = null;

  async function look(): Promise<Found> {
    try {
      const found = await findChromium(config);
      origin = found.origin;
      log("info", { origin }, "a Chromium was found");
      return found;
    } catch (error) {
      finding = undefined;
      throw error;
    }
  }

  return {
    find() {
      finding ??= look();
      return finding;
    },
    forget() {
      finding = undefined;
    },
    origin: () => origin,
  };
}
