import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { harness } from "../../cli/harness.ts";
import {
  type AgentRig,
  askedIn,
  decide,
  obedient,
  resultsIn,
  startAgentRig,
  told,
} from "../../support/agent-rig.ts";
import type { Json } from "../../support/gateway.ts";
import { isRunning } from "../../support/processes.ts";
import { until } from "../../support/until.ts";

/** Commands of the owner's agent: what is asked is what runs, and nothing of it outlives its run. */

let rig: AgentRig;

before(async () => {
  rig = await startAgentRig({}, { SOME_API_KEY: "sk-of-the-gateway" });
  rig.fake.script(obedient);
  mkdirSync(join(rig.workspace, "sub"), { recursive: true });
});

after(() => rig.close());

const exec = (params: Json) => ({ name: "exec", arguments: params });
const echo = (word: string) => told([exec({ argv: ["echo", word] })]);

async function start(sessionKey: string, message: string, options?: Json): Promise<string> {
  return (await rig.run({ message, sessionKey, options })).runId;
}

/** A command that tells its process id by a file, and then sleeps; the id once it is there. */
const sleeper = (name: string) =>
  exec({ argv: ["sh", "-c", `echo $$ > ${name}.new; mv ${name}.new ${name}; exec sleep 600`] });

async function pidIn(name: string): Promise<number> {
  const path = join(rig.workspace, name);
  await until(() => existsSync(path), `the command has written ${name}`);
  return Number(readFileSync(path, "utf8"));
}

describe("what is asked", () => {
  test("is word by word, folder by folder and variable by variable what runs", async () => {
    const script = 'printf "%s|" "$0" "$@"; echo; pwd; cat; env';
    const argv = ["sh", "-c", script, "a b", "*", "$(id)", ";"];
    const call = exec({ argv, cwd: "sub", env: { GREETING: "hello you" }, stdin: "from stdin\n" });
    const runId = await start("facts", told([call]));
    const { facts, reasons, canAlways, approvalId } = await askedIn(rig, "facts");
    assert.deepEqual(facts.argv.slice(1), argv.slice(1));
    assert.match(facts.argv[0], /^\/\S*\/sh$/);
    assert.deepEqual([facts.sandbox, facts.cwd], ["none", join(rig.workspace, "sub")]);
    assert.equal(facts.stdin, "from stdin\n");
    assert.equal(facts.env.GREETING, "hello you");
    assert.deepEqual(reasons, ["it runs a command outside of a sandbox"]);
    assert.equal(canAlways, false, "what comes by variables and the input is not in its words");
    await decide(rig, { approvalId }, "allow");
    const [{ result }] = resultsIn(await rig.socket.end(runId)) as [Json];
    const [words, folder, input, ...env] = result.stdout.trimEnd().split("\n");
    assert.equal(words, "a b|*|$(id)|;|");
    assert.deepEqual([folder, input], [facts.cwd, "from stdin"]);
    const made = env.filter((it: string) => !/^(_|SHLVL|OLDPWD)=/.test(it)); // by the shell itself
    assert.deepEqual(
      made.sort(),
      Object.entries(facts.env)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    );
    assert.ok(!result.stdout.includes("sk-of-the-gateway"));
  });

  test("shows no value of a variable that looks secret, neither to who decides nor in the log", async () => {
    const runId = await start(
      "secret",
      told([exec({ argv: ["sh", "-c", "echo $MY_TOKEN"], env: { MY_TOKEN: "hush" } })]),
    );
    const approval = await askedIn(rig, "secret");
    assert.equal(approval.facts.env.MY_TOKEN, "***");
    await decide(rig, approval, "allow");
    assert.equal(resultsIn(await rig.socket.end(runId))[0]?.result.stdout, "hush\n");
    const log = await rig.gateway.api("GET", "/v1/approvals/log?limit=1");
    assert.equal(log.body.decisions[0].sessionKey, "secret");
    assert.ok(!log.text.includes("hush"));
  });

  test("is not what runs once the program has been changed meanwhile", async () => {
    const path = join(rig.workspace, "program.sh");
    writeFileSync(path, "#!/bin/sh\necho good\n", { mode: 0o755 });
    const runId = await start("changed", told([exec({ argv: ["./program.sh"] })]));
    const approval = await askedIn(rig, "changed");
    writeFileSync(path, "#!/bin/sh\ntouch evil\n", { mode: 0o755 });
    await decide(rig, approval, "allow");
    const [outcome] = resultsIn(await rig.socket.end(runId));
    assert.match(outcome!.result.error, /changed after the command had been looked at/);
    assert.equal(existsSync(join(rig.workspace, "evil")), false);
  });
});

