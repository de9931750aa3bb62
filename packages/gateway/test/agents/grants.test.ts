import assert from "node:assert/strict";
import { test } from "node:test";
import { type AgentConfig, configSchema, type Scope, toolPolicies, toolProfiles } from "openclaw-protocol";
import { requireGrant } from "../../src/services/agent-grants.ts";
import { type Agent, createAgents } from "../../src/services/agents/agents.ts";
import { createToolSelection } from "../../src/services/tool-selection.ts";
import { seeded } from "../support/random.ts";

const agents = createAgents(configSchema.parse({}).agents, { stateDir: "/state", homeDir: "/home" });
const known = ["clock", "exec", "read", "web_fetch", "write"];
const select = createToolSelection({ tools: { byChannel: {} }, known });
const toolsOf = (agent: Agent) => select({ rules: agent.tools, channel: "webchat" });
const operator = { scopes: new Set<Scope>(["operate", "read"]) };
const severity = (policy: string | undefined) =>
  ["full", "ask", "allowlist", "deny"].indexOf(policy ?? "ask");
const policyOf = (agent: Agent, tool: string) => agent.tools.policy[tool] ?? agent.tools.policy["*"];

test("whatever an operator may change, the agent has no tool and no freer policy than before", () => {
  const random = seeded(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const some = <T>(list: readonly T[]): T[] => list.filter(() => random() < 0.4);
  const rules = (): AgentConfig["tools"] => {
    if (random() < 0.2) return some(known);
    return {
      ...(random() < 0.6 && { profile: pick(toolProfiles) }),
      ...(random() < 0.5 && { allow: some(known) }),
      ...(random() < 0.5 && { deny: some(known) }),
      ...(random() < 0.5 && {
        policy: Object.fromEntries(some([...known, "*"]).map((it) => [it, pick(toolPolicies)])),
      }),
    };
  };
  let allowed = 0;
  for (let round = 0; round < 20_000; round++) {
    const before = agents.describe({ id: "a", tools: rules() });
    const after = agents.describe({ id: "a", tools: rules() });
    try {
      requireGrant(operator, before, after);
    } catch {
      continue;
    }
    allowed += 1;
    for (const tool of toolsOf(after)) {
      const change = JSON.stringify([before.tools, after.tools]);
      assert.ok(toolsOf(before).includes(tool), `${tool}: ${change}`);
      // Where nothing was set, nothing but "deny" may be set; so what is compared is what was set.
      const [was, is] = [policyOf(before, tool), policyOf(after, tool)];
      if (is !== was) assert.ok(severity(is) >= severity(was), `${tool}: ${change}`);
    }
  }
  assert.ok(allowed > 50, `only ${allowed} changes were allowed at all`);
});

test("whoever is admin may change everything", () => {
  const before = agents.describe({ id: "a", sandbox: { mode: "all" }, maxCostPerDay: 1 });
  requireGrant({ scopes: new Set<Scope>(["admin"]) }, before, agents.describe({ id: "a", workspace: "/" }));
});
