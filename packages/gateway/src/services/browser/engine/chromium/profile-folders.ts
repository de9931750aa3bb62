import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { browserProfile } from "openclaw-protocol";
import { GatewayError } from "../../../../lib/errors.ts";
import type { EngineConfig } from "../base/types.ts";

/** The profile that keeps nothing: each owner has a context of its own in it. */
export const incognito = "incognito";

/** Most profiles with a folder. */
const mostProfiles = 64;

/** What the configuration says of a profile; a name like `constructor` is one, too. */
export function configOf(
  { profiles }: Pick<EngineConfig, "profiles">,
  name: string,
): EngineConfig["profiles"][string] | undefined {
  return Object.hasOwn(profiles, name) ? profiles[name] : undefined;
}

/** What incognito needs on the disk while it runs. */
export function incognitoFolder(folder: string): string {
  return join(folder, "incognito");
}

function profilesFolder(folder: string): string {
  return join(folder, "profiles");
}

/** Where a profile keeps what it keeps: Chromium's user data. Throws `invalid_request` for what is no name. */
export function profileFolder(folder: string, name: string): string {
  const path = join(profilesFolder(folder), browserProfile.safeParse(name).data ?? "");
  if (dirname(path) === profilesFolder(folder)) return path;
  throw new GatewayError(
    "invalid_request",
    "The profile's name must be 1–64 of a–z, 0–9, - and _, with a letter or digit first.",
    { param: "profile" },
  );
}

/** What we know of a profile ourselves: beside its folder, so that resetting it does not forget its colour. */
export function profileFacts(folder: string, name: string): string {
  return `${profileFolder(folder, name)}.json`;
}

/** The profiles that have a folder, by name. */
export async function foundProfiles(folder: string): Promise<string[]> {
  const found = await readdir(profilesFolder(folder), { withFileTypes: true }).catch(() => []);
  return found
    .filter((it) => it.isDirectory() && it.name !== incognito && browserProfile.safeParse(it.name).success)
    .map((it) => it.name)
    .sort();
}

/** Makes a profile's folder where it is not there. Throws `conflict` where there are too many. */
export async function makeProfileFolder(folder: string, name: string): Promise<string> {
  const path = profileFolder(folder, name);
  const found = await foundProfiles(folder);
  if (!found.includes(name) && found.length >= mostProfiles) {
    throw new GatewayError(
      "conflict",
      `There are ${mostProfiles} browser profiles already, and no more are kept. Delete one first.`,
      { param: "profile" },
    );
  }
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** Deletes what a profile has kept. Its browser must not run. */
export async function removeProfileFolder(folder: string, name: string): Promise<void> {
  await rm(profileFolder(folder, name), { recursive: true, force: true, maxRetries: 5 });
}
