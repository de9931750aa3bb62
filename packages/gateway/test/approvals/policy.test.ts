import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ToolPolicy, toolPolicies } from "openclaw-protocol";
import type { PreparedCall } from "../../src/runtime/tools/types.ts";
import { type JudgedCall, judge } from "../../src/services/approvals/policy.ts";

type Table = Record<string, ToolPolicy>;

interface Given {
  tool?: string;
  prepared?: Pick<PreparedCall, "risks" | "why" | "contained">;
  agent?: Table;
  root?: Table;
  channel?: Table;
  above?: Table[];
  guest?: boolean;
  tainted?: boolean;
  requireFor?: string[];
}

function judged(given: Given) {
  const call: JudgedCall = {
    tool: given.tool ?? "exec",
    prepared: given.prepared ?? { risks: ["system-command"] },
    tainted: given.tainted ?? false,
    scope: {
      channel: "telegram",
      trust: given.guest ? "guest" : "owner",
      agent: { tools: { policy: given.agent ?? {} } } as JudgedCall["scope"]["agent"], // all that is looked at
      above: given.above?.map((policy) => ({ channel: "webchat", policy })),
    },
  };
  const byChannel = given.channel ? { telegram: { policy: given.channel } } : {};
  return judge(call, {
    tools: { policy: given.root, byChannel },
    approvals: { requireFor: given.requireFor ?? [] },
  });
}

const policyOf = (given: Given) => judged(given).policy;
const contained = { risks: ["system-command"], contained: true } as const;
const sends = { risks: ["message-send"] } as const;

describe("what nobody has set a policy for", () => {
  test("a command on the host is asked for, one that is shut in runs", () => {
    assert.equal(policyOf({}), "ask");
    assert.equal(policyOf({ prepared: contained }), "full");
    assert.equal(policyOf({ prepared: contained, guest: true, tainted: true }), "full");
  });

  test("messages, schedules and what the agent is told of itself are the owner's to change, guests' calls are asked for", () => {
    for (const risk of ["message-send", "schedule", "identity-write"] as const) {
      assert.equal(policyOf({ tool: "x", prepared: { risks: [risk] } }), "full");
      assert.equal(policyOf({ tool: "x", prepared: { risks: [risk] }, guest: true }), "ask");
      assert.equal(policyOf({ tool: "x", prepared: { risks: [risk] }, tainted: true }), "ask");
    }
  });

  test("handing over a password or payment data is asked for, whoever's run it is", () => {
    const submit = {
      tool: "browser_click",
      prepared: { risks: ["network-request", "form-submit"] },
    } as const;
    for (const more of [{}, { guest: true }, { tainted: true }] satisfies Given[])
      assert.equal(policyOf({ ...submit, ...more }), "ask");
    assert.equal(policyOf({ ...submit, agent: { browser_click: "full" } }), "full");
    assert.equal(policyOf({ ...submit, agent: { browser_click: "full" }, tainted: true }), "ask");
    assert.equal(policyOf({ ...submit, agent: { browser_click: "deny" } }), "deny");
    assert.equal(policyOf({ ...submit, prepared: { risks: ["network-request"] } }), "full");
  });

  test("reading, writing files and fetching pages run", () => {
    for (const risks of [[], ["file-write"], ["file-delete"], ["network-request"]] as const)
      assert.equal(policyOf({ tool: "x", prepared: { risks }, guest: true, tainted: true }), "full");
  });
});

describe("a policy that is set", () => {
  test("the strictest of agent, whole config, channel and the runs above counts", () => {
    for (const [place, stricter] of toolPolicies.entries()) {
      for (const looser of toolPolicies.slice(place)) {
        const pairs: Given[] = [
          { agent: { exec: stricter }, root: { exec: looser } },
          { agent: { exec: looser }, root: { exec: stricter } },
          { agent: { exec: looser }, channel: { exec: stricter } },
          { agent: { exec: looser }, above: [{ exec: "full" }, { exec: stricter }] },
        ];
        for (const given of pairs) assert.equal(policyOf(given), stricter, JSON.stringify(given));
      }
    }
  });

  test("it counts for commands that are shut in as well", () => {
    assert.equal(policyOf({ agent: { exec: "ask" }, prepared: contained }), "ask");
    assert.equal(policyOf({ agent: { exec: "full" } }), "full");
  });

  test("* stands for every tool without a policy of its own", () => {
    assert.equal(policyOf({ agent: { "*": "deny", exec: "full" } }), "full");
    assert.equal(policyOf({ agent: { "*": "deny", exec: "full" }, tool: "clock" }), "deny");
  });

  test("a channel's rules and those above take away, they never loosen", () => {
    assert.equal(policyOf({ channel: { exec: "full" } }), "ask");
    assert.equal(policyOf({ above: [{ exec: "full" }] }), "ask");
    assert.equal(policyOf({ agent: { exec: "full" }, above: [{}] }), "ask");
  });

  test("names of what every object has are names like any other", () => {
    assert.equal(policyOf({ tool: "constructor", prepared: { risks: [] }, agent: { exec: "deny" } }), "full");
    assert.equal(policyOf({ tool: "constructor", prepared: { risks: [] }, agent: { "*": "deny" } }), "deny");
    assert.equal(policyOf({ tool: "__proto__", prepared: { risks: [] } }), "full");
  });
});

describe("what is asked about all the same", () => {
  test("approvals.requireFor names risks and tools, and only makes stricter", () => {
    const write = { risks: ["file-write"] } as const;
    assert.equal(policyOf({ tool: "write", prepared: write, requireFor: ["file-write"] }), "ask");
    assert.equal(policyOf({ tool: "write", prepared: write, requireFor: ["write"] }), "ask");
    assert.equal(policyOf({ tool: "write", prepared: write, requireFor: ["system-command"] }), "full");
    assert.equal(policyOf({ prepared: contained, requireFor: ["system-command"] }), "ask");
    assert.equal(policyOf({ agent: { exec: "deny" }, requireFor: ["exec"] }), "deny");
  });

  test("who is asked learns why", () => {
    assert.deepEqual(judged({}).reasons, ["it runs a command outside of a sandbox"]);
    assert.deepEqual(judged({ agent: { exec: "full" }, tainted: true }).reasons, [
      "it runs a command outside of a sandbox",
      "this turn has read outside content",
    ]);
    assert.deepEqual(judged({ tool: "clock", prepared: { risks: [] }, root: { "*": "ask" } }).reasons, [
      'the policy for clock is "ask"',
    ]);
    assert.deepEqual(
      judged({ tool: "message", prepared: sends, guest: true, requireFor: ["message"] }).reasons,
      ["it sends a message", "approvals.requireFor names message", "the run is not the owner's"],
    );
    assert.deepEqual(judged({ agent: { exec: "full" } }).reasons, []);
    const submit = { risks: ["form-submit"] } as const;
    assert.deepEqual(judged({ tool: "browser_click", prepared: submit }).reasons, [
      "it hands over a password or payment data",
    ]);
    const exactly = { ...submit, why: { "form-submit": "it hands over a password" } };
    assert.deepEqual(judged({ tool: "browser_click", prepared: exactly }).reasons, [
      "it hands over a password",
    ]);
  });

  test("what the agent is told of itself is never on a list for strangers", () => {
    const identity = { risks: ["file-write", "identity-write"] } as const;
    assert.equal(judged({ tool: "write", prepared: identity, tainted: true }).mayMatch, false);
    assert.equal(judged({ tool: "write", prepared: identity, guest: true }).mayMatch, false);
    assert.equal(judged({ tool: "write", prepared: identity, root: { write: "ask" } }).mayMatch, true);
  });
});
