import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configSchema } from "openclaw-protocol";
import type { Inherited, RunScope } from "../../src/services/run-scope.ts";
import { handedOn, scopeOf } from "../../src/services/runs/scope.ts";
import type { LiveRun } from "../../src/services/runs/types.ts";
import { createToolSelection } from "../../src/services/tool-selection.ts";
import { command, type GateRig, risky, startGate } from "../approvals/gate-rig.ts";

/** A run must not get by a sub-agent what it may not do itself. */

const config = {
  tools: { byChannel: { telegram: { deny: ["cron"], policy: { write: "deny" } } } },
  agents: {
    list: [
      { id: "careful" },
      { id: "barred", tools: { policy: { exec: "deny" }, profile: "messaging" }, sandbox: { mode: "all" } },
      { id: "free", tools: { policy: { "*": "full" } }, sandbox: { mode: "off" } },
    ],
  },
};
const known = ["clock", "cron", "exec", "message", "write"];
let rig: GateRig;

before(async () => {
  rig = await startGate(config);
});

after(() => rig.close());

const select = createToolSelection({ tools: configSchema.parse(config).tools, known });

/** The scope of a run as the gateway works it out; `inherited` goes through the disk, as it does there. */
function scopeFor(agentId: string, inherited?: Inherited, more: Partial<LiveRun> = {}): RunScope {
  const run = {
    id: "run",
    sessionId: 1,
    sessionKey: "s",
    channel: "webchat",
    owner: "gateway",
    callerId: "gateway",
    agent: rig.agents.get(agentId),
    options: { scopes: ["admin"], inherited: inherited && JSON.parse(JSON.stringify(inherited)) },
    controller: new AbortController(),
    ...more,
  } as LiveRun; // all that a scope is made of
  return scopeOf(run, (it, above) =>
    select({ rules: it.agent.tools, channel: it.channel, inherited: above }),
  );
}

const childOf = (parent: RunScope, agentId: string) => scopeFor(agentId, handedOn(parent));

describe("a sub-agent", () => {
  test("of an agent with a laxer policy is asked about what its parent is asked about", async () => {
    const alone = scopeFor("free");
    assert.equal(await rig.outcome(command("/opt/x"), { scope: alone }), "runs");
    assert.equal(
      await rig.outcome(command("/opt/x"), { scope: childOf(scopeFor("careful"), "free") }),
      "asked",
    );
    assert.equal(
      await rig.outcome(command("/opt/x"), { scope: childOf(scopeFor("barred"), "free") }),
      "refused",
    );
  });

  test("of a sub-agent still has the rules of the first", async () => {
    const grandchild = childOf(childOf(scopeFor("barred"), "free"), "free");
    assert.equal(grandchild.depth, 2);
    assert.equal(await rig.outcome(command("/opt/x"), { scope: grandchild }), "refused");
  });

  test("keeps the rules of the channel that its parent was in", async () => {
    const parent = scopeFor("free", undefined, { channel: "telegram" });
    const child = childOf(parent, "free");
    assert.equal(child.channel, "webchat");
    assert.equal(await rig.outcome(risky("file-write"), { scope: child, tool: "write" }), "refused");
    assert.ok(!child.tools.includes("cron"));
  });

  test("has at most its parent's tools", () => {
    assert.deepEqual(childOf(scopeFor("barred"), "free").tools, ["clock", "cron", "message"]);
    assert.deepEqual(scopeFor("free").tools, known);
  });

  test("is shut in where its parent was, and a guest's where its parent was a guest's", async () => {
    assert.equal(childOf(scopeFor("barred"), "free").sandboxed, true);
    const guests = scopeFor("free", undefined, {
      callerId: "token:x",
      options: { scopes: ["chat"] } as LiveRun["options"],
    });
    assert.equal(guests.trust, "guest");
    const child = childOf(guests, "free");
    assert.equal(child.trust, "guest");
    assert.equal(await rig.outcome(command("/opt/x"), { scope: child }), "asked");
  });

  test("started by a run that has read a stranger's page is as careful", async () => {
    const parent = scopeFor("free");
    assert.equal(await rig.outcome(risky(), { scope: parent, tool: "spawn", tainted: true }), "runs");
    assert.equal(await rig.outcome(command("/opt/x"), { scope: childOf(parent, "free") }), "asked");
  });

  test("far down a chain names each rule once", () => {
    let scope = scopeFor("careful");
    for (let i = 0; i < 50; i++) scope = childOf(scope, i % 2 === 0 ? "free" : "careful");
    assert.equal(scope.above?.length, 2);
  });
});
