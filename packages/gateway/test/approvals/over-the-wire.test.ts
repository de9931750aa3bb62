import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type AgentRig, resultsIn, startAgentRig } from "../support/agent-rig.ts";
import type { Json } from "../support/gateway.ts";
import { until } from "../support/until.ts";

/** Approvals as clients meet them: over HTTP and WebSocket, around a scripted model that wants to run a command. */

let rig: AgentRig;

before(async () => {
  rig = await startAgentRig();
});

after(() => rig.close());

const echo = (word: string) => [{ name: "exec", arguments: { argv: ["echo", word] } }];

async function waiting(): Promise<Json> {
  let approvals: Json[] = [];
  await until(async () => {
    ({ approvals } = (await rig.gateway.api("GET", "/v1/approvals")).body);
    return approvals.length > 0;
  }, "a call waits for a decision");
  return approvals[0]!; // as just waited for
}

const resolve = (approvalId: string, decision: string, headers?: Record<string, string>) =>
  rig.gateway.api("POST", `/v1/approvals/${approvalId}`, { decision }, headers);

async function tokenWith(...scopes: string[]): Promise<Record<string, string>> {
  const { body } = await rig.gateway.api("POST", "/v1/tokens", { name: "some", scopes });
  return { authorization: `Bearer ${body.token}` };
}

describe("a command on the host", () => {
  test("is asked for by an event, runs once it is allowed, and stands in the log", async () => {
    const played = rig.play([echo("one")]);
    const approval = await waiting();
    assert.deepEqual([approval.tool, approval.params], ["exec", { argv: ["echo", "one"] }]);
    assert.deepEqual(approval.facts.argv.slice(1), ["one"]);
    const { status, body } = await resolve(approval.approvalId, "allow");
    assert.deepEqual([status, body], [200, { approvalId: approval.approvalId, decision: "allow" }]);
    const events = await played;
    const types = events.map((it) => it.type).filter((it) => /^(approval|tool\.(call|result))/.test(it));
    assert.deepEqual(types, ["tool.call", "approval.requested", "approval.resolved", "tool.result"]);
    const {
      runId,
      sessionKey,
      seq: _,
      ...asked
    } = events.find((it) => it.type === "approval.requested")!.data;
    assert.deepEqual({ ...asked, runId, sessionKey }, approval);
    assert.equal(resultsIn(events)[0]?.result.stdout, "one\n");
    const log = await rig.gateway.api("GET", "/v1/approvals/log?limit=1");
    assert.equal(log.body.decisions[0].approvalId, approval.approvalId);
    assert.equal((await resolve(approval.approvalId, "deny")).status, 409);
  });

  test("that is denied does not run, and the model reads why", async () => {
    const played = rig.play([echo("two")]);
    await resolve((await waiting()).approvalId, "deny");
    const [result] = resultsIn(await played);
    assert.equal(result?.isError, true);
    assert.match(result.result.error, /said no/);
    assert.match(JSON.stringify(rig.lastRequest()), /said no/);
  });

  test("that is always allowed is not asked for again until it is forgotten", async () => {
    const first = rig.play([echo("three")]);
    await resolve((await waiting()).approvalId, "always");
    await first;
    const [again] = resultsIn(await rig.play([echo("three")]));
    assert.equal(again?.result.stdout, "three\n");
    const { entries } = (await rig.gateway.api("GET", "/v1/approvals/allowlist")).body;
    assert.equal(entries.length, 1);
    const path = `/v1/approvals/allowlist/${entries[0].entryId}`;
    assert.equal((await rig.gateway.api("DELETE", path)).status, 200);
    assert.equal((await rig.gateway.api("DELETE", path)).status, 404);
    const asked = rig.play([echo("three")]);
    await resolve((await waiting()).approvalId, "deny");
    await asked;
  });

  test("is no question any more when its run is aborted", async () => {
    const played = rig.play([echo("four")]);
    const { runId, approvalId } = await waiting();
    await rig.gateway.api("POST", `/v1/runs/${runId}/abort`, {});
    const events = await played;
    assert.deepEqual((await rig.gateway.api("GET", "/v1/approvals")).body, { approvals: [] });
    assert.equal(events.at(-1)?.type, "chat.aborted");
    assert.equal((await resolve(approvalId, "allow")).status, 409);
  });
});

describe("who may decide", () => {
  test("is a token with approve alone: looking, chatting and operating do not include it", async () => {
    const played = rig.play([echo("five")]);
    const { approvalId } = await waiting();
    const refused = await resolve(approvalId, "allow", await tokenWith("read", "chat", "operate"));
    assert.deepEqual([refused.status, refused.body.error.param], [403, "approve"]);
    const allowed = await resolve(approvalId, "allow", await tokenWith("approve"));
    assert.equal(allowed.status, 200);
    await played;
  });
});
