import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startGateway, type TestGateway } from "../support/gateway.ts";

let gateway: TestGateway;

before(async () => {
  gateway = await startGateway();
});

after(() => gateway.close());

test("a frame without a method is answered with the id null, even where it has one", async () => {
  const socket = await gateway.ws();
  socket.send({ id: 7, params: {} });
  const reply = await socket.find((message) => "id" in message);
  assert.equal(reply.id, null);
  assert.equal(reply.error.code, "invalid_request");
  assert.equal((await socket.call("health")).result.status, "ok");
  socket.close();
});

test("half of a surrogate pair is no session key: it could not be stored and found again", async () => {
  const answer = await gateway.api("POST", "/v1/runs", '{"message":"x","sessionKey":"a\\ud800"}');
  assert.equal(answer.status, 400);
  assert.equal(answer.body.error.param, "sessionKey");
  assert.equal((await gateway.api("POST", "/v1/runs", { message: "x", sessionKey: "a😀" })).status, 202);
});
