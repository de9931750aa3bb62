import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startGateway, type TestGateway } from "../support/gateway.ts";

/** Requests that are small to send and once took the gateway seconds, minutes or all of its memory. */

let gateway: TestGateway;

before(async () => {
  gateway = await startGateway();
});

after(() => gateway.close());

describe("costly requests", { timeout: 60_000 }, () => {
  const complete = (body: object) => gateway.api("POST", "/v1/chat/completions", body);

  test("the demo model answers a text of nothing but braces", async () => {
    const message = `call clock ${"{".repeat(1_000_000)}`;
    assert.equal((await gateway.api("POST", "/v1/agent/run", { message })).status, 200);
  });

  test("a body of countless bad values is refused", async () => {
    const content = Array(1_000_000).fill(0);
    for (const model of ["builtin/demo", "openclaw"]) {
      const answer = await complete({ model, messages: [{ role: "user", content }] });
      assert.equal(answer.status, 400);
      assert.equal(answer.body.error.code, "invalid_request");
    }
  });

  test("a model's name without end is refused by its length", async () => {
    const model = "openrouter/".repeat(200_000);
    const answer = await complete({ model, messages: [{ role: "user", content: "x" }] });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.error.param, "model");
  });

  test("a throw-away conversation of thousands of messages is answered", async () => {
    const messages = Array.from({ length: 15_000 }, (_, index) => ({
      role: index % 2 === 0 ? "user" : "assistant",
      content: `${index}`,
    }));
    messages.push({ role: "user", content: "last" });
    assert.equal((await complete({ model: "openclaw", messages })).status, 200);
    const headers = { "x-openclaw-session-key": "many" };
    const users = messages.filter((it) => it.role === "user");
    const body = { model: "openclaw", messages: users };
    assert.equal((await gateway.api("POST", "/v1/chat/completions", body, headers)).status, 200);
  });
});

test("a session of long messages is read in pages that stay small, and none of it is left out", async () => {
  const long = "x".repeat(1_500_000);
  for (let count = 0; count < 6; count++) {
    const attachments = count === 3 ? [{ type: "file", data: "A".repeat(6_000_000) }] : [];
    const body = { message: `${count}${long}`, sessionKey: "long", attachments };
    assert.equal((await gateway.api("POST", "/v1/agent/run", body)).status, 200);
  }
  for (const [path, place, next] of [
    ["/v1/sessions/long", "before", "nextBefore"],
    ["/v1/sessions/long/export", "after", "nextAfter"],
  ] as const) {
    const read: string[] = [];
    for (let at = ""; ; ) {
      const { body, text } = await gateway.api("GET", `${path}${at && `?${place}=${at}`}`);
      assert.ok(text.length < 8_000_000, `${text.length} characters`);
      read.push(...body.messages.map((it: { id: string }) => it.id));
      at = body[next] ?? "";
      if (at === "") break;
    }
    assert.equal(new Set(read).size, 12, path);
    assert.equal(read.length, 12, path);
  }
});
