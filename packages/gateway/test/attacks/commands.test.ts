import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { splitCommand } from "../../src/runtime/tools/command-words.ts";
import { until } from "../support/until.ts";
import { commandRig, guest, ownSleep, runningWith } from "../tools/command-rig.ts";

const hostile = [
  "$(id)",
  "`id`",
  "; id",
  "| id",
  "&& id",
  "*",
  "?",
  "~",
  "{a,b}",
  "$HOME",
  "a'b\"c",
  "x\ny",
  "> f",
  "-e",
  "",
];

test("words arrive as they were written, whatever a shell would make of them", async (t) => {
  const rig = commandRig(t);
  writeFileSync(join(rig.workspace, "bait"), "");
  const { result, asked } = await rig.call("exec", { argv: ["printf", "[%s]", ...hostile] });
  assert.equal(result.stdout, hostile.map((word) => `[${word}]`).join(""));
  assert.deepEqual(asked?.words?.slice(2), hostile);
});

test("a program's name is never taken apart", async (t) => {
  const rig = commandRig(t);
  for (const name of [
    "true; id",
    "true id",
    "$(which id)",
    "tru*",
    "-c",
    "sh -c id",
    "A=1",
    "/bin/sh -c id",
  ]) {
    const { isError, asked } = await rig.call("exec", { argv: [name, "x"] });
    assert.equal(isError, true, name);
    assert.equal(asked, undefined, name);
  }
});

test("what a wrapper is to split itself stands in one word before whoever decides", async (t) => {
  const { asked } = await commandRig(t).call("exec", { argv: ["env", "-S", "sh -c 'echo smuggled'"] });
  assert.match(asked?.words?.[0] ?? "", /^\/.*\/env$/);
  assert.deepEqual(asked?.words?.slice(1), ["-S", "sh -c 'echo smuggled'"]);
  assert.deepEqual(asked?.facts?.argv, asked?.words);
});

test("a command line that would need a shell is refused, not approximated", () => {
  const lines = [
    ...[
      "ls; id",
      "ls|id",
      "ls & id",
      "ls && id",
      "ls || id",
      "ls > f",
      "ls < f",
      "(ls)",
      "echo $HOME",
      "echo $(id)",
    ],
    ...[
      "echo `id`",
      'echo "$HOME"',
      'echo "`id`"',
      "ls *",
      "ls a?",
      "ls [a]",
      "echo {a,b}",
      "ls ~",
      "ls ~root",
      "ls\nid",
    ],
    ...[
      "ls\rid",
      "ls # no",
      "#",
      "echo \\\n",
      "A=1 ls",
      "PATH=. ls",
      "ls \\",
      "!ls",
      "echo 'open",
      'echo "open',
      "",
      "  ",
    ],
  ];
  for (const line of lines) assert.throws(() => splitCommand(line), /command/, line);
});

test("a program of the workspace cannot take the place of the system's", async (t) => {
  const rig = commandRig(t);
  for (const name of ["ls", "sh", "own-tool"]) {
    writeFileSync(join(rig.workspace, name), "#!/bin/sh\necho hijacked\n", { mode: 0o755 });
  }
  const { result, asked } = await rig.call("exec", { argv: ["ls"] });
  assert.doesNotMatch(result.stdout, /hijacked/);
  assert.ok(!asked?.words?.[0]?.startsWith(rig.workspace));
  const inner = await rig.call("exec", { argv: ["sh", "-c", "ls; own-tool"] });
  assert.doesNotMatch(inner.result.stdout, /hijacked/);
  assert.equal((await rig.call("exec", { argv: ["own-tool"] })).isError, true);
});

test("a name that leads into the workspace is not found, even where a folder of programs has it", async (t) => {
  const rig = commandRig(t, {
    find: async (name) => (name === "planted" ? join(rig.workspace, "planted") : undefined),
  });
  writeFileSync(join(rig.workspace, "planted"), "#!/bin/sh\necho hijacked\n", { mode: 0o755 });
  assert.match((await rig.call("exec", { argv: ["planted"] })).result.error, /There is no program/);
});

test("programs outside of the workspace and the system's folders do not run by path", async (t) => {
  const rig = commandRig(t);
  const outside = join(rig.home, "tool.sh");
  const secret = join(rig.stateDir, "tool.sh");
  for (const path of [outside, secret]) writeFileSync(path, "#!/bin/sh\necho outside\n", { mode: 0o755 });
  symlinkSync(outside, join(rig.workspace, "link.sh"));
  symlinkSync(rig.home, join(rig.workspace, "folder"));
  for (const word of [outside, secret, "../tool.sh", "./link.sh", "./folder/tool.sh", "/proc/self/exe"]) {
    const { isError, asked } = await rig.call("exec", { argv: [word] });
    assert.equal(isError, true, word);
    assert.equal(asked, undefined, word);
  }
});

test("the folder of a command lies in the workspace, links followed", async (t) => {
  const rig = commandRig(t);
  symlinkSync(rig.home, join(rig.workspace, "out"));
  symlinkSync("/", join(rig.workspace, "root"));
  for (const cwd of ["..", "/", "out", "out/state", "root/tmp", "sub/../..", rig.stateDir, "a\0b"]) {
    const { isError, asked } = await rig.call("exec", { argv: ["pwd"], cwd });
    assert.equal(isError, true, cwd);
    assert.equal(asked, undefined, cwd);
  }
});

