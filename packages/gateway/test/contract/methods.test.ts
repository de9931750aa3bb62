import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import {
  contract,
  type ErrorCode,
  errorTable,
  type Method,
  type MethodName,
  type Scope,
} from "openclaw-protocol";
import { findChromium } from "../../../client/test/support/chromium.ts";
import { type Json, startGateway, type TestGateway } from "../support/gateway.ts";
import { overHttp } from "../support/over-http.ts";
import type { TestSocket } from "../support/socket.ts";
import { type StandIn, standIn } from "../support/stand-in.ts";
import { until } from "../support/until.ts";

/** Every method of the table over HTTP and WebSocket, from one definition. */

let gateway: TestGateway;
let socket: TestSocket;
let site: StandIn;

const chromium = await findChromium();
const noChromium = typeof chromium === "string" ? chromium : undefined;

before(async () => {
  site = await standIn((response, { path }) => {
    const head = path === "/file" ? { "content-disposition": "attachment; filename=a.txt" } : {};
    response.writeHead(200, { "content-type": "text/html", ...head });
    response.end(path === "/file" ? "a file" : "<title>A page</title><input id=f><input id=u type=file>");
  });
  gateway = await startGateway({
    config: { browser: { allowPrivate: ["127.0.0.1"], evaluateEnabled: true } },
  });
  socket = await gateway.ws();
  await gateway.api("POST", "/v1/agent/run", { message: "hello", sessionKey: "x" });
});

after(async () => {
  await gateway.close();
  await site.close();
});

/** Things made anew for each call, so that calls do not depend on each other. */
const made = {
  async session(): Promise<Json> {
    const { body } = await gateway.api("POST", "/v1/agent/run", { message: "call clock {}" });
    return { sessionKey: body.sessionKey, runId: body.runId };
  },
  async agent(): Promise<Json> {
    const { body } = await gateway.api("POST", "/v1/agents", { id: `made-${randomUUID()}` });
    return { agentId: body.agentId };
  },
  async job(): Promise<Json> {
    const { body } = await gateway.api("POST", "/v1/cron", hourly);
    return { jobId: body.jobId };
  },
  /** A channel that is configured; it has nowhere to send to. */
  async channel(): Promise<Json> {
    const settings = { secret: "0123456789abcdef" };
    await gateway.api("POST", "/v1/channels/webhook/add", { settings });
    return { channelId: "webhook" };
  },
  /** A message that could not be sent. */
  async delivery(): Promise<Json> {
    const { channelId } = await made.channel();
    await gateway.api("POST", `/v1/channels/${channelId}/send`, { to: "ann", text: "Hi" });
    const { body } = await gateway.api("GET", `/v1/channels/${channelId}/deliveries?status=failed`);
    return { channelId, deliveryId: body.deliveries[0].deliveryId };
  },
  /** A page that the default profile shows. */
  async page(): Promise<Json> {
    if (noChromium === undefined) await gateway.api("POST", "/v1/browser/navigate", { url: site.url });
    return {};
  },
  async tab(): Promise<Json> {
    if (noChromium !== undefined) return { tabId: "none" };
    const { body } = await gateway.api("POST", "/v1/browser/tabs", { url: site.url });
    await made.closeTabs(body.tabId);
    return { tabId: body.tabId };
  },
  async closeTabs(besides: string): Promise<void> {
    const { body } = await gateway.api("GET", "/v1/browser/tabs");
    for (const { id } of body.tabs) if (id !== besides) await gateway.api("DELETE", `/v1/browser/tabs/${id}`);
  },
  async profile(): Promise<Json> {
    const { body } = await gateway.api("POST", "/v1/browser/profiles", { profile: `made-${++profiles}` });
    return { profile: body.name };
  },
  /** A file that a page has let come down. */
  async media(): Promise<Json> {
    if (noChromium !== undefined) return { mediaId: "none" };
    await gateway.api("POST", "/v1/browser/navigate", { url: `${site.url}/file` });
    let mediaId: string | undefined;
    await until(async () => {
      const { body } = await gateway.api("GET", "/v1/media");
      mediaId = body.media[0]?.mediaId;
      return mediaId !== undefined;
    }, "the file is kept");
    return { mediaId };
  },
  async token(): Promise<Json> {
    const { body } = await gateway.api("POST", "/v1/tokens", { name: "made", scopes: ["read"] });
    return { tokenId: body.tokenId };
  },
};

let profiles = 0;
const hourly = { name: "hourly", schedule: "0 * * * *", message: "hello", once: true };
const key = async () => ({ sessionKey: (await made.session()).sessionKey });
const run = async () => ({ runId: (await made.session()).runId });

