import assert from "node:assert/strict";
import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { configSchema } from "openclaw-protocol";
import { findExecutable } from "../../src/services/commands/executables.ts";
import { createLimitGroups } from "../../src/services/commands/limit-groups.ts";
import { limitsOf } from "../../src/services/commands/limits.ts";
import { layersOf } from "../../src/services/commands/visible.ts";
import { until } from "../support/until.ts";
import {
  type CommandRig,
  commandRig,
  guest,
  ownSleep,
  type RigWish,
  runningWith,
} from "../tools/command-rig.ts";

const config = configSchema.parse({}).tools.codeExecution;

/** A rig whose commands are shut in by bubblewrap; undefined, with the test skipped, where that does not work. */
async function shutIn(t: TestContext, wish: RigWish = {}): Promise<CommandRig | undefined> {
  const rig = commandRig(t, wish);
  if ((await rig.commands.sandboxes()).includes("bubblewrap")) return rig;
  t.skip("bubblewrap is missing here, or may not make namespaces");
  return undefined;
}

async function run(rig: CommandRig, script: string, params: object = {}, scope: object = guest) {
  const argv = ["sh", "-c", script];
  const { result, isError, asked } = await rig.call("exec", { argv, ...params }, { scope });
  assert.equal(isError, false, result.error);
  assert.equal(asked?.contained, true);
  assert.equal(asked?.facts?.sandbox, "bubblewrap");
  return result;
}

test("a command that is shut in works in the workspace, and whoever decides sees that it is", async (t) => {
  const rig = await shutIn(t);
  if (!rig) return;
  mkdirSync(join(rig.workspace, "sub"));
  const result = await run(rig, 'cat > file; pwd; echo "$A"', { cwd: "sub", stdin: "in", env: { A: "1" } });
  assert.equal(result.stderr, "");
  assert.equal(result.stdout, `${rig.workspace}/sub\n1\n`);
  assert.equal(readFileSync(join(rig.workspace, "sub/file"), "utf8"), "in");
  assert.equal((await run(rig, "exit 7")).exitCode, 7);
});

test("a command that is shut in sees no variable but those that were shown", async (t) => {
  const rig = await shutIn(t, { variables: { OPENAI_API_KEY: "sk-1" } });
  if (!rig) return;
  const { result, asked } = await rig.call("exec", { argv: ["env"] }, { scope: guest });
  const names = result.stdout
    .trim()
    .split("\n")
    .map((line) => line.split("=")[0]!);
  const shown = Object.keys((asked!.facts as { env: object }).env);
  assert.deepEqual(names.filter((it) => it !== "_" && it !== "SHLVL").sort(), shown.sort());
});

