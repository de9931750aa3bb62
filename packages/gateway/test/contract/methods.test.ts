import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  contract,
  type ErrorCode,
  errorTable,
  type Method,
  type MethodName,
  type Scope,
} from "openclaw-protocol";
import { type Answer, type Json, startGateway, type TestGateway } from "../support/gateway.ts";
import type { TestSocket } from "../support/socket.ts";

/** Every method of the table over HTTP and WebSocket, from one definition. */

let gateway: TestGateway;
let socket: TestSocket;

before(async () => {
  gateway = await startGateway();
  socket = await gateway.ws();
  await gateway.api("POST", "/v1/agent/run", { message: "hello", sessionKey: "x" });
});

after(() => gateway.close());

/** Things made anew for each call, so that calls do not depend on each other. */
const made = {
  async session(): Promise<Json> {
    const { body } = await gateway.api("POST", "/v1/agent/run", { message: "call clock {}" });
    return { sessionKey: body.sessionKey, runId: body.runId };
  },
  async token(): Promise<Json> {
    const { body } = await gateway.api("POST", "/v1/tokens", { name: "made", scopes: ["read"] });
    return { tokenId: body.tokenId };
  },
};

const key = async () => ({ sessionKey: (await made.session()).sessionKey });
const run = async () => ({ runId: (await made.session()).runId });

interface Example {
  params?: Json | (() => Promise<Json>);
  /** What the method fails with in this build. */
  error?: ErrorCode;
  /** Its HTTP answer is a stream of events. */
  stream?: true;
}

const examples: Record<MethodName, Example> = {
  "system.status": {},
  "system.health": {},
  "agent.run": { params: { message: "hello", options: { thinking: "low" } } },
  "chat.run": { params: { message: "hello" } },
  "run.get": { params: run },
  "chat.abort": { params: run },
  "chat.subscribe": { params: run, stream: true },
  "chat.unsubscribe": { params: run },
  "session.list": { params: { limit: 3 } },
  "session.get": { params: key },
  "session.export": { params: key },
  "session.update": { params: async () => ({ ...(await key()), title: "A title", thinking: "high" }) },
  "session.delete": { params: key },
  "session.reset": { params: key },
  "session.compact": { params: key, error: "service_unavailable" },
  "session.fork": { params: key },
  "model.list": {},
  "model.get": { params: { id: "builtin/demo" } },
  "channel.list": {},
  "channel.status": { params: { channelId: "slack" } },
  "channel.enable": { params: { channelId: "slack" }, error: "invalid_request" },
  "channel.disable": { params: { channelId: "slack" } },
  "channel.login": { params: { channelId: "slack" }, error: "service_unavailable" },
  "channel.logout": { params: { channelId: "slack" }, error: "service_unavailable" },
  "channel.send": { params: { channelId: "slack", to: "x", text: "y" }, error: "service_unavailable" },
  "browser.status": {},
  "browser.navigate": { params: { url: "https://example.com" }, error: "service_unavailable" },
  "browser.screenshot": { error: "service_unavailable" },
  "approval.list": {},
  "approval.resolve": { params: { approvalId: "a-1", decision: "deny" }, error: "not_found" },
  "token.list": {},
  "token.create": { params: { name: "x", scopes: ["read"], expiresAt: "2100-01-01T00:00:00Z" } },
  "token.revoke": { params: made.token },
  "token.rotate": { params: made.token },
  "ticket.create": {},
};

const methods = Object.entries(contract) as [MethodName, Method][]; // keys of the table

async function paramsOf(name: MethodName): Promise<Json> {
  const { params = {} } = examples[name];
  return typeof params === "function" ? params() : params;
}

/** The method's HTTP request as the table describes it. */
function overHttp(name: MethodName, params: Json, headers?: Record<string, string>): Promise<Answer> {
  const { http } = contract[name];
  const rest = { ...params };
  let path = http.path.replace(/\{(\w+)(?:\.\.\.)?\}/g, (_, field: string) => {
    const value = String(rest[field] ?? "x");
    delete rest[field];
    return encodeURIComponent(value);
  });
  const inQuery = http.method === "GET" || http.method === "DELETE";
  if (inQuery && Object.keys(rest).length > 0) path += `?${new URLSearchParams(rest)}`;
  return gateway.api(http.method, path, inQuery ? undefined : rest, headers);
}

