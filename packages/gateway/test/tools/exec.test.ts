import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { splitCommand } from "../../src/runtime/tools/command-words.ts";
import { until } from "../support/until.ts";
import { commandRig, ownSleep, runningWith } from "./command-rig.ts";

const sh = (script: string) => ({ argv: ["sh", "-c", script] });

test("a program runs in a folder of the workspace, with its input and its variables, and both of its outputs come back", async (t) => {
  const rig = commandRig(t);
  mkdirSync(join(rig.workspace, "sub"));
  const script = 'cat; echo "$GREETING in $PWD"; echo oops >&2; exit 3';
  const wish = { ...sh(script), cwd: "sub", env: { GREETING: "hi" }, stdin: "in\n" };
  const { result, isError } = await rig.call("exec", wish);
  assert.equal(isError, false);
  const { ms, ...rest } = result;
  assert.deepEqual(rest, {
    exitCode: 3,
    signal: null,
    stdout: `in\nhi in ${rig.workspace}/sub\n`,
    stderr: "oops\n",
    truncated: 0,
    timedOut: false,
  });
  assert.ok(ms >= 0);
});

test("a command line is split into words without a shell", () => {
  const cases: [string, string[]][] = [
    ["git  log -n 1", ["git", "log", "-n", "1"]],
    [`echo 'a $b' "c d" e\\ f`, ["echo", "a $b", "c d", "e f"]],
    [`printf "%s\\n" "a\\"b\\$" ''`, ["printf", "%s\\n", 'a"b$', ""]],
    [`x a"b"'c'd`, ["x", "abcd"]],
    ["echo a#b k=v", ["echo", "a#b", "k=v"]],
    ["echo 'two\nlines'", ["echo", "two\nlines"]],
  ];
  for (const [line, words] of cases) assert.deepEqual(splitCommand(line), words, line);
});

test("a command as a line runs as the words it is split into", async (t) => {
  const { result, asked } = await commandRig(t).call("exec", { command: `printf '%s,' "a b" c` });
  assert.equal(result.stdout, "a b,c,");
  assert.deepEqual(asked?.words?.slice(1), ["%s,", "a b", "c"]);
});

test("argv and command together, or neither of them, are an error that says so", async (t) => {
  const rig = commandRig(t);
  for (const params of [{}, { argv: ["true"], command: "true" }]) {
    const { isError, result, asked } = await rig.call("exec", params);
    assert.equal(isError, true);
    assert.match(result.error, /either argv or command/);
    assert.equal(asked, undefined);
  }
});

test("what does not exist is an error before anybody is asked", async (t) => {
  const rig = commandRig(t);
  for (const params of [
    { argv: ["no-such-program"] },
    { argv: ["./no-such.sh"] },
    { argv: ["true"], cwd: "nowhere" },
  ]) {
    const { isError, result, asked } = await rig.call("exec", params);
    assert.equal(isError, true);
    assert.match(result.error, /There is no (program|folder)/);
    assert.equal(asked, undefined);
  }
});

test("a script of the workspace runs by its path", async (t) => {
  const rig = commandRig(t);
  writeFileSync(join(rig.workspace, "hello.sh"), "#!/bin/sh\necho hello $1\n", { mode: 0o755 });
  const { result, asked } = await rig.call("exec", { argv: ["./hello.sh", "you"] });
  assert.equal(result.stdout, "hello you\n");
  assert.deepEqual(asked?.words, [join(rig.workspace, "hello.sh"), "you"]);
});

test("of much output the beginning and the end are kept, and the rest is counted", async (t) => {
  const rig = commandRig(t);
  const { result } = await rig.call(
    "exec",
    sh('i=0; while [ $i -lt 30000 ]; do echo "line $i ä"; i=$((i+1)); done'),
  );
  assert.match(result.stdout, /^line 0 ä\nline 1 ä\n/);
  assert.match(result.stdout, /\nline 29999 ä\n$/);
  const [, dropped] = /\n\[… (\d+) bytes left out …\]\n/.exec(result.stdout) ?? [];
  assert.equal(Number(dropped), result.truncated);
  assert.ok(result.stdout.length < 60_000);
  assert.ok(!result.stdout.includes("\ufffd"), "a character was cut in two");
});

test("a command that takes too long is killed with all that it started", async (t) => {
  const rig = commandRig(t);
  const seconds = ownSleep();
  const { result } = await rig.call("exec", {
    ...sh(`sleep ${seconds} & sleep ${seconds}; echo no`),
    timeoutMs: 300,
  });
  assert.equal(result.timedOut, true);
  assert.equal(result.signal, "SIGTERM");
  assert.equal(result.stdout, "");
  await until(async () => (await runningWith(seconds)).length === 0, "its processes ended");
});

