import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Answer, harness } from "../cli/harness.ts";

const waiting = {
  approvalId: "approval-1",
  runId: "run-1",
  sessionKey: "s",
  tool: "exec",
  params: { argv: ["ls", "\u001b[2K\u202egnp"] },
  toolCallId: "call-1",
  agentId: "default",
  reasons: ["it runs a command outside of a sandbox"],
  canAlways: true,
  createdAt: "2026-01-01T00:00:00.000Z",
  expiresAt: "2026-01-01T00:05:00.000Z",
};

describe("openclaw approvals", () => {
  test("lists what waits; what a model wrote cannot command the terminal", async (t) => {
    const { run, gateway } = await harness(t);
    const env = {
      OPENCLAW_GATEWAY_TOKEN: "t",
      OPENCLAW_GATEWAY_URL: await gateway({ "GET /v1/approvals": { approvals: [waiting] } }),
    };
    const { code, stdout } = await run(["approvals"], { env });
    assert.equal(code, 0);
    assert.match(stdout, /approval-1[\s\S]*exec[\s\S]*outside of a sandbox/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    assert.doesNotMatch(stdout, /[\u001b\u202e]/);
    assert.deepEqual(JSON.parse((await run(["approvals", "list", "--json"], { env })).stdout), {
      approvals: [waiting],
    });
  });

  test("answers with allow, always and deny", async (t) => {
    const { run, gateway, requests } = await harness(t);
    const echo: Answer = (_request, response, body) => {
      const { decision } = JSON.parse(body);
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ approvalId: "a-1", decision }));
    };
    const env = {
      OPENCLAW_GATEWAY_TOKEN: "t",
      OPENCLAW_GATEWAY_URL: await gateway({ "POST /v1/approvals/a-1": echo }),
    };
    assert.equal((await run(["approvals", "allow", "a-1"], { env })).stdout, "Allowed a-1.\n");
    assert.equal(
      (await run(["approvals", "allow", "a-1", "--always"], { env })).stdout,
      "Allowed for good: a-1.\n",
    );
    assert.equal((await run(["approvals", "deny", "a-1"], { env })).stdout, "Denied a-1.\n");
    assert.deepEqual(
      requests.map((it) => JSON.parse(it.body).decision),
      ["allow", "always", "deny"],
    );
  });

  test("shows and shortens the allow-list, and shows the log", async (t) => {
    const { run, gateway } = await harness(t);
    const entry = {
      entryId: "e-1",
      agentId: "default",
      tool: "exec",
      words: ["/bin/ls"],
      decidedBy: "gateway",
      createdAt: "now",
    };
    const decision = {
      decidedAt: "now",
      decision: "deny",
      tool: "exec",
      agentId: "default",
      decidedBy: null,
      reason: "the run ended",
    };
    const env = {
      OPENCLAW_GATEWAY_TOKEN: "t",
      OPENCLAW_GATEWAY_URL: await gateway({
        "GET /v1/approvals/allowlist": { entries: [entry] },
        "DELETE /v1/approvals/allowlist/e-1": { forgotten: true, entryId: "e-1" },
        "GET /v1/approvals/log?limit=20": { decisions: [decision] },
      }),
    };
    assert.match(
      (await run(["approvals", "allowlist"], { env })).stdout,
      /e-1 +default +exec +\["\/bin\/ls"\]/,
    );
    assert.equal((await run(["approvals", "forget", "e-1"], { env })).stdout, "Forgot e-1.\n");
    assert.match((await run(["approvals", "log"], { env })).stdout, /deny +exec +default +– +the run ended/);
    assert.equal((await run(["approvals", "log", "--limit", "1000"], { env })).code, 1);
  });
});
