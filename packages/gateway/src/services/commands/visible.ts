import { lstat, realpath } from "node:fs/promises";
import { isAbsolute, join, sep } from "node:path";
import { GatewayError } from "../../lib/errors.ts";

/** What a sandbox sees beside the system's programs, in the order in which it is laid over each other. */
export type Layer =
  | { readonly kind: "read" | "write"; readonly path: string }
  /** An empty folder in place of what is there. */
  | { readonly kind: "hide"; readonly path: string }
  /** Nothing is there, and nothing may be made there. */
  | { readonly kind: "bar"; readonly path: string; readonly folder: boolean };

export interface Ground {
  /** Real. */
  readonly workspace: string;
  readonly readOnly: boolean;
  /** Of the config. */
  readonly allowedPaths: readonly string[];
  readonly stateDir: string;
  /** Files of the gateway that may lie elsewhere: its config, its database. */
  readonly ownFiles?: readonly string[] | undefined;
  readonly homeDir: string | undefined;
  /** The agent's own files are not to be changed. */
  readonly guest: boolean;
}

/** Folders with the system's programs, in every sandbox. */
export const systemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] as const;

/** What an agent is told of itself in every session. */
const identityFiles = ["AGENTS.md", "SOUL.md", "USER.md", "TOOLS.md", "MEMORY.md", "HEARTBEAT.md"];
const identityFolders = ["skills"];

/** Works out what a sandbox sees. The gateway's state is never in it; a workspace within the state is. */
export async function layersOf(ground: Ground): Promise<Layer[]> {
  const { workspace, readOnly, guest } = ground;
  const state = await realpath(ground.stateDir).catch(() => ground.stateDir);
  if (state === workspace) {
    throw new GatewayError(
      "forbidden",
      "The workspace is the gateway's own state folder, which no command in the sandbox may see. Give the agent another workspace.",
    );
  }
  const shown: Layer[] = [{ kind: readOnly ? "read" : "write", path: workspace }];
  for (const written of ground.allowedPaths) {
    const expanded = ground.homeDir === undefined ? written : written.replace(/^~(?=$|\/)/, ground.homeDir);
    const path = isAbsolute(expanded) ? await realpath(expanded).catch(() => undefined) : undefined;
    if (path === undefined || lies(path, state) || path === workspace) continue;
    shown.push({ kind: "read", path });
  }
  const holdsState = [...systemFolders, ...shown.map((it) => it.path)].some((folder) => lies(state, folder));
  if (holdsState) shown.push({ kind: "hide", path: state });
  // What holds another thing comes before it.
  shown.sort((one, other) => one.path.length - other.path.length);
  for (const written of ground.ownFiles ?? []) {
    const path = await realpath(written).catch(() => undefined);
    if (path === undefined || lies(path, state) || !shown.some((it) => lies(path, it.path))) continue;
    shown.push({ kind: "bar", path, folder: false });
  }
  return guest && !readOnly ? [...shown, ...(await protection(workspace))] : shown;
}

/** A guest's command may change the workspace, but not what the agent is told of itself. */
async function protection(workspace: string): Promise<Layer[]> {
  const layers: Layer[] = [];
  for (const name of [...identityFiles, ...identityFolders]) {
    const path = join(workspace, name);
    const stats = await lstat(path).catch(() => undefined);
    if (stats?.isSymbolicLink()) {
      // A link itself cannot be held in its place: it would be replaced.
      throw new GatewayError(
        "forbidden",
        `${name} of the workspace is a link, so it cannot be kept from change by this command. Its owner has to put a real file there.`,
      );
    }
    if (stats) layers.push({ kind: "read", path });
    else layers.push({ kind: "bar", path, folder: identityFolders.includes(name) });
  }
  return layers;
}

/** Whether a path is a folder or lies in it. */
export function lies(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
