import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { type CommandRig, commandRig, ownSleep, runningWith } from "./command-rig.ts";

async function background(rig: CommandRig, script: string, wish = {}): Promise<string> {
  const { result, isError } = await rig.call("exec", { argv: ["sh", "-c", script], background: true }, wish);
  assert.equal(isError, false, result.error);
  assert.equal(result.status, "running");
  return result.processId;
}

test("a command in the background is listed, read from place to place, written to, and ends by itself", async (t) => {
  const rig = commandRig(t);
  const processId = await background(
    rig,
    "echo ready; while read -r line; do echo got $line; done; echo bye",
  );
  const read = (from: number) => rig.call("process", { action: "output", processId, from, waitMs: 10_000 });
  const first = (await read(0)).result;
  assert.equal(first.output, "ready\n");
  const { asked } = await rig.call("process", { action: "write", processId, text: "one\n" });
  assert.deepEqual(asked?.risks, ["system-command"]);
  assert.equal(asked?.words, undefined);
  const second = (await read(first.next)).result;
  assert.equal(second.output, "got one\n");
  await rig.call("process", { action: "write", processId, text: "two\n", end: true });
  let { next } = second;
  let rest = "";
  await until(async () => {
    const { result } = await read(next);
    rest += result.output;
    next = result.next;
    return result.status === "ended";
  }, "it ended");
  assert.equal(rest, "got two\nbye\n");
  const listed = (await rig.call("process", { action: "list" })).result as unknown as { processes: object[] };
  assert.equal(listed.processes.length, 1);
  const late = await rig.call("process", { action: "write", processId, text: "late" });
  assert.match(late.result.error, /no longer reads/);
});

test("killing a command in the background kills all that it started", async (t) => {
  const rig = commandRig(t);
  const seconds = ownSleep();
  const processId = await background(rig, `sleep ${seconds} & sleep ${seconds}`);
  await until(async () => (await runningWith(`sleep ${seconds}`)).length >= 2, "it runs");
  const { result } = await rig.call("process", { action: "kill", processId });
  assert.equal(result.status, "ended");
  assert.equal(result.signal, "SIGTERM");
  await until(async () => (await runningWith(seconds)).length === 0, "its processes ended");
});

test("a session neither sees nor reaches the processes of another", async (t) => {
  const rig = commandRig(t);
  const processId = await background(rig, `sleep ${ownSleep()}`);
  const other = { scope: { sessionId: 2 } };
  const { result } = await rig.call("process", { action: "list" }, other);
  assert.deepEqual(result, { processes: [] });
  for (const action of ["output", "write", "kill"]) {
    const { isError } = await rig.call("process", { action, processId, text: "x" }, other);
    assert.equal(isError, true, action);
  }
  assert.equal((await rig.port().list())[0]?.status, "running");
});

test("processes outlive the run that started them, and end with their session", async (t) => {
  const rig = commandRig(t);
  const seconds = ownSleep();
  const controller = new AbortController();
  await background(rig, `sleep ${seconds}`, { scope: { signal: controller.signal } });
  await background(rig, `sleep ${ownSleep()}`, { scope: { sessionId: 2 } });
  controller.abort();
  await until(async () => (await runningWith(`sleep ${seconds}`)).length > 0, "it runs");
  await rig.commands.endSession(1);
  await until(async () => (await runningWith(seconds)).length === 0, "it ended");
  assert.deepEqual(await rig.port().list(), []);
  assert.equal((await rig.port({ sessionId: 2 }).list()).length, 1);
});

test("an aborted run starts nothing in the background any more", async (t) => {
  const rig = commandRig(t);
  const prepared = await rig
    .port({ signal: AbortSignal.abort(new Error("over")) })
    .prepare({ argv: ["true"] });
  await assert.rejects(prepared.start(), /over/);
  assert.deepEqual(await rig.port().list(), []);
});

test("a session has a bounded number of processes, and what has ended is forgotten after ten minutes", async (t) => {
  const rig = commandRig(t);
  const ids: string[] = [];
  for (let i = 0; i < 8; i++) ids.push(await background(rig, `sleep ${ownSleep()}`));
  const { result, isError } = await rig.call("exec", { argv: ["true"], background: true });
  assert.equal(isError, true);
  assert.match(result.error, /Kill one first/);
  await rig.call("process", { action: "kill", processId: ids[0] });
  await background(rig, "sleep 0");
  const port = rig.port();
  await until(
    async () => (await port.list()).filter((it) => it.status === "ended").length === 2,
    "two have ended",
  );
  rig.clock.ahead = 600_001;
  assert.equal((await port.list()).length, 7);
});

test("of much output the last part is kept, and it is told how much is gone", async (t) => {
  const rig = commandRig(t);
  const processId = await background(
    rig,
    "i=0; while [ $i -lt 40000 ]; do echo line number $i; i=$((i+1)); done",
  );
  const port = rig.port();
  await until(async () => (await port.list())[0]?.status === "ended", "it ended");
  const signal = new AbortController().signal;
  let from = 0;
  let text = "";
  let dropped = 0;
  for (let reads = 0; reads < 10; reads++) {
    const part = await port.output(processId, { from, signal });
    if (part.next === from) break;
    text += part.output;
    dropped += part.dropped;
    from = part.next;
  }
  assert.ok(text.endsWith("line number 39999\n"));
  assert.equal(Buffer.byteLength(text), 262_144);
  assert.equal(dropped + 262_144, from);
});

test("waiting for output ends with the call", async (t) => {
  const rig = commandRig(t);
  const processId = await background(rig, `sleep ${ownSleep()}`);
  const controller = new AbortController();
  const waiting = rig.port().output(processId, { waitMs: 60_000, signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
});