interface Example {
  params?: Json | (() => Promise<Json>);
  /** What the method fails with in this build. */
  error?: ErrorCode;
  /** Its HTTP answer is a stream of events. */
  stream?: true;
  /** It needs a Chromium. */
  chromium?: true;
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
  "agent.list": {},
  "agent.get": { params: { agentId: "default" } },
  "agent.create": { params: async () => ({ id: `made-${randomUUID()}`, instructions: "Be brief." }) },
  "agent.update": { params: async () => ({ ...(await made.agent()), name: "A name", thinking: null }) },
  "agent.delete": { params: made.agent },
  "session.list": { params: { limit: 3 } },
  "session.get": { params: key },
  "session.export": { params: key },
  "session.update": { params: async () => ({ ...(await key()), title: "A title", thinking: "high" }) },
  "session.delete": { params: key },
  "session.reset": { params: key },
  "session.compact": { params: key },
  "session.fork": { params: key },
  "model.list": {},
  "model.get": { params: { id: "builtin/demo" } },
  "channel.list": {},
  "channel.status": { params: made.channel },
  "channel.enable": { params: made.channel },
  "channel.disable": { params: { channelId: "slack" } },
  "channel.login": { params: made.channel },
  "channel.logout": { params: made.channel },
  "channel.add": { params: { channelId: "webhook", settings: { secret: "0123456789abcdef" } } },
  "channel.remove": { params: made.channel },
  "channel.send": {
    params: async () => ({ channelId: "webchat", to: (await key()).sessionKey, text: "Hi" }),
  },
  "channel.deliveries": { params: async () => ({ ...(await made.channel()), status: "failed", limit: 3 }) },
  "channel.retry": { params: made.delivery },
  "browser.status": {},
  "browser.start": { chromium: true },
  "browser.stop": { params: { profile: "none-of-these" } },
  "browser.navigate": { params: async () => ({ url: site.url, profile: "default" }), chromium: true },
  "browser.back": { params: made.page, chromium: true },
  "browser.forward": { params: made.page, chromium: true },
  "browser.reload": { params: made.page, chromium: true },
  "browser.screenshot": { params: { selector: "body", fullPage: true }, chromium: true },
  "browser.pdf": { params: made.page, chromium: true },
  "browser.snapshot": { params: made.page, chromium: true },
  "browser.act": {
    params: async () => ({ ...(await made.page()), action: { kind: "type", selector: "#f", text: "x" } }),
    chromium: true,
  },
  "browser.evaluate": {
    params: async () => ({ ...(await made.page()), expression: "document.title" }),
    chromium: true,
  },
  "browser.upload": {
    params: async () => ({
      ...(await made.page()),
      selector: "#u",
      files: [{ name: "a.txt", data: Buffer.from("x").toString("base64") }],
    }),
    chromium: true,
  },
  "browser.tabs": {},
  "browser.open": {
    params: async () => {
      await made.tab();
      return { url: site.url };
    },
    chromium: true,
  },
  "browser.activate": { params: made.tab, chromium: true },
  "browser.close": { params: made.tab, chromium: true },
  "browser.console": { params: made.page, chromium: true },
  "browser.network": { params: made.page, chromium: true },
  "browser.watch": { params: made.tab, stream: true, chromium: true },
  "browser.unwatch": { params: made.tab, chromium: true },
  "browser.profiles": {},
  "browser.profile.create": { params: async () => ({ profile: `made-${++profiles}`, color: "#1a73e8" }) },
  "browser.profile.reset": { params: made.profile },
  "browser.profile.delete": { params: made.profile },
  "browser.request": { params: { method: "GET", path: "/status" } },
  "media.list": { params: { limit: 3 } },
  "media.get": { params: made.media, chromium: true },
  "media.delete": { params: made.media, chromium: true },
  "approval.list": {},
  "approval.resolve": { params: { approvalId: "a-1", decision: "deny" }, error: "not_found" },
  "approval.log": { params: { limit: 3 } },
  "approval.allowlist": {},
  "approval.forget": { params: { entryId: "e-1" }, error: "not_found" },
  "pairing.list": { params: { channelId: "webhook" } },
  "pairing.approve": { params: { channelId: "webhook", code: "NOSUCHCODE" }, error: "not_found" },
  "pairing.remove": { params: { channelId: "webhook", peerId: "group/ann" } },
  "pairing.clear": {},
  "pairing.history": { params: { limit: 3 } },
  "cron.list": {},
  "cron.get": { params: made.job },
  "cron.create": { params: { ...hourly, timezone: "Europe/Berlin", options: { thinking: "low" } } },
  "cron.update": { params: async () => ({ ...(await made.job()), enabled: false }) },
  "cron.delete": { params: made.job },
  "cron.run": { params: made.job },
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

/** The value has every field of the schema, of the right type, and no other. */
function fits(name: MethodName, value: unknown): void {
  const parsed = contract[name].result.safeParse(value);
  assert.ok(parsed.success, `${name}: ${parsed.error?.message}`);
  assert.deepEqual(parsed.data, value, `${name} answers with fields that the contract does not have`);
}

for (const [name, method] of methods) {
  const { error, stream, ...needs } = examples[name];
  const skip = needs.chromium ? noChromium : undefined;

  if (!stream)
    test(`${name} answers over HTTP with its contract's result`, { skip }, async () => {
      const answer = await overHttp(gateway, name, await paramsOf(name));
      if (error !== undefined) {
        assert.equal(answer.body.error?.code, error, answer.text);
        assert.equal(answer.status, errorTable[error].status);
        return;
      }
      assert.equal(answer.status, method.http.status ?? 200, answer.text);
      fits(name, answer.body);
    });

  test(`${name} answers over WebSocket with its contract's result`, { skip }, async () => {
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
      const answer = await overHttp(gateway, name, await paramsOf(name), as);
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
      body.data.map((it: Json) => it.id).filter((it: string) => !it.startsWith("openclaw/made-")),
      ["openclaw/default", "builtin/demo"],
    );
  });
});
