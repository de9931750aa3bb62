import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Whether a process still runs; one that has ended and waits only to be noticed does not. */
export async function isRunning(pid: number): Promise<boolean> {
  const state = await run("ps", ["-o", "stat=", "-p", String(pid)]).catch(() => undefined); // status 1: there is none
  return state !== undefined && !state.stdout.startsWith("Z");
}

export interface RunningProcess {
  pid: number;
  command: string;
}

/** Every process below another one. */
export async function descendantsOf(pid: number): Promise<RunningProcess[]> {
  const { stdout } = await run("ps", ["-eo", "pid=,ppid=,stat=,args="], { maxBuffer: 16 * 1024 * 1024 });
  const all = stdout.split("\n").flatMap((line) => {
    const [, id, parent, stat, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return stat === undefined || stat.startsWith("Z")
      ? []
      : [{ pid: Number(id), parent: Number(parent), command: command ?? "" }];
  });
  const found: RunningProcess[] = [];
  for (let parents = [pid]; parents.length > 0; ) {
    const below = all.filter((it) => parents.includes(it.parent));
    found.push(...below);
    parents = below.map((it) => it.pid);
  }
  return found;
}
