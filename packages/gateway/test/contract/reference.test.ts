import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { OpenClawClient } from "openclaw-client";
import { WebSocket } from "ws";
import { type Json, startGateway } from "../support/gateway.ts";
import { type KeyedRig, startKeyedRig } from "../support/keyed-rig.ts";

/** The API reference's own examples, one by one. */

let rig: KeyedRig;
let gateway: KeyedRig["gateway"];

before(async () => {
  rig = await startKeyedRig([
    { text: "Hello!" },
    { text: " How can I help you today?" },
    { usage: { prompt: 10, completion: 15 } },
  ]);
  ({ gateway } = rig);
});

after(() => rig.close());

const isTime = (value: unknown) => assert.match(String(value), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);

describe("authentication", () => {
  const status = (path: string, headers: Record<string, string>) =>
    fetch(gateway.url + path, { headers }).then((it) => it.status);

  test("every documented carrier lets the token in", async () => {
    const { token } = gateway;
    const basic = Buffer.from(`user:${token}`).toString("base64");
    assert.equal(await status("/status", { authorization: `Bearer ${token}` }), 200);
    assert.equal(await status("/status", { authorization: `bearer ${token}` }), 200);
    assert.equal(await status("/status", { authorization: `Basic ${basic}` }), 200);
    assert.equal(await status("/status", { "x-api-key": token }), 200);
    assert.equal(await status("/status", { "X-OpenClaw-Password": token }), 200);
    assert.equal(await status(`/status?token=${token}`, {}), 200);
    assert.equal(await status(`/status?password=${token}`, {}), 200);
  });

  test("no credential and a wrong one are 401 with the documented body and WWW-Authenticate", async () => {
    const answers = [
      await fetch(`${gateway.url}/status`),
      await fetch(`${gateway.url}/status`, { headers: { authorization: "Bearer wrong" } }),
      await fetch(`${gateway.url}/v1/sessions?token=wrong`),
    ];
    for (const response of answers) {
      assert.equal(response.status, 401);
      assert.ok(response.headers.get("www-authenticate"));
      const { error } = (await response.json()) as Json;
      assert.equal(error.code, "unauthorized");
      assert.equal(error.type, "client_error");
      assert.equal(typeof error.message, "string");
      assert.equal(error.requestId, response.headers.get("x-request-id"));
    }
  });

  test("an empty header counts as absent, and the first non-empty carrier decides", async () => {
    const { token } = gateway;
    assert.equal(await status("/status", { authorization: "", "x-api-key": token }), 200);
    assert.equal(await status("/status", { authorization: "Bearer wrong", "x-api-key": token }), 401);
  });

  test("a WebSocket opens with a header, ?token= or ?password=, on / and /ws, and else is answered 401", async () => {
    for (const open of [
      () => gateway.ws("/"),
      () => gateway.ws("/ws"),
      () => gateway.ws(`/?token=${gateway.token}`, {}),
      () => gateway.ws(`/?password=${gateway.token}`, {}),
      () => gateway.ws("/", { "x-openclaw-password": gateway.token }),
    ]) {
      const socket = await open();
      const hello = await socket.find((it) => it.type === "connected");
      assert.match(hello.data.clientId, /^[0-9a-f-]{36}$/);
      socket.close();
    }
    await assert.rejects(gateway.ws("/", {}), /401/);
    await assert.rejects(gateway.ws("/?token=wrong", {}), /401/);
  });

  test("in mode password the password is let in by every carrier and ?password= on a WebSocket", async () => {
    const own = await startGateway({ env: { OPENCLAW_GATEWAY_PASSWORD: "open: sesame" } });
    try {
      const basic = Buffer.from("anyone:open: sesame").toString("base64");
      const ask = (headers: Record<string, string>) =>
        fetch(`${own.url}/status`, { headers }).then((it) => it.json()) as Promise<Json>;
      assert.equal((await ask({ authorization: `Basic ${basic}` })).gateway.auth, "password");
      assert.equal((await ask({ "x-openclaw-password": "open: sesame" })).status, "ok");
      assert.equal((await ask({ "x-openclaw-password": "open sesame" })).error.code, "unauthorized");
      const socket = await own.ws(`/?password=${encodeURIComponent("open: sesame")}`, {});
      socket.close();
    } finally {
      await own.close();
    }
  });
});

