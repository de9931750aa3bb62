import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { configSchema } from "openclaw-protocol";
import { createLimitGroups } from "../../src/services/commands/limit-groups.ts";
import { limited, limitsOf } from "../../src/services/commands/limits.ts";

const config = configSchema.parse({}).tools.codeExecution;

test("limits are read from the config in its units", () => {
  const sandbox = { ...config.sandbox, memoryLimit: "2G", cpuLimit: "0.5", timeout: 1_000 };
  const limits = limitsOf({ ...config, sandbox });
  assert.deepEqual(limits, { memoryBytes: 2 * 1_024 ** 3, cpus: 0.5, processes: 256, timeoutMs: 1_000 });
  assert.equal(limitsOf({ ...config, sandbox: { ...sandbox, memoryLimit: "1000" } }).memoryBytes, 1_000);
});

test("a limited command has its limits and gets its words as they are", {
  skip: process.platform !== "linux",
}, () => {
  const show = "grep -E 'data size|cpu time|core file|processes' /proc/self/limits; printf '[%s]' \"$@\"";
  const run = (kernel?: string) => {
    const [program, ...args] = limited(
      ["/bin/sh", "-c", show, "sh", "$(id)", "a b", ""],
      limitsOf(config),
      kernel,
    );
    return execFileSync(program!, args, { encoding: "utf8" });
  };
  const shown = run("6.1.0");
  assert.match(shown, /data size +536870912 +536870912/);
  assert.match(shown, /cpu time +30 +30/);
  assert.match(shown, /core file size +0 +0/);
  assert.match(shown, /processes +256 +256/);
  assert.match(shown, /\[\$\(id\)\]\[a b\]\[\]$/);
  // An older kernel counts all processes of the user, so that the limit would hit others.
  assert.doesNotMatch(run("5.10.0-30-amd64"), /processes +256/);
});

test("a control group of version 2 is made beside the gateway's own, where its parent passes limits on", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "openclaw-groups-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const slice = join(root, "system.slice");
  const left = join(slice, "openclaw-999999999-1"); // no process has that id
  mkdirSync(left, { recursive: true });
  const groups = () =>
    createLimitGroups({ root, own: async () => "0::/system.slice/openclaw.service\n", pid: 77 });
  writeFileSync(join(slice, "cgroup.subtree_control"), "cpu memory\n");
  assert.equal(await groups().make(limitsOf(config)), undefined);
  writeFileSync(join(slice, "cgroup.subtree_control"), "cpu memory pids\n");
  const group = await groups().make(limitsOf(config));
  assert.equal(group?.file, join(slice, "openclaw-77-1/cgroup.procs"));
  assert.equal(readFileSync(join(slice, "openclaw-77-1/pids.max"), "utf8"), "256");
  assert.equal(existsSync(left), false, "what a killed gateway left is removed");
});

test("without control groups none is made, and that is no error", async () => {
  for (const own of [async () => "", async () => "0::/\n", () => Promise.reject(new Error("no /proc"))]) {
    const groups = createLimitGroups({ root: "/nonexistent", own, pid: 77 });
    assert.equal(await groups.make(limitsOf(config)), undefined);
  }
});
