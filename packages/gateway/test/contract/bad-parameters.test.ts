import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type ErrorCode, errorTable, type MethodName } from "openclaw-protocol";
import { type Json, startGateway, type TestGateway } from "../support/gateway.ts";
import { overHttp } from "../support/over-http.ts";
import type { TestSocket } from "../support/socket.ts";

/** Every bad parameter is refused by its dotted name, over HTTP and WebSocket. */

let gateway: TestGateway;
let socket: TestSocket;

before(async () => {
  gateway = await startGateway();
  socket = await gateway.ws();
  await gateway.api("POST", "/v1/agent/run", { message: "hello", sessionKey: "x" });
});

after(() => gateway.close());

describe("bad parameters", () => {
  const cases: [name: MethodName, params: Json, param: string][] = [
    ["agent.run", {}, "message"],
    ["agent.run", { message: 5 }, "message"],
    ["agent.run", { message: "" }, "message"],
    ["agent.run", { message: "x", sessionKey: "a\nb" }, "sessionKey"],
    ["agent.run", { message: "x", sessionKey: "k".repeat(257) }, "sessionKey"],
    ["agent.run", { message: "x", sessionKey: 7 }, "sessionKey"],
    ["agent.run", { message: "x", options: { thinkng: "low" } }, "options.thinkng"],
    ["agent.run", { message: "x", options: { thinking: "huge" } }, "options.thinking"],
    ["agent.run", { message: "x", options: { temperature: 3 } }, "options.temperature"],
    ["agent.run", { message: "x", options: { maxTokens: 0 } }, "options.maxTokens"],
    ["agent.run", { message: "x", options: [] }, "options"],
    ["agent.run", { message: "x", options: { model: "nope/x" } }, "options.model"],
    ["agent.run", { message: "x", agentId: "nobody" }, "agentId"],
    ["agent.run", { message: "x", extra: 1 }, "extra"],
    ["agent.run", { message: "x", attachments: [{ type: "image", url: "nope" }] }, "attachments[0].url"],
    ["agent.run", { message: "x", attachments: [{ type: "image" }] }, "attachments[0].data"],
    ["chat.run", { message: "x", attachments: "no" }, "attachments"],
    ["session.list", { limit: 0 }, "limit"],
    ["session.list", { limit: 501 }, "limit"],
    ["session.list", { cursor: "garbage" }, "cursor"],
    ["session.get", { sessionKey: "x", before: "garbage" }, "before"],
    ["session.update", { sessionKey: "x", thinking: "most" }, "thinking"],
    ["token.create", { name: "x", scopes: [] }, "scopes"],
    ["token.create", { name: "x", scopes: ["root"] }, "scopes[0]"],
    ["token.create", { name: "x", scopes: ["read"], expiresAt: "2001-01-01T00:00:00Z" }, "expiresAt"],
    ["browser.navigate", { url: "file:///etc/passwd" }, "url"],
    ["browser.navigate", { url: "http://127.0.0.1:1/" }, "url"],
    ["browser.navigate", { url: "http://[::ffff:127.0.0.1]/" }, "url"],
    ["browser.navigate", { url: "http://2130706433/" }, "url"],
    ["approval.resolve", { approvalId: "a", decision: "maybe" }, "decision"],
  ];
  for (const [name, params, param] of cases) {
    test(`${name} ${JSON.stringify(params).slice(0, 70)} is refused with param ${param}`, async () => {
      const reply = await socket.call(name, params);
      const answer = await overHttp(gateway, name, params);
      for (const error of [reply.error, answer.body.error]) {
        assert.ok(error, JSON.stringify([reply, answer.body]));
        assert.equal(error.param, param, error.message);
        assert.ok(["invalid_request", "not_found"].includes(error.code));
      }
      assert.equal(answer.status, errorTable[answer.body.error.code as ErrorCode].status);
    });
  }

  test("unknown ids are 404 naming the parameter", async () => {
    const unknown: [MethodName, Json, string][] = [
      ["run.get", { runId: "run-x" }, "runId"],
      ["chat.abort", { runId: "run-x" }, "runId"],
      ["chat.subscribe", { runId: "run-x" }, "runId"],
      ["session.get", { sessionKey: "none" }, "sessionKey"],
      ["session.export", { sessionKey: "none" }, "sessionKey"],
      ["session.update", { sessionKey: "none", title: "x" }, "sessionKey"],
      ["session.delete", { sessionKey: "none" }, "sessionKey"],
      ["session.reset", { sessionKey: "none" }, "sessionKey"],
      ["session.compact", { sessionKey: "none" }, "sessionKey"],
      ["session.fork", { sessionKey: "none" }, "sessionKey"],
      ["channel.status", { channelId: "none" }, "channelId"],
      ["channel.send", { channelId: "none", to: "x", text: "x" }, "channelId"],
      ["token.revoke", { tokenId: "none" }, "tokenId"],
      ["token.rotate", { tokenId: "none" }, "tokenId"],
    ];
    for (const [name, params, param] of unknown) {
      const answer = await overHttp(gateway, name, params);
      assert.equal(answer.status, 404, `${name} ${answer.text}`);
      assert.equal(answer.body.error.param, param);
      assert.equal((await socket.call(name, params)).error.code, "not_found");
    }
  });
});
