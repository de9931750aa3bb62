import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startGateway, type TestGateway } from "../support/gateway.ts";

let gateway: TestGateway;

before(async () => {
  gateway = await startGateway();
});

after(() => gateway.close());

test("a token that may change sessions but not read them is not shown what others said", async () => {
  await gateway.api("POST", "/v1/agent/run", { message: "a secret", sessionKey: "theirs" });
  const made = await gateway.api("POST", "/v1/tokens", { name: "t", scopes: ["chat", "operate"] });
  const as = { authorization: `Bearer ${made.body.token}` };
  for (const [verb, path] of [
    ["GET", "/v1/sessions/theirs"],
    ["GET", "/v1/sessions/theirs/export"],
    ["POST", "/v1/sessions/theirs/fork"],
  ] as const) {
    const answer = await gateway.api(verb, path, undefined, as);
    assert.equal(answer.status, 404, path);
    assert.doesNotMatch(answer.text, /a secret/);
  }
  assert.equal((await gateway.api("DELETE", "/v1/sessions/theirs", undefined, as)).status, 200);
});