test("a command that is shut in reaches no network, this machine's own included", async (t) => {
  const rig = await shutIn(t);
  if (!rig) return;
  let calls = 0;
  const server = createServer((socket) => {
    calls += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number }; // it listens on TCP
  if ((await findExecutable("bash")) === undefined) return t.skip("needs bash, which opens connections");
  const connect = `exec 3<>/dev/tcp/127.0.0.1/${port}`;
  const argv = ["bash", "-c", connect];
  assert.equal((await rig.call("exec", { argv })).result.exitCode, 0, "bare, it gets through");
  await until(() => calls === 1, "the bare one was seen");
  assert.notEqual((await rig.call("exec", { argv }, { scope: guest })).result.exitCode, 0);
  assert.equal((await run(rig, "ls /sys/class/net 2>/dev/null; grep -c : /proc/net/dev")).stdout.trim(), "1");
  assert.equal(calls, 1);
});

test("a command that is shut in sees neither homes, nor the state, nor what else lies about, by whatever way", async (t) => {
  const rig = await shutIn(t);
  if (!rig) return;
  writeFileSync(join(rig.stateDir, "secret"), "s3cret");
  writeFileSync(join(rig.home, "private"), "s3cret");
  symlinkSync(join(rig.home, "private"), join(rig.workspace, "link"));
  const paths = [
    "link",
    "../private",
    join(rig.home, "private"),
    join(rig.stateDir, "secret"),
    "/etc/shadow",
  ];
  const proc = ["/proc/1/root", `/proc/${process.pid}/root`, "/proc/1/cwd"].map(
    (it) => `${it}${rig.home}/private`,
  );
  for (const path of [...paths, ...proc]) {
    const { exitCode, stdout } = await run(rig, `cat '${path}'`);
    assert.notEqual(exitCode, 0, path);
    assert.equal(stdout, "", path);
  }
  const { stdout } = await run(rig, `ls -A ${rig.home} /root /home /run /var 2>/dev/null`);
  assert.doesNotMatch(stdout, /private|state|docker|\.ssh/);
  assert.match(
    (await run(rig, "ps -e 2>/dev/null; ls /proc | grep -c '^[0-9]'")).stdout,
    /\b[1-9]\n$/,
    "few processes",
  );
});

test("a command that is shut in writes nowhere but to the workspace", async (t) => {
  const rig = await shutIn(t);
  if (!rig) return;
  for (const path of ["/x", "/usr/x", "/etc/x", "/dev/x", "/usr/bin/x"]) {
    assert.notEqual((await run(rig, `echo x > '${path}'`)).exitCode, 0, path);
  }
  await run(rig, `echo x > ${rig.home}/x; echo x > /tmp/openclaw-stray; echo x > /var/tmp/openclaw-stray`);
  for (const path of [`${rig.home}/x`, "/tmp/openclaw-stray", "/var/tmp/openclaw-stray"]) {
    assert.equal(existsSync(path), false, path);
  }
  assert.equal((await run(rig, "echo x > inside && echo x > /tmp/x && cat /tmp/x")).stdout, "x\n");
  const bound = await shutIn(t, { tools: { sandbox: { readOnly: true } } });
  assert.notEqual((await run(bound!, "echo x > inside")).exitCode, 0);
});

test("a command that is shut in changes no setting of the kernel, even where the gateway is root", async (t) => {
  const rig = await shutIn(t);
  if (!rig) return;
  const settings = ["kernel/core_pattern", "vm/drop_caches", "kernel/hostname", "fs/file-max"];
  for (const path of [...settings.map((it) => `/proc/sys/${it}`), "/proc/sysrq-trigger", "/proc/mtrr"]) {
    // Opened only, and nothing written: without the guard the machine would be changed.
    assert.notEqual((await run(rig, `: >> ${path}`)).exitCode, 0, path);
  }
});

test("a command that is shut in has no rights over the system, and gets none", async (t) => {
  const rig = await shutIn(t);
  if (!rig) return;
  const { stdout } = await run(rig, "grep -E '^(Cap(Prm|Eff|Bnd)|NoNewPrivs)' /proc/self/status");
  assert.deepEqual(stdout.match(/[0-9a-f]+$/gm), [
    "0000000000000000",
    "0000000000000000",
    "0000000000000000",
    "1",
  ]);
  assert.notEqual((await run(rig, "mount -t tmpfs none /tmp || chroot / true")).exitCode, 0);
});

test("a guest's command leaves alone what the agent is told of itself, in every way of writing", async (t) => {
  const rig = await shutIn(t);
  if (!rig) return;
  writeFileSync(join(rig.workspace, "AGENTS.md"), "be good");
  mkdirSync(join(rig.workspace, "skills"));
  const tries = [
    "echo evil > AGENTS.md",
    "rm -f AGENTS.md; echo evil > AGENTS.md",
    "echo evil > new; mv -f new AGENTS.md",
    "mv AGENTS.md other; echo evil > AGENTS.md",
    "ln AGENTS.md hard && echo evil > hard",
    "echo evil > SOUL.md",
    "echo evil > HEARTBEAT.md; ln -sf other MEMORY.md",
    "echo evil > skills/evil.md; mkdir -p skills/evil",
    "mv skills old; mkdir skills; echo evil > skills/evil.md",
  ];
  for (const script of tries) {
    await run(rig, script);
    assert.equal(readFileSync(join(rig.workspace, "AGENTS.md"), "utf8"), "be good", script);
    for (const name of ["SOUL.md", "HEARTBEAT.md", "MEMORY.md"]) {
      const path = join(rig.workspace, name);
      assert.equal(existsSync(path) ? readFileSync(path, "utf8") : "", "", script);
    }
    assert.equal(existsSync(join(rig.workspace, "skills/evil.md")), false, script);
  }
  const owner = { trust: "owner", sandboxed: true };
  assert.equal((await run(rig, "echo mine > AGENTS.md", {}, owner)).exitCode, 0);
});

test("a file of the agent's own that is a link, which cannot be held, keeps guests' commands from running", async (t) => {
  const rig = await shutIn(t);
  if (!rig) return;
  symlinkSync("elsewhere.md", join(rig.workspace, "SOUL.md"));
  const { isError, result } = await rig.call("exec", { argv: ["true"] }, { scope: guest });
  assert.equal(isError, true);
  assert.match(result.error, /SOUL\.md of the workspace is a link/);
});

test("the state is hidden where the workspace or an allowed folder holds it, and never allowed", async (t) => {
  for (const state of ["work/.state", "shared/.state"]) {
    const rig = await shutIn(t, {
      state,
      tools: { allowedPaths: ["~/shared", "~/shared/.state", "~/.state", "relative"] },
    });
    if (!rig) return;
    mkdirSync(join(rig.home, "shared"), { recursive: true });
    writeFileSync(join(rig.home, "shared/open"), "open");
    writeFileSync(join(rig.stateDir, "secret"), "s3cret");
    const { stdout } = await run(
      rig,
      `cat ${rig.home}/shared/open; ls -A ${rig.stateDir}; cat ${rig.stateDir}/secret`,
    );
    assert.equal(stdout, "open");
    assert.notEqual((await run(rig, `echo x > ${rig.home}/shared/open`)).exitCode, 0);
    assert.notEqual((await run(rig, `echo x > ${rig.stateDir}/secret`)).exitCode, 0);
    assert.equal(readFileSync(join(rig.stateDir, "secret"), "utf8"), "s3cret");
  }
});

test("the gateway's own files are barred where they lie in the workspace, by whatever name they are given", async (t) => {
  const rig = commandRig(t);
  const config = join(rig.workspace, "openclaw.json");
  writeFileSync(config, "{}");
  symlinkSync(config, join(rig.home, "config-link"));
  const ownFiles = [join(rig.home, "config-link"), join(rig.home, "elsewhere.db")];
  const layers = await layersOf({
    workspace: rig.workspace,
    readOnly: false,
    allowedPaths: [],
    stateDir: rig.stateDir,
    ownFiles,
    homeDir: undefined,
    guest: false,
  });
  assert.deepEqual(layers.at(-1), { kind: "bar", path: config, folder: false });
});

test("a workspace within the state is all that is seen of it", async (t) => {
  const rig = await shutIn(t, { tools: { allowedPaths: ["~"] }, state: "." });
  if (!rig) return;
  writeFileSync(join(rig.stateDir, "secret"), "s3cret");
  const { stdout } = await run(rig, `echo x > mine; ls ${rig.stateDir}`);
  assert.equal(stdout, "work\n");
});

test("a program out of the sandbox's sight is refused, and runs once its folder is shown", async (t) => {
  const find = async (name: string) => (name === "far" ? far : findExecutable(name));
  const rig = await shutIn(t, { find });
  const near = await shutIn(t, { find, tools: { allowedPaths: ["~/far"] } });
  if (!rig || !near) return;
  let far = join(rig.home, "far");
  writeFileSync(far, "#!/bin/sh\necho far\n", { mode: 0o755 });
  const refused = await rig.call("exec", { argv: ["far"] }, { scope: guest });
  assert.match(refused.result.error, /not visible in the sandbox/);
  mkdirSync(join(near.home, "far"));
  linkSync(far, join(near.home, "far/far"));
  far = join(near.home, "far/far");
  assert.equal((await near.call("exec", { argv: ["far"] }, { scope: guest })).result.stdout, "far\n");
});

test("an endless loop that is shut in ends at the sandbox's limit, whatever the call asks for", async (t) => {
  const rig = await shutIn(t, { tools: { sandbox: { timeout: 400 } } });
  if (!rig) return;
  const result = await run(rig, "while :; do :; done", { timeoutMs: 60_000 });
  assert.equal(result.timedOut, true);
  assert.ok(result.ms < 5_000);
  const seconds = ownSleep();
  const { result: view } = await rig.call(
    "exec",
    { argv: ["sleep", seconds], background: true },
    { scope: guest },
  );
  assert.equal(view.status, "running");
  await until(async () => (await runningWith(seconds)).length === 0, "the one in the background ended");
});

test("what makes itself a session of its own in the sandbox ends with its command none the less", async (t) => {
  const rig = await shutIn(t);
  if (!rig) return;
  const seconds = ownSleep();
  const result = await run(
    rig,
    `setsid sh -c "trap '' TERM HUP; sleep ${seconds}" >/dev/null 2>&1 & sleep 0.1; echo done`,
  );
  assert.equal(result.stdout, "done\n");
  await until(async () => (await runningWith(seconds)).length === 0, "it ended");
});

test("a command that is shut in gets no more memory than its limit", async (t) => {
  const rig = await shutIn(t, { tools: { sandbox: { memoryLimit: "64m" } } });
  if (!rig) return;
  const hog = (bytes: number) => `head -c ${bytes} /dev/zero | tail | wc -c`; // tail keeps a line that never ends
  assert.equal((await run(rig, hog(1_000_000))).stdout.trim(), "1000000");
  assert.notEqual((await run(rig, hog(150_000_000))).stdout.trim(), "150000000");
  const disk = await run(
    rig,
    "head -c 150000000 /dev/zero > /tmp/x; head -c 150000000 /dev/zero > /dev/shm/x; ls -s /tmp/x /dev/shm/x",
  );
  for (const [blocks] of disk.stdout.matchAll(/^\s*\d+/gm)) assert.ok(Number(blocks) <= 65_536, disk.stdout);
});

test("a command that is shut in starts no more processes than its limit", async (t) => {
  const rig = await shutIn(t);
  if (!rig) return;
  // Root is held by a control group alone, and not everywhere may one be made.
  const group =
    process.getuid?.() === 0
      ? await createLimitGroups({ pid: process.pid }).make(limitsOf(config))
      : undefined;
  await group?.remove();
  if (process.getuid?.() === 0 && !group) return t.skip("root, and no control group can be made here");
  const bomb = "i=0; while [ $i -lt 600 ]; do sleep 5 & i=$((i+1)); done; echo all of them";
  const result = await run(rig, `(${bomb}); ls /proc | grep -c '^[0-9]'`, { timeoutMs: 4_000 });
  assert.doesNotMatch(result.stdout, /all of them/);
  assert.match(result.stderr, /fork/i);
});
