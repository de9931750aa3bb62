import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { GatewayError } from "../../../../lib/errors.ts";
import type { EngineConfig, ProfileView } from "../base/types.ts";
import {
  configOf,
  foundProfiles,
  incognito,
  makeProfileFolder,
  profileFacts,
  profileFolder,
  removeProfileFolder,
} from "./profile-folders.ts";
import { writeWhole } from "./write-whole.ts";

/** A profile without what only a running engine can tell. */
export type ProfileAtRest = Omit<ProfileView, "running" | "tabs">;

/**
 * The profiles: `default`, `incognito`, those in the configuration, and those that have a folder, be it made by `create` or
 * by the first page that was opened in one. Their browsers are another's: whoever resets or deletes one has stopped it.
 */
export interface Profiles {
  list(): Promise<ProfileAtRest[]>;
  /** Where a profile's browser keeps what it keeps; made where it is not there. Throws `conflict` beyond 64. */
  folder(name: string): Promise<string>;
  /** Throws `conflict` where there is one of that name, or too many. */
  create(name: string, color?: string): Promise<ProfileAtRest>;
  /** Throws `not_found` where there is none, `invalid_request` where its browser is not ours. */
  require(name: string): Promise<void>;
  /** As `require`, and throws `invalid_request` for those that cannot be deleted. */
  requireDeletable(name: string): Promise<void>;
  /** Deletes what it has kept; its name and its colour stay. */
  reset(name: string): Promise<ProfileAtRest>;
  delete(name: string): Promise<void>;
}

export function createProfiles({
  config,
}: {
  config: Pick<EngineConfig, "folder" | "profiles" | "defaultProfile">;
}): Profiles {
  const { folder } = config;

  async function names(): Promise<string[]> {
    const own = ["default", config.defaultProfile, ...Object.keys(config.profiles)];
    const all = new Set([...own, ...(await foundProfiles(folder))]);
    all.delete(incognito);
    return [...all, incognito];
  }

  async function view(name: string): Promise<ProfileAtRest> {
    const told = configOf(config, name);
    return {
      name,
      color: told?.color ?? (await colorOf(name)),
      persistent: name !== incognito,
      remote: told?.cdpUrl !== undefined && name !== incognito,
    };
  }

  async function colorOf(name: string): Promise<string | null> {
    try {
      const facts: unknown = JSON.parse(await readFile(profileFacts(folder, name), "utf8"));
      const color = (facts as { color?: unknown } | null)?.color; // whatever it is, it is looked at
      return typeof color === "string" && /^#[0-9a-f]{6}$/i.test(color) ? color : null;
    } catch {
      return null; // there is none, or a name in the configuration that is none for a folder
    }
  }

  async function require(name: string): Promise<void> {
    if (!(await names()).includes(name)) {
      throw new GatewayError("not_found", "There is no browser profile of that name. See browser.profiles.", {
        param: "profile",
      });
    }
    if ((await view(name)).remote) {
      throw wrong(`The browser of "${name}" is not ours (it has a cdpUrl), and neither is what it keeps.`);
    }
  }

  return {
    list: async () => Promise.all((await names()).map(view)),

    folder: (name) => makeProfileFolder(folder, name),

    async create(name, color) {
      profileFolder(folder, name);
      if ((await names()).includes(name)) {
        throw new GatewayError("conflict", `There is a browser profile "${name}" already.`, {
          param: "profile",
        });
      }
      await makeProfileFolder(folder, name);
      if (color === undefined) await rm(profileFacts(folder, name), { force: true });
      else await writeWhole(profileFacts(folder, name), JSON.stringify({ color }));
      return view(name);
    },

    require,

    async requireDeletable(name) {
      if (name === "default" || name === incognito) {
        throw wrong(`The profile "${name}" is always there. To forget what it has kept, reset it.`);
      }
      if (configOf(config, name) || name === config.defaultProfile) {
        throw wrong(`The profile "${name}" is in openclaw.json. Remove it there, or reset it.`);
      }
      await require(name);
    },

    async reset(name) {
      if (name === incognito) return view(name); // it keeps nothing
      await removeProfileFolder(folder, name);
      // One that is there for its folder only is still there.
      if (!(await names()).includes(name)) await makeProfileFolder(folder, name);
      return view(name);
    },

    async delete(name) {
      if (!existsSync(profileFolder(folder, name))) return;
      await removeProfileFolder(folder, name);
      await rm(profileFacts(folder, name), { force: true });
    },
  };
}

function wrong(message: string): GatewayError {
  return new GatewayError("invalid_request", message, { param: "profile" });
}