/** The value has every field of the schema, of the right type, and no other. */
function fits(name: MethodName, value: unknown): void {
  const parsed = contract[name].result.safeParse(value);
  assert.ok(parsed.success, `${name}: ${parsed.error?.message}`);
  assert.deepEqual(parsed.data, value, `${name} answers with fields that the contract does not have`);
}

for (const [name, method] of methods) {
  const { error, stream } = examples[name];

  if (!stream)
    test(`${name} answers over HTTP with its contract's result`, async () => {
      const answer = await overHttp(name, await paramsOf(name));
      if (error !== undefined) {
        assert.equal(answer.body.error?.code, error, answer.text);
        assert.equal(answer.status, errorTable[error].status);
        return;
      }
      assert.equal(answer.status, method.http.status ?? 200, answer.text);
      fits(name, answer.body);
    });

  test(`${name} answers over WebSocket with its contract's result`, async () => {
    const reply = await socket.call(name, await paramsOf(name));
    if (error !== undefined) assert.equal(reply.error?.code, error);
    else {
      assert.equal(reply.error, undefined, JSON.stringify(reply));
      fits(name, reply.result);
    }
  });

  if (method.scopes.length > 0) {
    test(`${name} is refused with 403 and the scope as param to a token of any other scope`, async () => {
      const others = (["read", "chat", "operate", "approve"] as Scope[]).filter(
        (it) => !method.scopes.includes(it),
      );
      const { body } = await gateway.api("POST", "/v1/tokens", { name: "others", scopes: others });
      const as = { authorization: `Bearer ${body.token}` };
      const answer = await overHttp(name, await paramsOf(name), as);
      assert.equal(answer.status, 403, answer.text);
      assert.equal(answer.body.error.code, "forbidden");
      assert.equal(answer.body.error.param, method.scopes[0]);
      const theirs = await gateway.ws("/", as);
      const { error } = await theirs.call(name, await paramsOf(name));
      assert.equal(error.code, "forbidden");
      assert.equal(error.param, method.scopes[0]);
      theirs.close();
    });
  }
}

describe("names", () => {
  test("a plural domain and the listed aliases name the same method", async () => {
    const { sessionKey } = await key();
    assert.ok((await socket.call("sessions.list")).result.sessions);
    assert.equal((await socket.call("sessions.get", { sessionKey })).result.sessionKey, sessionKey);
    assert.ok((await socket.call("channels.list")).result.channels);
    assert.ok((await socket.call("models.list")).result.data);
    assert.equal((await socket.call("status")).result.status, "ok");
    assert.equal((await socket.call("health")).result.status, "ok");
  });

  test("an unknown method is not_found over WebSocket, names of objects' own methods included", async () => {
    for (const name of ["nope", "chat.nope", "toString", "__proto__", "constructor", "hasOwnProperty"]) {
      const { error } = await socket.call(name);
      assert.equal(error.code, "not_found", name);
    }
  });

  test("a model is found by its id with a raw slash and with %2F", async () => {
    for (const path of ["/v1/models/builtin/demo", "/v1/models/builtin%2Fdemo"]) {
      const { status, body } = await gateway.api("GET", path);
      assert.equal(status, 200);
      assert.equal(body.id, "builtin/demo");
    }
    assert.equal((await gateway.api("GET", "/v1/models/builtin/none")).status, 404);
  });

  test("the model list holds the demo and the default agent", async () => {
    const { body } = await gateway.api("GET", "/v1/models");
    assert.deepEqual(
      body.data.map((it: Json) => it.id),
      ["openclaw/default", "builtin/demo"],
    );
  });
});

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
      const answer = await overHttp(name, params);
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
      const answer = await overHttp(name, params);
      assert.equal(answer.status, 404, `${name} ${answer.text}`);
      assert.equal(answer.body.error.param, param);
      assert.equal((await socket.call(name, params)).error.code, "not_found");
    }
  });
});

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
