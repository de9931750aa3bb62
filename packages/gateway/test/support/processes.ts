import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Whether a process still runs; one that has ended and waits only to be noticed does not. */
export async function isRunning(pid: number): Promise<boolean> {
  const state = await run("ps", ["-o", "stat=", "-p", String(pid)]).catch(() => undefined); // status 1: there is none
  return state !== undefined && !state.stdout.startsWith("Z");
}