test("a command that does not listen to SIGTERM is killed none the less", async (t) => {
  const rig = commandRig(t);
  const seconds = ownSleep();
  const { result } = await rig.call("exec", { ...sh(`trap '' TERM; sleep ${seconds}`), timeoutMs: 200 });
  assert.equal(result.timedOut, true);
  assert.equal(result.signal, "SIGKILL");
  assert.deepEqual(await runningWith(`sleep ${seconds}`), []);
});

test("what a command leaves behind ends with it, and does not hold up its result", async (t) => {
  const rig = commandRig(t);
  const seconds = ownSleep();
  const { result } = await rig.call("exec", sh(`sleep ${seconds} & echo started`));
  assert.equal(result.stdout, "started\n");
  assert.equal(result.exitCode, 0);
  await until(async () => (await runningWith(seconds)).length === 0, "it ended");
});

for (const whose of ["the call's", "the run's"]) {
  test(`an abort of ${whose} signal kills the command and all that it started`, async (t) => {
    const rig = commandRig(t);
    const seconds = ownSleep();
    const controller = new AbortController();
    const { signal } = controller;
    const port = rig.port(whose === "the run's" ? { signal } : {});
    const prepared = await port.prepare(sh(`sleep ${seconds} & sleep ${seconds}`));
    const given = whose === "the run's" ? new AbortController().signal : signal;
    const running = prepared.run({ signal: given, onOutput: () => {} });
    await until(async () => (await runningWith(`sleep ${seconds}`)).length >= 2, "it runs");
    const reason = new Error("enough");
    controller.abort(reason);
    await assert.rejects(running, reason);
    await until(async () => (await runningWith(seconds)).length === 0, "its processes ended");
  });
}

test("closing the service kills what runs, and then nothing is started any more", async (t) => {
  const rig = commandRig(t);
  const seconds = ownSleep();
  const port = rig.port();
  const prepared = await port.prepare({ argv: ["sleep", seconds] });
  const running = prepared.run({ signal: new AbortController().signal, onOutput: () => {} });
  const background = await (await port.prepare({ argv: ["sleep", seconds] })).start();
  assert.equal(background.status, "running");
  await until(async () => (await runningWith(`sleep ${seconds}`)).length >= 2, "both run");
  await rig.commands.close();
  assert.equal((await running).signal, "SIGTERM");
  await until(async () => (await runningWith(seconds)).length === 0, "both ended");
  await assert.rejects(prepared.start(), /stopping/);
});

test("output is told while the command runs, thinned out", async (t) => {
  const rig = commandRig(t);
  const updates: { output: string }[] = [];
  const progress = (update: unknown) => updates.push(update as { output: string }); // as exec tells it
  const loop = "i=0; while [ $i -lt 20 ]; do echo tick $i; i=$((i+1)); sleep 0.05; done";
  await rig.call("exec", sh(loop), { context: { progress } });
  assert.ok(updates.length >= 2 && updates.length <= 10, `${updates.length} updates`);
  assert.match(updates[0]!.output, /^tick 0\n/);
});

test("whoever decides is shown the program, the folder, every variable and the input", async (t) => {
  const rig = commandRig(t, { variables: { TZ: "UTC", SECRET_KEY: "s", USER: "me" } });
  const { asked, result } = await rig.call("exec", { argv: ["env"], env: { A: "1" } });
  const facts = asked?.facts as {
    argv: string[];
    executable: string;
    env: Record<string, string>;
    cwd: string;
  };
  assert.match(facts.argv[0]!, /^\/.*\/env$/);
  assert.match(facts.executable, /^\//);
  assert.equal(facts.cwd, rig.workspace);
  const seen = Object.fromEntries(
    result.stdout
      .trim()
      .split("\n")
      .map((line) => line.split("=")),
  );
  for (const ofShell of ["_", "SHLVL"]) delete seen[ofShell]; // some shells leave these
  assert.deepEqual(seen, facts.env);
  assert.equal(facts.env.A, "1");
  assert.equal(facts.env.TZ, "UTC");
  const { asked: withInput } = await rig.call("exec", { argv: ["sh"], stdin: "exit 0" });
  assert.equal(withInput?.facts?.stdin, "exit 0");
});

test("what hangs on input or variables, too, is never put on an allow-list by its words", async (t) => {
  const rig = commandRig(t);
  const wordsOf = async (more: object) => (await rig.call("exec", { argv: ["true"], ...more })).asked?.words;
  assert.equal((await wordsOf({}))?.length, 1);
  assert.equal(await wordsOf({ stdin: "x" }), undefined);
  assert.equal(await wordsOf({ env: { A: "1" } }), undefined);
});

test("a variable of the gateway that the config names is shared with commands", async (t) => {
  const variables = { BUILD_TOKEN: "shared", OTHER_TOKEN: "kept" };
  const rig = commandRig(t, { variables, tools: { env: ["BUILD_TOKEN", "NOT_SET"] } });
  const { result } = await rig.call("exec", sh("echo $BUILD_TOKEN-$OTHER_TOKEN"));
  assert.equal(result.stdout, "shared-\n");
});
