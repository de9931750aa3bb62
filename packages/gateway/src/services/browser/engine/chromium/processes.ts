import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** A process that runs, so that it can be told from a later one with the same pid. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** When it was started, as the system says it: equal for the same process only. */
  readonly started: string;
}

const run = promisify(execFile);
/** Longest time for asking `ps`, ms. */
const psMs = 2_000;

/** What the system knows of a process; undefined where there is none, or none any more but its entry. */
export async function processFacts(pid: number): Promise<ProcessFacts | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  try {
    return process.platform === "linux" ? await fromProc(pid) : await fromPs(pid);
  } catch {
    return undefined;
  }
}

/** Linux: proc(5), /proc/pid/stat: after the name in brackets stand state, parent, group …; its start is field 22. */
async function fromProc(pid: number): Promise<ProcessFacts | undefined> {
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => ""),
  ]);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  const ticks = fields[22 - 3];
  if (ticks === undefined || state === "Z" || state === "X") return undefined;
  return { pid, parent: Number(parent), group: Number(group), started: `${boot.trim()}:${ticks}` };
}

/** Others, macOS among them: ps(1). */
async function fromPs(pid: number): Promise<ProcessFacts | undefined> {
  const args = ["-ww", "-o", "stat=,ppid=,pgid=,lstart=,command=", "-p", String(pid)];
  const { stdout } = await run("ps", args, { timeout: psMs, env: { PATH: "/bin:/usr/bin", LC_ALL: "C" } });
  const [, state, parent, group, started] = /^\s*(\S+)\s+(\d+)\s+(\d+)\s+(.+)$/.exec(stdout.trim()) ?? [];
  if (started === undefined || state?.startsWith("Z")) return undefined;
  return { pid, parent: Number(parent), group: Number(group), started };
}

/** Whether a process descends from this one. */
export async function isOurs(pid: number): Promise<boolean> {
  let at: number | undefined = pid;
  for (let step = 0; step < 8 && at !== undefined; step++) {
    if (at === process.pid) return true;
    at = (await processFacts(at))?.parent;
  }
  return false;
}

/** A process's command line, its parts divided by blanks; empty where it is not told. */
export async function commandOf(pid: number): Promise<string> {
  try {
    if (process.platform === "linux") {
      return (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
    }
    return (await run("ps", ["-ww", "-o", "command=", "-p", String(pid)], { timeout: psMs })).stdout;
  } catch {
    return "";
  }
}

/** SIGKILL to a process and its group, where that is not ours. What has ended meanwhile is no error. */
function killTree({ pid, group }: ProcessFacts, ownGroup: number | undefined): void {
  if (group > 1 && group !== ownGroup) kill(-group);
  kill(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {} // it has ended, or is not ours to end
}

/** Ends the process if it is still the very same one; whether it was. */
export async function endSame(was: { pid: number; started: string }): Promise<boolean> {
  const [now, own] = await Promise.all([processFacts(was.pid), processFacts(process.pid)]);
  if (now?.started !== was.started || now.pid === process.pid) return false;
  killTree(now, own?.group);
  return true;
}
