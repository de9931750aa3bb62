import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { noteRunning, type RunningNote } from "../../src/services/browser/engine/chromium/running-notes.ts";
import { reapLeftovers } from "../../src/services/browser/leftovers.ts";
import { isRunning } from "../support/processes.ts";

describe("browsers that a killed gateway has left", () => {
  let folder: string;
  let started: ChildProcess[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "openclaw-leftovers-"));
    started = [];
  });
  afterEach(async () => {
    for (const child of started) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  /** A process with a group of its own, as a browser has. */
  async function stranger(): Promise<number> {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      detached: true,
      stdio: "ignore",
    });
    started.push(child);
    await once(child, "spawn");
    return child.pid!;
  }
  const note = (pid: number, it: RunningNote) =>
    writeFile(join(folder, "running", `${pid}.json`), JSON.stringify(it));

  it("are ended with the note on them", async () => {
    const pid = await stranger();
    const noted = await noteRunning(folder, { pid, profile: "default" });
    // Its gateway has ended, and another program has its pid.
    await note(pid, { ...noted!, gateway: { pid: process.ppid, started: "long ago" } });
    const ended = once(started[0]!, "exit");
    assert.equal(await reapLeftovers(folder), 1);
    assert.deepEqual(await ended, [null, "SIGKILL"]);
    assert.deepEqual(await readdir(join(folder, "running")), []);
  });

  it("are not confused with a process that has got the pid since", async () => {
    const pid = await stranger();
    const noted = await noteRunning(folder, { pid, profile: "default" });
    await note(pid, { ...noted!, started: "an earlier process of that pid" });
    assert.equal(await reapLeftovers(folder), 0);
    assert.equal(await isRunning(pid), true);
    assert.deepEqual(await readdir(join(folder, "running")), []);
  });

  it("are not those of a gateway that still runs", async () => {
    const [pid, gateway] = [await stranger(), await stranger()];
    const noted = await noteRunning(folder, { pid, profile: "default" });
    const other = await noteRunning(folder, { pid: gateway, profile: "x" });
    await rm(join(folder, "running", `${gateway}.json`));
    await note(pid, { ...noted!, gateway: { pid: gateway, started: other!.started } });
    assert.equal(await reapLeftovers(folder), 0);
    assert.equal(await isRunning(pid), true);
    assert.deepEqual(await readdir(join(folder, "running")), [`${pid}.json`]);
  });

  it("may have left notes that say nothing, or dangerous things", async () => {
    await mkdir(join(folder, "running"));
    const it = { started: "", profile: "x", gateway: { pid: 2, started: "" } };
    await writeFile(join(folder, "running", "1.json"), JSON.stringify({ ...it, pid: 1 }));
    await writeFile(join(folder, "running", "-1.json"), JSON.stringify({ ...it, pid: -1 }));
    await writeFile(join(folder, "running", "7.json"), "{");
    await writeFile(join(folder, "running", "8.json.draft"), "");
    await note(9, { ...it, pid: process.pid, started: "x" });
    assert.equal(await reapLeftovers(folder), 0);
    assert.deepEqual(await readdir(join(folder, "running")), []);
  });

  it("may not be there at all", async () => {
    assert.equal(await reapLeftovers(folder), 0);
  });
});
