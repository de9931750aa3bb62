import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type HttpMethod, OpenClawClient } from "../src/index.ts";
import { routes } from "../src/routes.gen.ts";
import { collect } from "./support/gateway.ts";

/** A method by its name in the client, and what is left for the query or the body once its path is filled. */
interface Named {
  call(client: OpenClawClient): Promise<unknown>;
  rest?: Record<string, unknown>;
}

/** Every method of the contract; one that is missing here does not compile. */
const named: Record<HttpMethod, Named> = {
  "system.status": { call: (client) => client.status() },
  "system.health": { call: (client) => client.health() },
  "agent.run": { call: (client) => client.agent.run({ message: "Hi" }), rest: { message: "Hi" } },
  "chat.run": { call: (client) => client.runs.start({ message: "Hi" }), rest: { message: "Hi" } },
  "run.get": { call: (client) => client.runs.get("R") },
  "chat.abort": { call: (client) => client.runs.abort("R") },
  "agent.list": { call: (client) => client.agents.list() },
  "agent.get": { call: (client) => client.agents.get("A") },
  "agent.create": { call: (client) => client.agents.create({ id: "A" }), rest: { id: "A" } },
  "agent.update": { call: (client) => client.agents.update("A", { name: null }), rest: { name: null } },
  "agent.delete": { call: (client) => client.agents.delete("A") },
  "session.list": { call: (client) => client.sessions.list({ limit: 2 }), rest: { limit: "2" } },
  "session.get": { call: (client) => client.sessions.get("S", { before: "m" }), rest: { before: "m" } },
  "session.export": { call: (client) => client.sessions.export("S", { after: "m" }), rest: { after: "m" } },
  "session.update": { call: (client) => client.sessions.update("S", { title: "T" }), rest: { title: "T" } },
  "session.delete": { call: (client) => client.sessions.delete("S") },
  "session.reset": { call: (client) => client.sessions.reset("S") },
  "session.compact": { call: (client) => client.sessions.compact("S") },
  "session.fork": {
    call: (client) => client.sessions.fork("S", { newSessionKey: "N" }),
    rest: { newSessionKey: "N" },
  },
  "model.list": { call: (client) => client.models.list() },
  "model.get": { call: (client) => client.models.get("M") },
  "channel.list": { call: (client) => client.channels.list() },
  "channel.status": { call: (client) => client.channels.status("C") },
  "channel.enable": { call: (client) => client.channels.enable("C") },
  "channel.disable": { call: (client) => client.channels.disable("C") },
  "channel.login": { call: (client) => client.channels.login("C") },
  "channel.logout": { call: (client) => client.channels.logout("C") },
  "channel.add": {
    call: (client) => client.channels.add("C", { settings: { botToken: "x" } }),
    rest: { settings: { botToken: "x" } },
  },
  "channel.remove": {
    call: (client) => client.channels.remove("C", { accountId: "work" }),
    rest: { accountId: "work" },
  },
  "channel.send": { call: (client) => client.channels.send("C", { to: "1" }), rest: { to: "1" } },
  "channel.deliveries": {
    call: (client) => client.channels.deliveries("C", { status: "unknown" }),
    rest: { status: "unknown" },
  },
  "channel.retry": { call: (client) => client.channels.retry("C", "D") },
  "pairing.list": { call: (client) => client.pairings.list({ channelId: "c" }), rest: { channelId: "c" } },
  "pairing.approve": {
    call: (client) => client.pairings.approve("c", "K"),
    rest: { channelId: "c", code: "K" },
  },
  "pairing.remove": { call: (client) => client.pairings.remove("C", "U") },
  "pairing.clear": { call: (client) => client.pairings.clear() },
  "pairing.history": { call: (client) => client.pairings.history({ limit: 2 }), rest: { limit: "2" } },
  "browser.status": { call: (client) => client.browser.status() },
  "browser.navigate": { call: (client) => client.browser.navigate({ url: "U" }), rest: { url: "U" } },
  "browser.screenshot": {
    call: (client) => client.browser.screenshot({ fullPage: true }),
    rest: { fullPage: true },
  },
  "browser.start": { call: (client) => client.browser.start({ profile: "p" }), rest: { profile: "p" } },
  "browser.stop": { call: (client) => client.browser.stop() },
  "browser.back": { call: (client) => client.browser.back() },
  "browser.forward": { call: (client) => client.browser.forward() },
  "browser.reload": { call: (client) => client.browser.reload({ tabId: "t" }), rest: { tabId: "t" } },
  "browser.pdf": { call: (client) => client.browser.pdf({ format: "A4" }), rest: { format: "A4" } },
  "browser.snapshot": { call: (client) => client.browser.snapshot({ page: 2 }), rest: { page: 2 } },
  "browser.act": {
    call: (client) => client.browser.act({ action: { kind: "click", ref: "e1" } }),
    rest: { action: { kind: "click", ref: "e1" } },
  },
  "browser.evaluate": {
    call: (client) => client.browser.evaluate({ expression: "1" }),
    rest: { expression: "1" },
  },
  "browser.upload": {
    call: (client) => client.browser.upload({ ref: "e1", files: [{ name: "a", data: "" }] }),
    rest: { ref: "e1", files: [{ name: "a", data: "" }] },
  },
  "browser.tabs": { call: (client) => client.browser.tabs({ profile: "p" }), rest: { profile: "p" } },
  "browser.open": { call: (client) => client.browser.open({ url: "U" }), rest: { url: "U" } },
  "browser.activate": { call: (client) => client.browser.activate("B") },
  "browser.close": { call: (client) => client.browser.close("B") },
  "browser.console": { call: (client) => client.browser.console({ limit: 2 }), rest: { limit: "2" } },
  "browser.network": { call: (client) => client.browser.network({ limit: 2 }), rest: { limit: "2" } },
  "browser.profiles": { call: (client) => client.browser.profiles() },
  "browser.profile.create": {
    call: (client) => client.browser.createProfile({ profile: "p" }),
    rest: { profile: "p" },
  },
  "browser.profile.reset": { call: (client) => client.browser.resetProfile("F") },
  "browser.profile.delete": { call: (client) => client.browser.deleteProfile("F") },
  "browser.request": {
    call: (client) => client.browser.request({ method: "GET", path: "/tabs" }),
    rest: { method: "GET", path: "/tabs" },
  },
  "media.list": { call: (client) => client.media.list({ limit: 2 }), rest: { limit: "2" } },
  "media.get": { call: (client) => client.media.get("I") },
  "media.delete": { call: (client) => client.media.delete("I") },
  "approval.list": { call: (client) => client.approvals.list() },
  "approval.resolve": {
    call: (client) => client.approvals.resolve("P", "allow"),
    rest: { decision: "allow" },
  },
  "approval.log": { call: (client) => client.approvals.log({ limit: 2 }), rest: { limit: "2" } },
  "approval.allowlist": { call: (client) => client.approvals.allowlist() },
  "approval.forget": { call: (client) => client.approvals.forget("E") },
  "cron.list": { call: (client) => client.cron.list() },
  "cron.get": { call: (client) => client.cron.get("J") },
  "cron.create": {
    call: (client) => client.cron.create({ name: "N", schedule: "every 1h", message: "Hi" }),
    rest: { name: "N", schedule: "every 1h", message: "Hi" },
  },
  "cron.update": { call: (client) => client.cron.update("J", { enabled: false }), rest: { enabled: false } },
  "cron.delete": { call: (client) => client.cron.delete("J") },
  "cron.run": { call: (client) => client.cron.run("J") },
  "token.list": { call: (client) => client.tokens.list() },
  "token.create": {
    call: (client) => client.tokens.create({ name: "N", scopes: ["chat"] }),
    rest: { name: "N", scopes: ["chat"] },
  },
  "token.revoke": { call: (client) => client.tokens.revoke("T") },
  "token.rotate": { call: (client) => client.tokens.rotate("T") },
  "ticket.create": { call: (client) => client.tickets.create() },
};

