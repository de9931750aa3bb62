import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
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
  told,
} from "../../support/agent-rig.ts";
import type { Json } from "../../support/gateway.ts";

/** Which tools an agent has and what becomes of its calls, by the config; and calls that a model gets wrong. */

let rig: AgentRig;

const agents: Json[] = [
  { id: "usual" },
  { id: "minimal", tools: { profile: "minimal" } },
  { id: "messaging", tools: { profile: "messaging" } },
  { id: "coding", tools: { profile: "coding", allow: ["message"], deny: ["exec", "web_*"] } },
  { id: "two", tools: ["read", "exec"] },
  { id: "denied", tools: { policy: { write: "deny" } } },
  { id: "listed", tools: { policy: { exec: "allowlist" } } },
  { id: "asks", tools: { policy: { "*": "ask" } } },
  { id: "free", tools: { policy: { exec: "full" } } },
];

before(async () => {
  rig = await startAgentRig({
    agents: { list: agents },
    tools: {
      byChannel: { webchat: { deny: ["sessions_send"] } },
      allowlist: ["echo fine *", ["printf", "%s", "exact"]],
    },
    approvals: { requireFor: ["file-delete"] },
  });
  rig.fake.script(obedient);
});

after(() => rig.close());

/** Plays the answers; the events of the run. */
async function play(agentId: string, sessionKey: string, ...answers: ScriptedCall[][]): Promise<Json[]> {
  const { runId } = await rig.run({ message: told(...answers), sessionKey, agentId });
  return rig.socket.end(runId);
}

const exec = (...argv: string[]): ScriptedCall => ({ name: "exec", arguments: { argv } });
const write = (path: string): ScriptedCall => ({ name: "write", arguments: { path, content: "x" } });
const workspaceOf = (agentId: string) =>
  agentId === "usual" ? rig.workspace : `${rig.workspace}-${agentId}`;
const wasAsked = (events: Json[]) => events.some((it) => it.type === "approval.requested");

describe("the tools of an agent", () => {
  const expected: [agentId: string, tools: string[]][] = [
    ["minimal", ["clock"]],
    [
      "messaging",
      ["clock", "cron", "message", "sessions_history", "sessions_list", "web_fetch", "web_search"],
    ],
    [
      "coding",
      ["apply_patch", "clock", "edit", "list", "message", "process", "read", "search", "spawn", "write"],
    ],
    ["two", ["exec", "read"]],
  ];
  for (const [agentId, tools] of expected) {
    test(`are those of its rules, without what the channel takes away: ${agentId}`, async () => {
      await play(agentId, `tools-${agentId}`);
      assert.deepEqual(
        rig.lastRequest().tools.map((it: Json) => it.function.name),
        tools,
      );
    });
  }

  test("are all that it can call: another's is as unknown as one that there is not", async () => {
    const events = await play(
      "coding",
      "not-mine",
      [exec("touch", "ran")],
      [{ name: "rm_rf", arguments: {} }],
    );
    assert.deepEqual(
      resultsIn(events).map((it) => [it.isError, it.result.error]),
      [
        [true, "There is no tool named exec."],
        [true, "There is no tool named rm_rf."],
      ],
    );
    assert.ok(!wasAsked(events));
    assert.equal(existsSync(join(workspaceOf("coding"), "ran")), false);
    assert.equal(events.at(-1)?.data.response, "done");
  });
});

describe("the policy", () => {
  test("deny refuses without asking, says so to the model, and stands in the log", async () => {
    const events = await play("denied", "denied", [write("note")]);
    assert.match(resultsIn(events)[0]!.result.error, /policy of this gateway does not allow/);
    assert.ok(!wasAsked(events));
    assert.equal(existsSync(join(workspaceOf("denied"), "note")), false);
    const { decisions } = (await rig.gateway.api("GET", "/v1/approvals/log?limit=1")).body;
    assert.deepEqual([decisions[0].decision, decisions[0].approvalId], ["deny", null]);
    assert.equal(decisions[0].reason, 'the policy for write is "deny"');
  });

  test("allowlist runs what the config names, and nothing that only begins alike", async () => {
    const calls = [
      exec("echo", "fine"),
      exec("echo", "fine", "sir", ";", "rm"),
      exec("printf", "%s", "exact"),
      exec("echo", "fine; rm"),
      exec("printf", "%s", "exact", "more"),
      exec("sh", "-c", "echo fine"),
      exec("env", "echo", "fine"),
    ];
    const events = await play("listed", "listed", ...calls.map((it) => [it]));
    assert.deepEqual(
      resultsIn(events).map((it) => (it.isError ? "refused" : it.result.stdout)),
      ["fine\n", "fine sir ; rm\n", "exact", "refused", "refused", "refused", "refused"],
    );
    assert.ok(!wasAsked(events));
  });

  test("full runs a command of the owner's unasked, and writes no decision", async () => {
    const events = await play("free", "free", [exec("echo", "free")]);
    assert.equal(resultsIn(events)[0]?.result.stdout, "free\n");
    assert.ok(!wasAsked(events));
    const { decisions } = (await rig.gateway.api("GET", "/v1/approvals/log?limit=100")).body;
    assert.ok(!decisions.some((it: Json) => it.sessionKey === "free"));
  });

  test("does not keep approvals.requireFor from asking", async () => {
    mkdirSync(rig.workspace, { recursive: true });
    writeFileSync(join(rig.workspace, "old.txt"), "old\n");
    const patch = "*** Begin Patch\n*** Delete File: old.txt\n*** End Patch";
    const played = play("usual", "deletes", [{ name: "apply_patch", arguments: { patch } }]);
    const approval = await askedIn(rig, "deletes");
    assert.deepEqual(approval.reasons, ["approvals.requireFor names file-delete"]);
    assert.ok(existsSync(join(rig.workspace, "old.txt")));
    await decide(rig, approval, "allow");
    assert.equal(resultsIn(await played)[0]?.isError, false);
    assert.equal(existsSync(join(rig.workspace, "old.txt")), false);
  });
});