describe("answers", () => {
  test("come by the command line as well, for this once, for good, and as a no", async (t) => {
    const { run } = await harness(t);
    const env = { OPENCLAW_GATEWAY_URL: rig.gateway.url, OPENCLAW_GATEWAY_TOKEN: rig.gateway.token };
    const openclaw = async (...args: string[]) => {
      const { code, stdout, stderr } = await run(["approvals", ...args, "--json"], { env });
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout);
    };
    const outcomes: Json[] = [];
    for (const words of [["allow"], ["deny"], ["allow", "--always"]]) {
      const runId = await start("cli", echo("by hand"));
      const { approvalId } = await askedIn(rig, "cli");
      assert.ok((await openclaw("list")).approvals.some((it: Json) => it.approvalId === approvalId));
      const [verb, ...flags] = words;
      await openclaw(verb!, approvalId, ...flags);
      outcomes.push(...resultsIn(await rig.socket.end(runId)));
    }
    assert.deepEqual(
      outcomes.map((it) => it.isError || it.result.stdout),
      ["by hand\n", true, "by hand\n"],
    );
    // The same words run unasked now; others do not, nor the same ones once they are forgotten.
    const [again] = resultsIn(await rig.socket.end(await start("cli", echo("by hand"))));
    assert.equal(again?.result.stdout, "by hand\n");
    const { entries } = await openclaw("allowlist");
    assert.deepEqual([entries.length, entries[0].words.slice(1)], [1, ["by hand"]]);
    const other = await start("cli", echo("by  hand"));
    await openclaw("deny", (await askedIn(rig, "cli")).approvalId);
    await rig.socket.end(other);
    await openclaw("forget", entries[0].entryId);
    const forgotten = await start("cli", echo("by hand"));
    await openclaw("deny", (await askedIn(rig, "cli")).approvalId);
    await rig.socket.end(forgotten);

    const { decisions } = await openclaw("log", "--limit", "6");
    assert.deepEqual(decisions.map((it: Json) => [it.decision, it.decidedBy]).reverse(), [
      ["allow", "gateway"],
      ["deny", "gateway"],
      ["always", "gateway"],
      ["allow", null],
      ["deny", "gateway"],
      ["deny", "gateway"],
    ]);
    assert.match(decisions[2].reason, /gateway has allowed it for good/);
    assert.deepEqual(decisions[5].call.params, { argv: ["echo", "by hand"] });
    assert.deepEqual(decisions[5].call.facts.argv, entries[0].words);
  });

  test("count once: a second one is told that it is decided, whichever way it comes", async () => {
    const runId = await start("twice", echo("once"));
    const { approvalId } = await askedIn(rig, "twice");
    const both = await Promise.all([
      rig.socket.call("approval.resolve", { approvalId, decision: "allow" }),
      rig.socket.call("approval.resolve", { approvalId, decision: "deny" }),
    ]);
    assert.deepEqual([both[0]!.result?.decision, both[1]!.error?.code], ["allow", "conflict"]);
    assert.equal((await decide(rig, { approvalId }, "deny")).status, 409);
    assert.equal((await decide(rig, { approvalId: "approval-none" }, "deny")).status, 404);
    assert.equal(resultsIn(await rig.socket.end(runId))[0]?.result.stdout, "once\n");
  });
});