/** What the calls above name in paths. */
const inPath: Record<string, string> = {
  ...{ runId: "R", agentId: "A", sessionKey: "S", id: "M", channelId: "C", approvalId: "P" },
  ...{ entryId: "E", jobId: "J", tokenId: "T", deliveryId: "D", peerId: "U" },
  ...{ tabId: "B", profile: "F", mediaId: "I" },
};

describe("each method has a name in the client, and its request is the contract's", () => {
  for (const [method, { call, rest = {} }] of Object.entries(named) as [HttpMethod, Named][]) {
    test(method, async () => {
      const sent: [string, URL, string | undefined][] = [];
      const client = new OpenClawClient({
        baseUrl: "http://gateway",
        fetch: async (url, init) => {
          sent.push([init!.method!, new URL(String(url)), init!.body as string | undefined]);
          return Response.json({});
        },
      });
      await call(client);
      assert.equal(sent.length, 1);
      const [verb, { pathname, searchParams }, body] = sent[0]!;
      assert.equal(
        `${verb} ${pathname}`,
        routes[method].replace(/\{(\w+)\}/g, (_, name: string) => inPath[name]!),
      );
      const got = body === undefined ? Object.fromEntries(searchParams) : JSON.parse(body);
      assert.deepEqual(got, rest);
    });
  }
});

test("a session's messages are iterated over all pages, the oldest first", async () => {
  const asked: string[] = [];
  const client = new OpenClawClient({
    baseUrl: "http://gateway",
    fetch: async (url) => {
      asked.push(String(url));
      const first = asked.length === 1;
      return Response.json({ messages: [{ id: first ? "a" : "b" }], ...(first && { nextAfter: "m1" }) });
    },
  });
  const ids = (await collect(client.sessions.messages("S", { limit: 1 }))).map(({ id }) => id);
  assert.deepEqual(ids, ["a", "b"]);
  const path = "http://gateway/v1/sessions/S/export?limit=1";
  assert.deepEqual(asked, [path, `${path}&after=m1`]);
});
