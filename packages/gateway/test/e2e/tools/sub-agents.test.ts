import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  type AgentRig,
  askedIn,
  decide,
  obedient,
  resultsIn,
  type ScriptedCall,
  startAgentRig,
  tokenWith,
  told,
} from "../../support/agent-rig.ts";
import type { Json } from "../../support/gateway.ts";
import { isRunning } from "../../support/processes.ts";
import { until } from "../../support/until.ts";

/** Sub-agents whose work has to be allowed, that want more than they may, and whose gateway is stopped meanwhile. */

let rig: AgentRig;

before(async () => {
  rig = await startAgentRig({
    agents: {
      list: [
        { id: "usual" },
        { id: "reader", tools: ["read", "spawn"] },
        { id: "denied", tools: { policy: { exec: "deny" } } },
        { id: "free", tools: { policy: { exec: "full" } } },
      ],
    },
  });
  rig.fake.script(obedient);
});

after(() => rig.close());

const exec = (...argv: string[]): ScriptedCall => ({ name: "exec", arguments: { argv } });
const spawn = (task: string, more: Json = {}): ScriptedCall => ({
  name: "spawn",
  arguments: { task, wait: true, ...more },
});

/** Where sub-agents of the agent talk. */
const childOf = (agentId: string) => new RegExp(`^agent:${agentId}:subagent:`);

async function messagesOf(sessionKey: string, headers?: Record<string, string>): Promise<Json[]> {
  const path = `/v1/sessions/${encodeURIComponent(sessionKey)}`;
  return (await rig.gateway.api("GET", path, undefined, headers)).body.messages ?? [];
}

async function callsOf(sessionKey: string): Promise<Json[]> {
  return (await messagesOf(sessionKey)).flatMap((it) => it.toolCalls ?? []);
}

/** Plays a spawn that is waited for; its result, and what the sub-agent's own calls came to. */
async function spawned(agentId: string, sessionKey: string, call: ScriptedCall) {
  const { runId } = await rig.run({ message: told([call]), sessionKey, agentId });
  const { result, isError } = resultsIn(await rig.socket.end(runId))[0]!;
  assert.equal(isError, false, result.error);
  return { result, calls: await callsOf(result.sessionKey) };
}

describe("a sub-agent", () => {
  test("has its commands asked about in its own session, and answers its parent with what came of them", async () => {
    for (const decision of ["allow", "deny"] as const) {
      const work = spawned("usual", `parent-${decision}`, spawn(told([exec("touch", `child-${decision}`)])));
      const approval = await askedIn(rig, childOf("usual"));
      assert.deepEqual([approval.tool, approval.agentId], ["exec", "usual"]);
      await decide(rig, approval, decision);
      const { result, calls } = await work;
      assert.deepEqual(
        [result.status, result.result, approval.sessionKey],
        ["done", "done", result.sessionKey],
      );
      assert.equal(calls[0]!.isError, decision === "deny");
      assert.equal(existsSync(join(rig.workspace, `child-${decision}`)), decision === "allow");
    }
  });

  test("has no tool that its parent lacks, even as another agent that has it", async () => {
    const task = told([exec("touch", "more")]);
    const { calls } = await spawned("reader", "reader", spawn(task, { agentId: "free" }));
    assert.match(calls[0]!.result.error, /no tool named exec/);
    assert.equal(existsSync(join(`${rig.workspace}-free`, "more")), false);
  });

  test("is bound by its parent's policy, even as another agent that is free", async () => {
    const task = told([exec("touch", "more")]);
    const { calls } = await spawned("denied", "denied", spawn(task, { agentId: "free" }));
    assert.match(calls[0]!.result.error, /policy of this gateway does not allow/);
    assert.equal(existsSync(join(`${rig.workspace}-free`, "more")), false);
    const free = await spawned("free", "free", spawn(task));
    assert.equal(free.calls[0]!.isError, false, "nobody above it forbids it");
  });

  test("of a guest is a guest: shut in, and no other agent", async (t) => {
    const guest = await tokenWith(rig, "chat");
    const asGuest = async (sessionKey: string, call: ScriptedCall) => {
      await rig.gateway.api("POST", "/v1/agent/run", { message: told([call]), sessionKey }, guest);
      return (await callsOf(sessionKey))[0]!;
    };
    const other = await asGuest("guest-other", spawn("hello", { agentId: "free" }));
    assert.match(other.result.error, /of your own kind only/);
    const look = `cat ${rig.gateway.stateDir}/gateway-token; echo ran`;
    const { result } = await asGuest("guest", spawn(told([exec("sh", "-c", look)])));
    const [call] = await callsOf(result.sessionKey);
    if (call!.isError) {
      assert.match(call!.result.error, /no sandbox that works/);
      return t.skip("bubblewrap is missing here, or may not make namespaces");
    }
    assert.equal(call!.result.stdout, "ran\n");
  });

  test("that is waited for ends with its parent, and so does its question", async () => {
    const message = told([spawn(told([exec("touch", "orphan")]))]);
    const { runId } = await rig.run({ message, sessionKey: "ends" });
    const approval = await askedIn(rig, childOf("usual"));
    await rig.socket.call("chat.abort", { runId });
    await until(async () => (await decide(rig, approval, "allow")).status === 409, "the question is settled");
    const { body } = await rig.gateway.api("GET", `/v1/runs/${approval.runId}`);
    assert.equal(body.status, "aborted");
    assert.equal(existsSync(join(rig.workspace, "orphan")), false);
  });
});

describe("a gateway that is killed", () => {
  test("while a sub-agent's call waits runs nothing of it, and tells the parent's session once", async () => {
    const call = spawn(told([exec("touch", "unasked")]), { wait: false, label: "cut off" });
    await rig.socket.end((await rig.run({ message: told([call]), sessionKey: "cut" })).runId);
    const approval = await askedIn(rig, childOf("usual"));
    for (let count = 0; count < 2; count++) {
      await rig.restart("SIGKILL");
      await until(async () => (await messagesOf("cut")).length === 5, "the report and its answer");
    }
    const said = (await messagesOf("cut")).map((it) => it.content);
    assert.match(said[3], /^\[Sub-agent "cut off" was interrupted/);
    assert.equal((await decide(rig, approval, "allow")).status, 404);
    assert.deepEqual((await rig.gateway.api("GET", "/v1/approvals")).body, { approvals: [] });
    const [unasked] = await callsOf(approval.sessionKey);
    assert.equal(unasked!.isError, true, "its call has a result");
    assert.equal(existsSync(join(rig.workspace, "unasked")), false);
  });

  test("while a command runs takes it along; the call has a result, and is not made again", async () => {
    const script = "echo $$ > new; mv new pid; echo once >> counted; exec sleep 600";
    const call = exec("sh", "-c", script);
    await rig.run({ message: told([call]), sessionKey: "running", agentId: "free" });
    const folder = `${rig.workspace}-free`;
    await until(() => existsSync(join(folder, "counted")), "the command runs");
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    await rig.restart("SIGKILL");
    await until(async () => !(await isRunning(pid)), "the command is dead");
    const [cut] = await callsOf("running");
    assert.deepEqual([cut!.tool, cut!.isError], ["exec", true]);
    const next = await rig.run({ message: "go on", sessionKey: "running" });
    await rig.socket.end(next.runId);
    assert.equal(rig.lastRequest().messages.filter((it: Json) => it.role === "tool").length, 1);
    assert.equal(readFileSync(join(folder, "counted"), "utf8"), "once\n");
  });
});
