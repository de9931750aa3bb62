import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { startCrablineServer } from "@openclaw/crabline";
import { channel } from "../../src/channels/slack/index.ts";
import { settings } from "../../src/channels/slack/settings.ts";
import { type ChannelAdapter, SendError } from "../../src/channels/types.ts";
import { join, type Lifetime, setupOf } from "../support/adapter-rig.ts";
import { until } from "../support/until.ts";

// A peer that we did not write: crabline's Slack, its Web API and its deliveries of the Events API.

const folder = mkdtempSync(joinPath(tmpdir(), "slack-crabline-"));
let close: (() => Promise<unknown>)[];
let peer: Awaited<ReturnType<typeof start>>;
let adapter: ChannelAdapter;
let life: Lifetime;
let statuses: number[];

beforeEach(async () => {
  close = [];
  statuses = [];
  const http = createServer(async (request, response) => {
    const body = await bytesOf(request);
    const answer = await adapter.webhook!(
      { method: "POST", headers: request.headers, query: new URLSearchParams(), body: async () => body },
      life.inbox,
    );
    statuses.push(answer.status);
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  close.push(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const { port } = http.address() as AddressInfo; // it listens on a port
  peer = await start(`http://127.0.0.1:${port}/slack/events`);
  close.push(() => peer.close());
  const { botToken, signingSecret, endpoints } = peer.manifest;
  const own = { botToken, signingSecret, socketMode: false, apiRoot: endpoints.apiRoot };
  adapter = channel.create(setupOf("slack", settings.parse(own)));
  life = await join(adapter);
  close.push(() => life.stop());
});
afterEach(async () => {
  for (const step of close.reverse()) await step();
  rmSync(folder, { recursive: true, force: true });
});

function start(eventsRequestUrl: string) {
  const chatPostMessageRateLimit = { remaining: 3, retryAfterSeconds: 9 };
  const recorderPath = joinPath(folder, "recorded.jsonl");
  return startCrablineServer({ channel: "slack", eventsRequestUrl, recorderPath, chatPostMessageRateLimit });
}

async function bytesOf(request: IncomingMessage): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer); // no encoding is set
  return Buffer.concat(pieces);
}

/** Somebody writes to the bot. */
async function write(post: object): Promise<void> {
  const response = await fetch(peer.manifest.endpoints.adminInboundUrl, {
    method: "POST",
    headers: {
      authorization: `Bearer ${peer.manifest.adminToken}`,
      "x-crabline-admin-token": peer.manifest.adminToken,
      "content-type": "application/json",
    },
    body: JSON.stringify(post),
  });
  assert.equal(response.status, 200, await response.text());
}

const options = { signal: new AbortController().signal, idempotencyKey: "one" };

test("the account is joined with the name that the peer gives", () => {
  assert.deepEqual(life.inbox.identities, [{ account: "Crabline", botUsername: "crabline", id: "UCRABBOT" }]);
});

test("a message in private makes the whole way, and its answer as well", async () => {
  await write({ channel: "D111111111", user: "U222222222", text: "Hello &amp; welcome" });
  await until(() => life.inbox.messages.length === 1, "it has come");
  const [message] = life.inbox.messages;
  assert.deepEqual(
    [message?.text, message?.chat.kind, message?.chat.id, message?.sender.id, message?.sender.isBot],
    ["Hello & welcome", "dm", "D111111111", "U222222222", undefined],
  );
  const sent = await adapter.send({ chatId: "D111111111" }, { text: "**Hi** <!channel>" }, options);
  assert.match(sent.messageId ?? "", /^\d{10}\.\d{6}$/);
  const recorded = readFileSync(joinPath(folder, "recorded.jsonl"), "utf8");
  assert.match(recorded, /"text":"\*Hi\* &lt;!channel&gt;"/);
  assert.match(recorded, /"unfurl_links":"?false/);
});

test("a mention in a channel and the replies in its thread come with their thread", async () => {
  const ts = "1700000500.000100";
  await write({ channel: "C333333333", user: "U222222222", text: "<@UCRABBOT> go", ts });
  await until(() => life.inbox.messages.length === 1, "the first has come");
  await write({ channel: "C333333333", user: "U222222222", text: "and on", threadTs: ts });
  await until(() => life.inbox.messages.length === 2, "the second has come");
  assert.deepEqual(
    life.inbox.messages.map((it) => [it.text, it.mentioned, it.chat.threadId]),
    [
      ["go", true, undefined],
      ["and on", false, ts],
    ],
  );
  await adapter.send({ chatId: "C333333333", threadId: ts }, { text: "done" }, options);
  const lost = adapter.send({ chatId: "C333333333", threadId: "1700000999.000100" }, { text: "x" }, options);
  await assert.rejects(lost, (thrown) => thrown instanceof SendError && thrown.outcome === "refused");
});

test("what could not be stored is delivered again", async () => {
  life.inbox.failing = true;
  const store = life.inbox.receive;
  life.inbox.receive = async (message) => {
    try {
      return await store(message);
    } finally {
      life.inbox.failing = false;
    }
  };
  await write({ channel: "D111111111", user: "U222222222", text: "again" });
  await until(() => life.inbox.messages.length === 1, "it came again");
  await until(() => statuses.length === 2, "answered");
  assert.deepEqual(statuses, [503, 200]);
});

test("a member is reached by id, and the peer's rate limit is for later", async () => {
  const to = await adapter.destination("user:U222222222", options);
  assert.match(to.chatId, /^D/);
  for (const text of ["one", "two", "three"]) await adapter.send(to, { text }, options);
  await assert.rejects(adapter.send(to, { text: "four" }, options), { outcome: "later", retryAfterMs: 9000 });
});

test("channels that the peer does not know are refused", async () => {
  const lost = adapter.send({ chatId: "general" }, { text: "x" }, options);
  await assert.rejects(lost, { outcome: "refused" });
});

test("a wrong signing secret keeps everything out", async () => {
  const { botToken, endpoints } = peer.manifest;
  const own = { botToken, signingSecret: "another", apiRoot: endpoints.apiRoot };
  adapter = channel.create(setupOf("slack", settings.parse(own)));
  await write({ channel: "D111111111", user: "U222222222", text: "hello" });
  await until(() => statuses.length > 0, "answered");
  assert.equal(statuses[0], 401);
  assert.deepEqual([life.inbox.messages, life.inbox.rejections.slice(0, 1)], [[], ["unsigned"]]);
});