describe("a model that gets its calls wrong", () => {
  test("reads what is wrong with the arguments, and nobody is asked about such a call", async () => {
    const wrong: [ScriptedCall, RegExp][] = [
      [{ name: "write", arguments: { path: "x" } }, /Invalid arguments: content/],
      [{ name: "write", arguments: { path: "x", content: "x", mode: 777 } }, /Unrecognized key.*mode/],
      [{ name: "exec", arguments: { argv: [] } }, /Invalid arguments: argv/],
      [{ name: "exec", arguments: { argv: ["ls"], command: "ls" } }, /either argv or command/],
      [{ name: "exec", arguments: { argv: ["ls"], env: { LD_PRELOAD: "x.so" } } }, /LD_PRELOAD/],
      [{ name: "exec", arguments: { argv: ["ls"], cwd: "../.." } }, /leads out of the workspace/],
      [{ name: "write", arguments: { path: "../x", content: "x" } }, /leads out of the workspace/],
      [{ name: "cron", arguments: { action: "create", schedule: "never", message: "x" } }, /schedule/i],
      [{ name: "web_fetch", arguments: { url: "not one" } }, /not a URL/],
      [{ name: "clock", pieces: ['{"timezone": '] }, /not valid JSON/],
      [{ name: "clock", pieces: ["[]"] }, /Invalid arguments/],
    ];
    const events = await play("asks", "wrong", ...wrong.map(([call]) => [call]));
    const results = resultsIn(events);
    assert.equal(results.length, wrong.length);
    for (const [index, [call, sentence]] of wrong.entries()) {
      assert.equal(results[index]!.isError, true, call.name);
      assert.match(results[index]!.result.error, sentence);
      assert.ok(!results[index]!.result.error.includes(rig.gateway.stateDir));
    }
    assert.ok(!wasAsked(events));
    assert.equal(events.at(-1)?.data.finishReason, "stop");
  });

  test("goes round in circles for so long, and no longer", async () => {
    const same = Array.from({ length: 12 }, () => [{ name: "list", arguments: { glob: "none-*" } }]);
    const events = await play("usual", "circles", ...same);
    const results = resultsIn(events);
    assert.deepEqual(
      results.map((it) => it.isError),
      [false, false, false, false, true, true, true],
    );
    assert.match(results.at(-1)!.result.error, /made 4 times with the same result/);
    assert.deepEqual([events.at(-1)?.type, events.at(-1)?.data.finishReason], ["chat.done", "max_steps"]);
  });
});

describe("several calls in one answer", () => {
  test("run in their order where they change something", async () => {
    const path = "steps.txt";
    const edit = (old: string, next: string): ScriptedCall => ({
      name: "edit",
      arguments: { path, edits: [{ old, new: next }] },
    });
    const calls = [write(path), edit("x", "y"), edit("y", "z"), { name: "read", arguments: { path } }];
    const results = resultsIn(await play("usual", "ordered", calls));
    assert.deepEqual(
      results.map((it) => [it.tool, it.isError]),
      [
        ["write", false],
        ["edit", false],
        ["edit", false],
        ["read", false],
      ],
    );
    assert.equal(results[3]?.result.text.trim(), "z");
    assert.equal(readFileSync(join(rig.workspace, path), "utf8"), "z");
  });

  test("run beside each other where they change nothing, and each result goes with its own call", async () => {
    // Each sub-agent's model waits for the other's.
    const both = Promise.withResolvers<void>();
    let came = 0;
    rig.fake.script((request, count) => {
      const text = JSON.stringify((request.body.messages as Json[]).at(-1));
      const meets = /"meet (one|two)"/.exec(text);
      if (!meets) return typeof obedient === "function" ? obedient(request, count) : obedient;
      came += 1;
      if (came === 2) both.resolve();
      return [{ pause: both.promise }, { text: `met ${meets[1]}` }];
    });
    const calls = ["one", "two"].map((it) => ({
      name: "spawn",
      arguments: { task: `meet ${it}`, wait: true },
    }));
    const events = await play("usual", "beside", calls);
    rig.fake.script(obedient);
    const types = events.map((it) => it.type).filter((it) => /^tool\.(call|result)/.test(it));
    assert.deepEqual(types, ["tool.call", "tool.call", "tool.result", "tool.result"]);
    const messages = rig.lastRequest().messages as Json[];
    const results = messages.filter((it) => it.role === "tool");
    const asked = messages.find((it) => it.tool_calls)?.tool_calls as Json[];
    assert.deepEqual(
      results.map((it) => [it.tool_call_id, JSON.parse(it.content).result]),
      [
        [asked[0]!.id, "met one"],
        [asked[1]!.id, "met two"],
      ],
    );
  });

  test("of which one is denied run but for that one", async () => {
    const played = play("usual", "some", [write("some-a"), exec("touch", "some-b"), write("some-c")]);
    await decide(rig, await askedIn(rig, "some"), "deny");
    assert.deepEqual(
      resultsIn(await played).map((it) => [it.tool, it.isError]),
      [
        ["write", false],
        ["exec", true],
        ["write", false],
      ],
    );
    assert.deepEqual(
      ["a", "b", "c"].map((it) => existsSync(join(rig.workspace, `some-${it}`))),
      [true, false, true],
    );
  });
});