describe("WebSocket", () => {
  test("the connection begins with connected: clientId, gatewayVersion and capabilities", async () => {
    const socket = await gateway.ws();
    const first = await socket.find(() => true);
    assert.equal(first.type, "connected");
    assert.match(first.data.gatewayVersion, /^\d{4}\.\d+\.\d+$/);
    for (const capability of ["chat", "channels", "browser"])
      assert.ok(first.data.capabilities.includes(capability));
    assert.equal(first.data.protocol, 1);
    assert.equal(first.data.heartbeatMs, 15_000);
    assert.deepEqual(first.data.scopes.toSorted(), ["admin", "approve", "chat", "operate", "read"]);
    socket.close();
  });

  test("chat.run as written in the document streams chat.delta and ends with chat.done", async () => {
    const socket = await gateway.ws();
    socket.send(`{
      "method": "chat.run",
      "params": {
        "message": "Hello, AI!",
        "sessionKey": "session-123",
        "options": { "thinking": "medium", "stream": true }
      },
      "id": 1
    }`);
    const reply = await socket.find((it) => it.id === 1);
    assert.deepEqual(Object.keys(reply), ["id", "result"]);
    const { runId, sessionKey, status } = reply.result;
    assert.equal(sessionKey, "session-123");
    assert.equal(status, "started");
    const events = await socket.end(runId);
    const deltas = events.filter((it) => it.type === "chat.delta");
    assert.equal(deltas.map((it) => it.data.delta).join(""), "Hello! How can I help you today?");
    for (const { data } of deltas) {
      assert.equal(data.sessionKey, "session-123");
      assert.equal(data.runId, runId);
    }
    const done = events.at(-1)!;
    assert.equal(done.type, "chat.done");
    assert.equal(done.data.sessionKey, "session-123");
    assert.deepEqual(done.data.usage, { promptTokens: 10, completionTokens: 15, totalTokens: 25 });
    socket.close();
  });

  test("a tool call shows as tool.call {tool, params} and tool.result {tool, result}", async () => {
    const socket = await gateway.ws();
    const { result } = await socket.call("chat.run", {
      message: 'call clock {"timezone":"UTC"}',
      options: { model: "builtin/demo" },
    });
    const events = await socket.end(result.runId);
    const call = events.find((it) => it.type === "tool.call")!.data;
    assert.equal(call.tool, "clock");
    assert.deepEqual(call.params, { timezone: "UTC" });
    const answer = events.find((it) => it.type === "tool.result")!.data;
    assert.equal(answer.tool, "clock");
    assert.equal(answer.toolCallId, call.toolCallId);
    assert.equal(answer.isError, false);
    isTime(answer.result.iso);
    socket.close();
  });

  test("every method of the document's table answers", async () => {
    const socket = await gateway.ws();
    await gateway.api("POST", "/v1/agent/run", { message: "x", sessionKey: "table" });
    const run = await socket.call("chat.run", { message: "x", sessionKey: "table" });
    assert.ok(run.result.runId);
    assert.equal(
      typeof (await socket.call("chat.abort", { runId: run.result.runId })).result.aborted,
      "boolean",
    );
    assert.ok((await socket.call("session.list")).result.sessions.length > 0);
    assert.ok((await socket.call("session.list", {})).result.sessions.length > 0);
    assert.equal((await socket.call("session.get", { sessionKey: "table" })).result.sessionKey, "table");
    assert.ok((await socket.call("channel.list")).result.channels.length > 0);
    assert.equal((await socket.call("channel.status", { channelId: "telegram" })).result.id, "telegram");
    assert.equal((await socket.call("system.status")).result.status, "ok");
    const picture = await socket.call("browser.screenshot", { selector: "body", fullPage: true });
    if (picture.error) assert.equal(picture.error.code, "service_unavailable", "there is no Chromium here");
    else assert.equal(picture.result.mimeType, "image/png");
    socket.close();
  });
});

describe("code examples", () => {
  test("JavaScript: the client's agent.run", async () => {
    const client = new OpenClawClient({ baseUrl: gateway.url, token: gateway.token });
    const response = await client.agent.run({ message: "Hello!", sessionKey: "session-js" });
    assert.equal(response.response, "Hello! How can I help you today?");
    assert.equal(response.sessionKey, "session-js");
  });

  test("JavaScript: a WebSocket with an Authorization header", async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${gateway.port}`, [], {
      headers: { Authorization: `Bearer ${gateway.token}` },
    });
    const [data] = await once(ws, "message");
    assert.equal(JSON.parse(String(data)).type, "connected");
    ws.close();
  });

  const body = '{\n    "message": "Hello!",\n    "sessionKey": "session-curl"\n  }';

  test("cURL: send a message", async (context) => {
    const out = await curl([...curlArgs("/v1/agent/run"), "-d", body]);
    if (out === undefined) return context.skip("there is no curl");
    assert.equal(JSON.parse(out).response, "Hello! How can I help you today?");
  });

  test("cURL: streaming response", async (context) => {
    const out = await curl([...curlArgs("/v1/agent/run/stream"), "-d", body]);
    if (out === undefined) return context.skip("there is no curl");
    assert.match(out, /^event: started\n/);
    assert.match(out, /\nevent: delta\nid: \d+\ndata: \{.*"delta":"Hello!".*\}\n\n/);
    assert.match(out, /\nevent: done\nid: \d+\ndata: \{.*"finishReason":"stop".*\}\n\n$/);
  });

  const curlArgs = (path: string) => [
    ...["-s", "-X", "POST", gateway.url + path],
    ...["-H", `Authorization: Bearer ${gateway.token}`, "-H", "Content-Type: application/json"],
  ];
});

/** What curl printed; undefined where the machine has none. */
async function curl(args: string[]): Promise<string | undefined> {
  const child = spawn("curl", args, { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null)).once("close", resolve);
  });
  return code === null ? undefined : out;
}