test("a state folder within the workspace is closed to commands as a place and as a source of programs", async (t) => {
  const rig = commandRig(t, { state: "work/.state" });
  writeFileSync(join(rig.stateDir, "tool.sh"), "#!/bin/sh\necho inside\n", { mode: 0o755 });
  assert.equal((await rig.call("exec", { argv: ["pwd"], cwd: ".state" })).isError, true);
  assert.equal((await rig.call("exec", { argv: ["./.state/tool.sh"] })).isError, true);
});

test("a folder that is swapped for a link while somebody is asked is not entered", async (t) => {
  const rig = commandRig(t);
  const folder = join(rig.workspace, "sub");
  mkdirSync(folder);
  const swap = () => {
    rmdirSync(folder);
    symlinkSync(rig.home, folder);
  };
  const { isError, result } = await rig.call("exec", { argv: ["pwd"], cwd: "sub" }, { meanwhile: swap });
  assert.equal(isError, true);
  assert.equal(result.stdout, undefined);
  rmSync(folder);
  mkdirSync(folder);
  const again = () => {
    renameSync(folder, join(rig.workspace, "old"));
    mkdirSync(folder);
  };
  const replaced = await rig.call("exec", { argv: ["pwd"], cwd: "sub" }, { meanwhile: again });
  assert.match(replaced.result.error, /folder was changed/);
});

test("a program that is changed or swapped while somebody is asked does not run", async (t) => {
  const rig = commandRig(t);
  const path = join(rig.workspace, "tool.sh");
  const good = "#!/bin/sh\necho good\n";
  const swaps: Record<string, () => void> = {
    written: () => writeFileSync(path, "#!/bin/sh\necho evil\n"),
    replaced() {
      rmSync(path);
      writeFileSync(path, good, { mode: 0o755 });
    },
    linked() {
      rmSync(path);
      symlinkSync("/bin/echo", path);
    },
    removed: () => rmSync(path),
  };
  for (const [how, meanwhile] of Object.entries(swaps)) {
    rmSync(path, { force: true });
    writeFileSync(path, good, { mode: 0o755 });
    const { isError, result } = await rig.call("exec", { argv: ["./tool.sh"] }, { meanwhile });
    assert.equal(isError, true, how);
    assert.match(result.error, /program was changed/, how);
  }
});

test("what was worked out is not touched by what happens to the request afterwards", async (t) => {
  const rig = commandRig(t);
  const argv = ["sh", "-c", "cat; echo $A; pwd"];
  const env = { A: "1" };
  const request = { argv, env, stdin: "good", cwd: "." };
  const prepared = await rig.port().prepare(request);
  argv[2] = "evil";
  env.A = "2";
  Object.assign(request, { argv: ["false"], stdin: "evil", cwd: "..", timeoutMs: 1 });
  assert.deepEqual(prepared.facts.argv.slice(1), ["-c", "cat; echo $A; pwd"]);
  assert.equal(prepared.facts.env.A, "1");
  const { stdout } = await prepared.run({ signal: new AbortController().signal, onOutput: () => {} });
  assert.equal(stdout, `good1\n${rig.workspace}\n`);
});

test("without a sandbox, commands that must be shut in are refused, never run bare", async (t) => {
  const without = async (name: string) => (["bwrap", "docker"].includes(name) ? undefined : `/bin/${name}`);
  const broken = async (name: string) => (name === "bwrap" ? "/bin/false" : await without(name));
  for (const find of [async () => undefined, without, broken]) {
    const rig = commandRig(t, { find });
    for (const background of [false, true]) {
      const argv = ["touch", "ran"];
      const { isError, result, asked } = await rig.call("exec", { argv, background }, { scope: guest });
      assert.equal(isError, true);
      assert.match(result.error, /no sandbox.*install bubblewrap/);
      assert.equal(asked, undefined);
    }
    assert.deepEqual(await rig.commands.sandboxes(), []);
    assert.equal((await rig.call("exec", { argv: ["ls", "ran"] })).result.exitCode === 0, false);
  }
});

test("whoever is shut in cannot write to a process of the session that is not", async (t) => {
  const rig = commandRig(t);
  const { processId } = await (await rig.port().prepare({ argv: ["sh"] })).start();
  await assert.rejects(rig.port(guest).write(processId, "touch ran\n", false), /not shut in/);
});

test("a SIGKILL of the gateway leaves none of its commands behind", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-killed-"));
  const seconds = ownSleep();
  const gateway = spawn(
    process.execPath,
    [...process.execArgv.filter((it) => !it.startsWith("--test")), child],
    {
      env: { FOLDER: folder, SECONDS: seconds },
      stdio: "inherit",
    },
  );
  t.after(() => {
    gateway.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  await until(async () => (await runningWith(`sleep ${seconds}`)).length >= 4, "its commands run");
  gateway.kill("SIGKILL");
  await until(async () => (await runningWith(seconds)).length === 0, "they ended", 3_000);
});

const child = new URL("../tools/command-child.ts", import.meta.url).pathname;
