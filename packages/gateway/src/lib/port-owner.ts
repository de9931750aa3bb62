import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";

/** A process that listens on a port. */
export interface PortOwner {
  pid: number;
  /** Its program's name, where the system tells it. */
  command?: string;
}

/**
 * Who listens on a TCP port of this machine; undefined when nobody does or the system does not say (another user's
 * process, say). Never throws.
 */
export async function portOwner(port: number): Promise<PortOwner | undefined> {
  try {
    return process.platform === "linux" ? await fromProc(port) : await fromLsof(port);
  } catch {
    return undefined;
  }
}

/** Linux: the listening socket's inode (proc(5), /proc/net/tcp), then the process that holds it open. */
async function fromProc(port: number): Promise<PortOwner | undefined> {
  const sockets = new Set(await listeningSockets(port));
  if (sockets.size === 0) return undefined;
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid) || !(await holds(pid, sockets))) continue;
    const command = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
    return { pid: Number(pid), ...(command && { command }) };
  }
  return undefined;
}

async function listeningSockets(port: number): Promise<string[]> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const listening = "0A";
  return tables
    .flatMap((table) => table.split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === listening)
    .map((columns) => `socket:[${columns[9]}]`);
}

async function holds(pid: string, sockets: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  for (const fd of await readdir(folder).catch(() => [])) {
    if (sockets.has(await readlink(`${folder}/${fd}`).catch(() => ""))) return true;
  }
  return false;
}

async function fromLsof(port: number): Promise<PortOwner | undefined> {
  const args = ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"];
  const { stdout } = await promisify(execFile)("lsof", args, { timeout: 1000 });
  const pid = Number(/^p(\d+)$/m.exec(stdout)?.[1]);
  const command = /^c(.+)$/m.exec(stdout)?.[1];
  return pid > 0 ? { pid, ...(command && { command }) } : undefined;
}
