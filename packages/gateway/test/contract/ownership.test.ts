import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Scope } from "openclaw-protocol";
import { type Json, startGateway, type TestGateway } from "../support/gateway.ts";

/** Whose sessions a token may see and use, and what it may hand on. */

let gateway: TestGateway;

before(async () => {
  gateway = await startGateway();
});

after(() => gateway.close());

describe("ownership", () => {
  async function tokenOf(...scopes: Scope[]) {
    const { body } = await gateway.api("POST", "/v1/tokens", { name: "own", scopes });
    return { authorization: `Bearer ${body.token}` };
  }

  test("a token without read sees, follows and aborts only sessions that it made", async () => {
    const mine = await tokenOf("chat");
    const theirs = await tokenOf("chat");
    const own = await gateway.api("POST", "/v1/agent/run", { message: "x", sessionKey: "mine" }, mine);
    assert.equal(own.status, 200);
    const { runId } = own.body;
    const list = async (as: Record<string, string>) =>
      (await gateway.api("GET", "/v1/sessions", undefined, as)).body.sessions.map(
        (it: Json) => it.sessionKey,
      );
    assert.deepEqual(await list(mine), ["mine"]);
    assert.deepEqual(await list(theirs), []);
    for (const [verb, path] of [
      ["GET", "/v1/sessions/mine"],
      ["GET", "/v1/sessions/mine/export"],
      ["GET", `/v1/runs/${runId}`],
      ["GET", `/v1/runs/${runId}/events`],
      ["POST", `/v1/runs/${runId}/abort`],
    ] as const) {
      const refused = await gateway.api(verb, path, undefined, theirs);
      assert.equal(refused.status, 404, path);
      assert.equal((await gateway.api(verb, path, undefined, mine)).status, 200, path);
    }
    const other = await gateway.ws("/", theirs);
    assert.equal((await other.call("chat.subscribe", { sessionKey: "mine" })).error.code, "not_found");
    assert.equal((await other.call("chat.subscribe", { runId })).error.code, "not_found");
    other.close();
    const into = await gateway.api("POST", "/v1/agent/run", { message: "x", sessionKey: "mine" }, theirs);
    assert.equal(into.status, 404);
    assert.equal((await gateway.api("GET", "/v1/sessions/mine")).body.messageCount, 2);
  });

  test("a token with read sees every session; one with chat and read may go on in any", async () => {
    await gateway.api("POST", "/v1/agent/run", { message: "x", sessionKey: "ours" }, await tokenOf("chat"));
    const reader = await tokenOf("read");
    assert.equal((await gateway.api("GET", "/v1/sessions/ours", undefined, reader)).status, 200);
    const both = await tokenOf("read", "chat");
    const on = await gateway.api("POST", "/v1/agent/run", { message: "y", sessionKey: "ours" }, both);
    assert.equal(on.status, 200);
  });

  test("a token cannot be given more than its maker has, and only an admin makes any", async () => {
    const operator = await tokenOf("read", "chat", "operate", "approve");
    const answer = await gateway.api("POST", "/v1/tokens", { name: "more", scopes: ["admin"] }, operator);
    assert.equal(answer.status, 403);
    assert.equal(answer.body.error.param, "admin");
  });
});
