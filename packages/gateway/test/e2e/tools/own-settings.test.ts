import assert from "node:assert/strict";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  type AgentRig,
  obedient,
  resultsIn,
  type ScriptedCall,
  startAgentRig,
  told,
} from "../../support/agent-rig.ts";

/** An agent that wants to rewrite the settings that bind it, though the gateway's state lies within its workspace. */

let rig: AgentRig;

before(async () => {
  rig = await startAgentRig({ agents: { defaults: { sandbox: { mode: "all" } } } }, {}, { state: "state" });
  rig.fake.script(obedient);
  symlinkSync(rig.gateway.stateDir, join(rig.workspace, "link"));
});

after(() => rig.close());

const files = ["openclaw.json", "gateway-token", "openclaw.db", "gateway.lock"];
const ways = ["state", "./state", "sub/../state", "link"];

function paths(name: string): string[] {
  return [...ways.map((it) => `${it}/${name}`), join(rig.gateway.stateDir, name)];
}

/** Ways to read, to change and to take away a file; and to put one beside it. */
function tries(path: string): ScriptedCall[] {
  const patch = `*** Begin Patch\n*** Delete File: ${path}\n*** End Patch`;
  const move = `*** Begin Patch\n*** Add File: evil\n+x\n*** Update File: evil\n*** Move to: ${path}.new\n*** End Patch`;
  return [
    { name: "write", arguments: { path, content: "{}" } },
    { name: "write", arguments: { path: `${path}.new`, content: "{}" } },
    { name: "edit", arguments: { path, edits: [{ old: "a", new: "b", all: true }] } },
    { name: "apply_patch", arguments: { patch } },
    { name: "apply_patch", arguments: { patch: move } },
    { name: "read", arguments: { path } },
    { name: "search", arguments: { path, pattern: "." } },
  ];
}

describe("the gateway's own files within the workspace", () => {
  test("cannot be read, written, edited, patched nor searched, whatever the way to them", async () => {
    const { stateDir, token } = rig.gateway;
    const before = new Map(
      ["openclaw.json", "gateway-token"].map((it) => [it, readFileSync(join(stateDir, it), "utf8")]),
    );
    for (const name of files) {
      for (const path of paths(name)) {
        const { runId } = await rig.run({ message: told(tries(path)) });
        const events = await rig.socket.end(runId);
        const results = resultsIn(events);
        assert.equal(results.length, tries(path).length);
        for (const it of results) assert.equal(it.isError, true, `${it.tool} ${path}`);
        assert.ok(!JSON.stringify(results).includes(token));
      }
    }
    for (const [name, text] of before) assert.equal(readFileSync(join(stateDir, name), "utf8"), text, name);
    assert.equal(existsSync(join(rig.workspace, "evil")), false);
    for (const name of files) assert.equal(existsSync(join(stateDir, `${name}.new`)), false);
  });

  test("are not found by listing and searching the workspace as a whole", async () => {
    const calls = [
      { name: "list", arguments: { depth: 5 } },
      { name: "list", arguments: { glob: "**/*.json" } },
      { name: "search", arguments: { pattern: rig.gateway.token, literal: true } },
      { name: "search", arguments: { pattern: "baseUrl" } },
    ];
    const { runId } = await rig.run({ message: told(calls) });
    const text = JSON.stringify(resultsIn(await rig.socket.end(runId)).map((it) => it.result));
    assert.doesNotMatch(text, /openclaw\.json|gateway-token|openclaw\.db/);
  });

  test("are no part of what a command in the sandbox sees, and stay as they are", async (t) => {
    const { stateDir, token } = rig.gateway;
    const script = `cat state/gateway-token link/gateway-token '${stateDir}/openclaw.json'; ls -A state link
      echo '{}' > state/openclaw.json; echo '{}' > link/openclaw.json; rm -rf state; mv state away; echo ran`;
    const call = { name: "exec", arguments: { argv: ["sh", "-c", script] } };
    const { runId } = await rig.run({ message: told([call]) });
    const events = await rig.socket.end(runId);
    const [outcome] = resultsIn(events);
    if (outcome!.isError) {
      assert.match(outcome!.result.error, /no sandbox that works/);
      return t.skip("bubblewrap is missing here, or may not make namespaces");
    }
    assert.match(outcome!.result.stdout, /ran\n$/);
    assert.ok(!JSON.stringify(outcome).includes(token));
    assert.doesNotMatch(outcome!.result.stdout, /gateway-token|openclaw/);
    assert.equal(readFileSync(join(stateDir, "gateway-token"), "utf8").trim(), token);
    assert.ok(JSON.parse(readFileSync(join(stateDir, "openclaw.json"), "utf8")).agents);
  });
});
