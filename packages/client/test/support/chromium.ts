import { tmpdir } from "node:os";
import { join } from "node:path";
import * as finder from "../../../gateway/src/services/browser/engine/chromium/executable.ts";

/** A Chromium that has started here at least once, and what it has to be started with. */
export interface Chromium {
  executablePath: string;
  args: string[];
  /** To be laid over the environment. */
  env: Record<string, string>;
}

/**
 * The Chromium for tests: `CHROMIUM_PATH`, else the one that the gateway finds. Where there is none, the answer is the
 * reason, for `t.skip`.
 */
export async function findChromium(): Promise<Chromium | string> {
  const told = process.env.CHROMIUM_PATH || undefined;
  try {
    return forTests(await finder.findChromium(config(told)));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return told === undefined
      ? `${reason} Or set CHROMIUM_PATH.`
      : `CHROMIUM_PATH: ${told} does not start: ${reason}`;
  }
}

/** The Chromium that npm brings, started once. Throws the reason where there is none. */
export async function packagedChromium(): Promise<Chromium> {
  const found = await finder.placesOf(config(undefined)).packaged();
  if (!found) throw new Error("@sparticuz/chromium is not installed or not made for this machine");
  const reason = await finder.whyNot(found, environment());
  if (reason !== undefined) throw new Error(`the Chromium of npm does not start: ${reason}`);
  return forTests(found);
}

function config(executablePath: string | undefined) {
  return { executablePath, env: environment(), folder: join(tmpdir(), "openclaw-test-chromium") };
}

/** Chromium refuses to start as root with its sandbox. */
function forTests({ executablePath, args, env }: finder.Found): Chromium {
  return { executablePath, args: [...args, ...finder.asRoot()], env: { ...env } };
}

function environment(): Record<string, string> {
  const all = Object.entries(process.env).filter(([, value]) => value !== undefined);
  return Object.fromEntries(all) as Record<string, string>; // those without a value were left out
}
