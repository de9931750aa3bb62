import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { harness } from "../cli/harness.ts";
import { startGateway } from "../support/gateway.ts";

describe("openclaw agents", () => {
  it("lists, makes and deletes agents of the gateway, as text and as JSON", async (t) => {
    const gateway = await startGateway();
    t.after(() => gateway.close());
    const { run: command } = await harness(t);
    const env = { OPENCLAW_GATEWAY_URL: gateway.url, OPENCLAW_GATEWAY_TOKEN: gateway.token };
    const run = (...args: string[]) => command(["agents", ...args], { env });

    const made = await run(
      "add",
      "writer",
      "--name",
      "Writer",
      "--model",
      "builtin/demo",
      "--thinking",
      "low",
    );
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /^Made the agent writer\. Its workspace is .*workspace-writer\.\n$/);
    const listed = await run();
    assert.match(listed.stdout, /default \* +Assistant[\s\S]*writer +Writer +builtin\/demo +low/);
    const { agents } = JSON.parse((await run("list", "--json")).stdout);
    assert.deepEqual(
      agents.map((it: { agentId: string }) => it.agentId),
      ["default", "writer"],
    );
    const twice = await run("add", "writer");
    assert.notEqual(twice.code, 0);
    assert.match(twice.stderr, /already/);
    assert.match((await run("add", "x", "--thinking", "hard")).stderr, /--thinking must be one of off/);
    assert.equal(JSON.parse((await run("remove", "writer", "--json")).stdout).deleted, true);
    assert.match((await run("remove", "default")).stderr, /must stay/);
  });
});
