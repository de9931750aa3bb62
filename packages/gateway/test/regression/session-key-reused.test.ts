import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startGateway, type TestGateway } from "../support/gateway.ts";

let gateway: TestGateway;

before(async () => {
  gateway = await startGateway();
});

after(() => gateway.close());

test("whoever follows a session that is deleted hears nothing of another one's session of the same key", async () => {
  const as = async () => {
    const { body } = await gateway.api("POST", "/v1/tokens", { name: "t", scopes: ["chat"] });
    return { authorization: `Bearer ${body.token}` };
  };
  const first = await gateway.ws("/", await as());
  const run = async (message: string) => {
    const { result } = await first.call("chat.run", { message, sessionKey: "shared-name" });
    await first.end(result.runId);
  };
  await run("mine");
  await first.call("chat.subscribe", { sessionKey: "shared-name" });
  assert.equal((await gateway.api("DELETE", "/v1/sessions/shared-name")).status, 200);

  const theirs = { message: "a secret", sessionKey: "shared-name" };
  const answer = await gateway.api("POST", "/v1/agent/run", theirs, await as());
  assert.equal(answer.status, 200);
  await first.call("model.list"); // what was to come has come
  assert.deepEqual(first.events(answer.body.runId), []);

  assert.equal((await gateway.api("DELETE", "/v1/sessions/shared-name")).status, 200);
  await run("mine again"); // and the watch itself is none the worse
  first.close();
});
