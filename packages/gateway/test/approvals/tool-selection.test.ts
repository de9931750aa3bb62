import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configSchema } from "openclaw-protocol";
import { createAgents } from "../../src/services/agents/agents.ts";
import { createToolSelection, unknownToolWarnings } from "../../src/services/tool-selection.ts";

const known =
  `apply_patch clock cron edit exec list message process read search sessions_history sessions_list
  sessions_send spawn web_fetch web_search write browser_click browser_open`.split(/\s+/);
const messaging =
  `clock cron message sessions_history sessions_list sessions_send web_fetch web_search`.split(" ");

function selected(config: object, more: { channel?: string; inherited?: { tools: string[] } } = {}) {
  const { tools, agents } = configSchema.parse(config);
  const rules = createAgents(agents, { stateDir: "/s", homeDir: "/h" }).get().tools;
  return createToolSelection({ tools, known })({ rules, channel: "webchat", ...more });
}

const agent = (tools: unknown) => ({ agents: { list: [{ id: "a", tools }] } });

describe("the tools of a run", () => {
  test("are all, sorted, unless told", () => {
    assert.deepEqual(selected({}), [...known].sort());
  });

  test("are those of the profile; an agent's own replaces the one of all", () => {
    assert.deepEqual(selected({ tools: { profile: "minimal" } }), ["clock"]);
    assert.deepEqual(
      selected({ tools: { profile: "minimal" }, ...agent({ profile: "messaging" }) }),
      messaging,
    );
    assert.ok(!selected({ tools: { profile: "coding" } }).includes("message"));
    assert.ok(selected({ tools: { profile: "coding" } }).includes("exec"));
  });

  test("grow by allow, and deny always wins", () => {
    const config = {
      tools: { profile: "minimal", allow: ["read"] },
      ...agent({ allow: ["exec", "list"], deny: ["list"] }),
    };
    assert.deepEqual(selected(config), ["clock", "exec", "read"]);
    assert.deepEqual(selected({ tools: { deny: ["clock"] }, ...agent(["clock", "read"]) }), ["read"]);
  });

  test("are exactly the names of a plain list, as far as there are such", () => {
    assert.deepEqual(selected({ tools: { allow: ["exec"] }, ...agent(["read", "nope"]) }), ["read"]);
    assert.deepEqual(selected(agent([])), []);
  });

  test("a channel only takes away", () => {
    const at = (rules: object, tools = {}) =>
      selected({ tools: { ...tools, byChannel: { telegram: rules } } }, { channel: "telegram" });
    assert.deepEqual(at({ profile: "messaging" }), messaging);
    assert.deepEqual(at({ profile: "full" }, { profile: "minimal" }), ["clock"]);
    assert.deepEqual(at({ allow: ["exec", "clock"] }, { profile: "minimal" }), ["clock"]);
    assert.deepEqual(at({ profile: "minimal", allow: ["read"] }), ["clock", "read"]);
    assert.ok(!at({ deny: ["exec"] }).includes("exec"));
    assert.deepEqual(at({}), [...known].sort());
    const elsewhere = { tools: { byChannel: { telegram: { allow: [] } } } };
    assert.deepEqual(selected(elsewhere), [...known].sort());
    assert.deepEqual(selected(elsewhere, { channel: "constructor" }), [...known].sort());
  });

  test("are at most those of the run above", () => {
    assert.deepEqual(selected({}, { inherited: { tools: ["read", "gone"] } }), ["read"]);
  });

  test("a last * stands for all names that begin so", () => {
    assert.deepEqual(selected(agent(["browser_*"])), ["browser_click", "browser_open"]);
    assert.deepEqual(selected({ tools: { deny: ["*"] } }), []);
  });

  test("the same tools are the same array", () => {
    const { tools, agents } = configSchema.parse(agent({ profile: "coding" }));
    const rules = createAgents(agents, { stateDir: "/s", homeDir: "/h" }).get().tools;
    const select = createToolSelection({ tools, known });
    assert.equal(select({ rules, channel: "webchat" }), select({ rules: { ...rules }, channel: "telegram" }));
    assert.notEqual(
      select({ rules, channel: "webchat" }),
      select({ rules: { ...rules, deny: ["exec"] }, channel: "x" }),
    );
  });
});

test("names of tools that there are not are told to the owner, with the one that was meant", () => {
  const config = configSchema.parse({
    tools: {
      deny: ["exek"],
      policy: { "*": "ask", reed: "deny" },
      byChannel: { slack: { allow: ["browser_*", "nothing"] } },
    },
    agents: { defaults: { tools: ["bash"] }, list: [{ id: "a", tools: { allow: ["message"] } }] },
  });
  assert.deepEqual(unknownToolWarnings(config, known), [
    'tools.deny: there is no tool "exek". Did you mean "exec"?',
    'tools.policy: there is no tool "reed". Did you mean "read"?',
    'tools.byChannel.slack.allow: there is no tool "nothing".',
    'agents.defaults.tools: there is no tool "bash".',
  ]);
});