describe("a run's time", () => {
  test("stands still while somebody is asked, and goes on while a command runs", async () => {
    const timeoutMs = 1_500;
    const slow = told([exec({ argv: ["echo", "late"] })], [sleeper("timed")]);
    const runId = await start("timed", slow, { timeoutMs });
    const first = await askedIn(rig, "timed");
    await wait(timeoutMs + 200); // longer than the run may take
    await decide(rig, first, "allow");
    await until(
      async () => (await askedIn(rig, "timed")).approvalId !== first.approvalId,
      "the second call waits",
    );
    await decide(rig, await askedIn(rig, "timed"), "allow");
    const pid = await pidIn("timed");
    const events = await rig.socket.end(runId);
    assert.deepEqual([events.at(-1)?.type, events.at(-1)?.data.error?.code], ["chat.error", "timeout"]);
    assert.equal(resultsIn(events)[0]?.result.stdout, "late\n");
    await until(async () => !(await isRunning(pid)), "the command has ended with its run");
  });
});

describe("an abort", () => {
  test("while somebody is asked answers no, runs nothing, and the session goes on", async () => {
    const runId = await start("aborted", told([exec({ argv: ["touch", "aborted"] })]));
    const approval = await askedIn(rig, "aborted");
    assert.deepEqual((await rig.socket.call("chat.abort", { runId })).result, { aborted: true });
    const events = await rig.socket.end(runId);
    const resolved = events.find((it) => it.type === "approval.resolved");
    assert.deepEqual([resolved?.data.decision, resolved?.data.reason], ["deny", "the run ended"]);
    assert.equal(events.at(-1)?.type, "chat.aborted");
    assert.equal((await decide(rig, approval, "allow")).status, 409);
    await rig.socket.end(await start("aborted", "go on"));
    assert.equal(existsSync(join(rig.workspace, "aborted")), false);
    const tools = rig.lastRequest().messages.filter((it: Json) => it.role === "tool");
    assert.equal(tools.length, 1, "the call that was not made has a result none the less");
  });

  test("while a command runs kills it, and its call has a result in the transcript", async () => {
    const runId = await start("killed", told([sleeper("killed")]));
    await decide(rig, await askedIn(rig, "killed"), "allow");
    const pid = await pidIn("killed");
    assert.ok(await isRunning(pid));
    await rig.gateway.api("POST", `/v1/runs/${runId}/abort`, {});
    const events = await rig.socket.end(runId);
    assert.equal(events.at(-1)?.type, "chat.aborted");
    await until(async () => !(await isRunning(pid)), "the command is dead");
    const { body } = await rig.gateway.api("GET", "/v1/sessions/killed");
    const [call] = body.messages.flatMap((it: Json) => it.toolCalls ?? []);
    assert.deepEqual([call.tool, call.isError], ["exec", true]);
    await rig.socket.end(await start("killed", "go on"));
    assert.equal(rig.lastRequest().messages.filter((it: Json) => it.role === "tool").length, 1);
  });
});

describe("a command in the background", () => {
  test("is read, written to once that is allowed, and ends with its session", async () => {
    const script = "echo ready; read line; echo got $line; echo $$ > new; mv new background; exec sleep 600";
    const started = await start("background", told([exec({ argv: ["sh", "-c", script], background: true })]));
    const approval = await askedIn(rig, "background");
    assert.equal(approval.facts.background, true);
    await decide(rig, approval, "allow");
    const { processId } = resultsIn(await rig.socket.end(started))[0]!.result;
    const process = async (params: Json) => {
      const runId = await start(
        "background",
        told([{ name: "process", arguments: { processId, ...params } }]),
      );
      if (params.action === "write") {
        const asked = await askedIn(rig, "background");
        assert.deepEqual([asked.facts.processId, asked.facts.text], [processId, "words\n"]);
        assert.equal(asked.canAlways, false);
        await decide(rig, asked, "allow");
      }
      return resultsIn(await rig.socket.end(runId))[0]!.result;
    };
    const first = await process({ action: "output", waitMs: 10_000 });
    assert.equal(first.output, "ready\n");
    await process({ action: "write", text: "words\n" });
    const more = await process({ action: "output", from: first.next, waitMs: 10_000 });
    assert.equal(more.output, "got words\n");
    const pid = await pidIn("background");
    assert.ok(await isRunning(pid));
    assert.equal((await rig.gateway.api("DELETE", "/v1/sessions/background")).status, 200);
    await until(async () => !(await isRunning(pid)), "the process has ended with its session");
  });
});
