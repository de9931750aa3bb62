import { mkdir, readdir, readFile, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Limits } from "./limits.ts";

/** A control group of one command. */
export interface LimitGroup {
  /** Who writes itself into it belongs to it. */
  readonly file: string;
  /** Once all its processes are gone. */
  remove(): Promise<void>;
}

export interface LimitGroups {
  /** Makes one; undefined: this machine lets us have none. */
  make(limits: Limits): Promise<LimitGroup | undefined>;
}

export interface LimitGroupsDeps {
  /** Where control groups are mounted. */
  root?: string;
  /** The groups that this process is in, as in `/proc/self/cgroup`. */
  own?: () => Promise<string>;
  pid: number;
}

/**
 * Linux control groups (kernel documentation, admin-guide/cgroup-v2 and cgroup-v1/pids). They are made where the
 * gateway is root: the kernel does not hold root to the limit of processes that a shell can set. Elsewhere that
 * limit does, and groups could not be made anyway.
 */
export function createLimitGroups({
  root = "/sys/fs/cgroup",
  own = () => readFile("/proc/self/cgroup", "utf8"),
  pid,
}: LimitGroupsDeps): LimitGroups {
  let count = 0;
  let parent: Promise<string | undefined> | undefined;

  async function find(): Promise<string | undefined> {
    const text = await own().catch(() => "");
    const pathOf = (shape: RegExp) => shape.exec(text)?.[1];
    const first = pathOf(/^\d+:pids:(.*)$/m);
    const second = pathOf(/^0::(.*)$/m);
    // Of version 2 only a group without processes of its own can have limited ones below it: not the gateway's own.
    const folder =
      first !== undefined
        ? join(root, "pids", first)
        : second === undefined
          ? undefined
          : join(root, dirname(second));
    if (folder === undefined) return undefined;
    if (first === undefined) {
      const passedOn = await readFile(join(folder, "cgroup.subtree_control"), "utf8").catch(() => "");
      if (!passedOn.split(/\s+/).includes("pids")) return undefined;
    }
    await sweep(folder);
    return folder;
  }

  return {
    async make({ memoryBytes, cpus, processes }) {
      parent ??= find();
      const above = await parent;
      if (above === undefined) return undefined;
      const folder = join(above, `openclaw-${pid}-${++count}`);
      try {
        await mkdir(folder);
      } catch {
        return undefined; // mounted read-only, as in most containers
      }
      const set = (name: string, value: string) => writeFile(join(folder, name), value);
      try {
        await set("pids.max", String(processes));
        // Version 2 has these in the same place, where they are passed on.
        if (await exists(join(folder, "memory.max"))) await set("memory.max", String(memoryBytes));
        if (await exists(join(folder, "cpu.max")))
          await set("cpu.max", `${Math.ceil(cpus * 100_000)} 100000`);
      } catch {
        await remove(folder);
        return undefined;
      }
      return { file: join(folder, "cgroup.procs"), remove: () => remove(folder) };
    },
  };
}

const removeTries = 40;

/** Those that are being killed take a moment to be gone. */
async function remove(folder: string): Promise<void> {
  for (let tries = 0; tries < removeTries; tries++) {
    try {
      return await rmdir(folder);
    } catch {
      await wait(25);
    }
  }
}

/** Removes what gateways left that were killed. One that is in use cannot be removed. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid] = /^openclaw-(\d+)-\d+$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) await rmdir(join(folder, name)).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH"; // what kill() throws has a code
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
