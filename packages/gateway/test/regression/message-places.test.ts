import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Json, startGateway, type TestGateway } from "../support/gateway.ts";

let gateway: TestGateway;

before(async () => {
  gateway = await startGateway();
  for (const message of ["one", "two", "three"])
    await gateway.api("POST", "/v1/agent/run", { message, sessionKey: "pages" });
});

after(() => gateway.close());

async function page(path: string): Promise<Json[]> {
  const { status, body } = await gateway.api("GET", `/v1/sessions/pages${path}`);
  assert.equal(status, 200);
  return body.messages;
}

test("the id of any message is a place that a page can begin at", async () => {
  const all = await page("");
  assert.equal(all.length, 6);
  assert.deepEqual(await page(`?limit=2&before=${all[4]!.id}`), all.slice(2, 4));
  assert.deepEqual(await page(`?before=${all[0]!.id}`), []);
  assert.deepEqual(await page(`/export?limit=2&after=${all[1]!.id}`), all.slice(2, 4));
});

test("an id of another session's message is no place in this one", async () => {
  await gateway.api("POST", "/v1/agent/run", { message: "x", sessionKey: "other" });
  const { body } = await gateway.api("GET", "/v1/sessions/other");
  const refused = await gateway.api("GET", `/v1/sessions/pages?before=${body.messages[0].id}`);
  assert.equal(refused.status, 400);
  assert.equal(refused.body.error.param, "before");
});
