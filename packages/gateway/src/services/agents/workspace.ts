import { lstat, mkdir, realpath, writeFile } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { GatewayError } from "../../lib/errors.ts";
import type { FilePort } from "../../runtime/tools/ports.ts";
import type { Agent } from "./agents.ts";
import { templates } from "./templates.ts";

/** The folders that agents work in, made at first use. */
export interface Workspaces {
  /** Where the file tools of the agent may go. Throws `service_unavailable` where there can be no such folder. */
  filePortOf(agent: Pick<Agent, "id" | "workspace">): Promise<FilePort>;
}

/** Workspaces that are remembered as made. */
const rememberedAtMost = 500;

/** `closed`: what tools never touch, wherever a workspace lies: the state directory, the config file, the database. */
export function createWorkspaces({ closed }: { closed: readonly string[] }): Workspaces {
  const made = new Map<string, Promise<void>>();
  let ownPlaces: Promise<string[]> | undefined;

  function makeOnce(path: string): Promise<void> {
    let making = made.get(path);
    if (!making) {
      making = make(path);
      if (made.size >= rememberedAtMost) made.clear();
      made.set(path, making);
      making.catch(() => made.delete(path));
    }
    return making;
  }

  async function rootOf(path: string): Promise<string> {
    await makeOnce(path);
    try {
      return await realpath(path);
    } catch {
      made.delete(path); // taken away since
      await makeOnce(path);
      return realpath(path);
    }
  }

  return {
    async filePortOf(agent) {
      let root: string;
      try {
        root = await rootOf(agent.workspace);
      } catch (cause) {
        throw new GatewayError(
          "service_unavailable",
          `The workspace of the agent "${agent.id}" cannot be used. Check that its folder can be made and written to, or set another one: agents.list[].workspace.`,
          { cause },
        );
      }
      ownPlaces ??= Promise.all(closed.map(whereReally));
      const places = await ownPlaces;
      const below = root.endsWith(sep) ? root : root + sep; // the root of the disk ends with one already
      return { root, closed: places.filter((place) => place === root || place.startsWith(below)) };
    },
  };
}

/** Makes the folder, and the files that a new one begins with. What is there, or was deleted by hand, stays as it is. */
async function make(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const names = Object.keys(templates);
  const there = await Promise.all(names.map((name) => isThere(join(path, name))));
  if (there.includes(true)) return;
  for (const name of names) {
    // Never through a link, never over what has come meanwhile.
    await writeFile(join(path, name), templates[name]!, { mode: 0o600, flag: "wx" }).catch(unlessThere);
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** With the links on the way to it followed, whether or not it is there. */
async function whereReally(path: string): Promise<string> {
  return realpath(path)
    .catch(async () => join(await realpath(dirname(path)), basename(path)))
    .catch(() => path);
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}
