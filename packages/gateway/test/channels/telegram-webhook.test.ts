import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, test } from "node:test";
import { startTelegramServer } from "@openclaw/crabline";
import { channel } from "../../src/channels/telegram/index.ts";
import type { ChannelAdapter, WebhookRequest } from "../../src/channels/types.ts";
import { begin, join, type RecordingInbox, recordingInbox, setupOf } from "../support/adapter-rig.ts";
import { refusal, startTelegramStandIn } from "../support/telegram-server.ts";
import { until } from "../support/until.ts";

const webhookSecret = "a-secret-of-the-test";
const webhookUrl = "https://bot.example.org/webhooks/telegram";
const header = "x-telegram-bot-api-secret-token";
const update = {
  update_id: 1,
  message: {
    message_id: 7,
    date: 1_764_000_000,
    chat: { id: 5, type: "private", first_name: "Ann" },
    from: { id: 5, is_bot: false, first_name: "Ann" },
    text: "hi",
  },
};
let closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

function adapterOf(settings: Record<string, unknown>): ChannelAdapter {
  return channel.create(setupOf("telegram", channel.settings.parse({ webhookSecret, ...settings })));
}

/** An adapter in webhook mode that has joined the stand-in. */
async function joinedAdapter(more: Record<string, unknown> = {}) {
  const server = await startTelegramStandIn();
  closing.push(server.close);
  const adapter = adapterOf({ botToken: server.token, apiRoot: server.apiRoot, webhookUrl, ...more });
  const life = await join(adapter);
  closing.push(life.stop);
  return { server, adapter, life };
}

/** A request and whether its body was read. */
function requestOf(headers: WebhookRequest["headers"], body: unknown = update) {
  const seen = { isRead: false };
  const request: WebhookRequest = {
    method: "POST",
    headers,
    query: new URLSearchParams(),
    async body() {
      seen.isRead = true;
      return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    },
  };
  return { request, seen };
}

test("Telegram is told the address as it stands, a secret, and to keep what waits; nothing is polled", async () => {
  const { server, life } = await joinedAdapter();
  const set = server.calls.find((it) => it.method === "setWebhook");
  assert.deepEqual(set?.fields, {
    url: webhookUrl,
    secret_token: webhookSecret,
    max_connections: 1,
    allowed_updates: ["message"],
    drop_pending_updates: false,
  });
  assert.equal(life.inbox.identities[0]?.botUsername, "OurTestBot");
  await until(() => server.calls.some((it) => it.method === "setMyCommands"), "the menu");
  assert.ok(!server.calls.some((it) => it.method === "getUpdates" || it.method === "deleteWebhook"));
});

test("without a secret of one's own, each account has another one, which tells nothing of the token", async () => {
  const server = await startTelegramStandIn();
  closing.push(server.close);
  for (const accountId of ["default", "second"]) {
    const settings = channel.settings.parse({ token: server.token, apiRoot: server.apiRoot, webhookUrl });
    const life = await join(channel.create({ ...setupOf("telegram", settings), accountId }));
    await life.stop();
  }
  const secrets = server.calls
    .filter((it) => it.method === "setWebhook")
    .map((it) => String(it.fields.secret_token));
  assert.equal(new Set(secrets).size, 2);
  for (const secret of secrets) assert.match(secret, /^[0-9a-f]{64}$/);
});

test("a request without the secret, or with another, is refused before its body is read", async () => {
  const { adapter } = await joinedAdapter();
  const inbox = recordingInbox();
  for (const given of [undefined, "", "wrong", `${webhookSecret}x`, [webhookSecret, webhookSecret]]) {
    const { request, seen } = requestOf({ [header]: given });
    assert.equal((await adapter.webhook?.(request, inbox))?.status, 401);
    assert.equal(seen.isRead, false);
  }
  assert.deepEqual(inbox.rejections, Array(5).fill("unsigned"));
  assert.equal(inbox.messages.length, 0);
});

test("with the right secret a message is stored, and what is none is taken without one", async () => {
  const { adapter } = await joinedAdapter();
  const inbox = recordingInbox();
  const post = (body: unknown) =>
    adapter.webhook?.(requestOf({ [header]: webhookSecret }, body).request, inbox);
  assert.equal((await post(update))?.status, 200);
  assert.equal((await post(update))?.status, 200);
  assert.deepEqual(
    inbox.messages.map((it) => [it.id, it.text]),
    [["5:7", "hi"]],
  );
  // To refuse these would bring them again, and nothing behind them.
  assert.equal((await post("{"))?.status, 200);
  assert.equal((await post({ update_id: 2, message: { text: 5 } }))?.status, 200);
  assert.equal((await post({ update_id: 3, edited_message: update.message }))?.status, 200);
  assert.deepEqual(inbox.rejections, ["malformed", "malformed"]);
  const { request } = requestOf({ [header]: webhookSecret });
  assert.equal((await adapter.webhook?.({ ...request, method: "GET" }, inbox))?.status, 405);
  assert.equal(inbox.messages.length, 1);
});

test("an account that polls has no webhook", async () => {
  const { adapter } = await joinedAdapter({ usePolling: true });
  const inbox = recordingInbox();
  const { request, seen } = requestOf({ [header]: webhookSecret });
  assert.equal((await adapter.webhook?.(request, inbox))?.status, 404);
  assert.equal(seen.isRead, false);
  assert.deepEqual(inbox.rejections, ["not_for_us"]);
});

test("what could not be stored is not acknowledged, so that crabline's Telegram delivers it again, in order", async () => {
  const folder = await mkdtemp(joinPath(tmpdir(), "telegram-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const telegram = await startTelegramServer({ recorderPath: joinPath(folder, "recorder.jsonl") });
  closing.push(telegram.close);
  const { botToken, endpoints, adminToken } = telegram.manifest;

  const statuses: number[] = [];
  let receive: ((request: WebhookRequest) => Promise<number>) | undefined;
  const gateway = await listening(async (request) => {
    const status = (await receive?.(request)) ?? 500;
    statuses.push(status);
    return status;
  });
  const { port } = gateway.address() as AddressInfo; // of a server that listens by TCP
  const url = `http://127.0.0.1:${port}/webhooks/telegram`;
  const adapter = adapterOf({ botToken, apiRoot: endpoints.apiRoot, webhookUrl: url });
  const { inbox, stop } = await join(adapter);
  closing.push(stop);
  receive = async (request) => (await adapter.webhook?.(request, inbox))?.status ?? 404;

  inbox.failing = true;
  const say = (text: string) =>
    fetch(endpoints.adminInboundUrl, {
      method: "POST",
      headers: { "content-type": "application/json", "x-crabline-admin-token": adminToken },
      body: JSON.stringify({ chatId: 5, fromId: 5, text }),
    });
  await say("one");
  await until(() => statuses.length > 0, "the first attempt");
  await say("two");
  assert.equal(statuses[0], 503);
  inbox.failing = false;
  await until(() => inbox.messages.length === 2, "both messages");
  assert.deepEqual(
    inbox.messages.map((it) => it.text),
    ["one", "two"],
  );
});

async function listening(answer: (request: WebhookRequest) => Promise<number>): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { headers, method } = request;
    const status = await answer({
      method: method === "GET" ? "GET" : "POST",
      headers,
      query: new URLSearchParams(),
      body: () => buffer(request),
    });
    response.writeHead(status, { connection: "close" }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

test("an address that Telegram does not take has to be changed by the owner", async () => {
  const server = await startTelegramStandIn();
  closing.push(server.close);
  server.reply("setWebhook", refusal(400, "Bad Request: bad webhook: Failed to resolve host"));
  const life = begin(adapterOf({ botToken: server.token, apiRoot: server.apiRoot, webhookUrl }));
  const ended = (await life.ended) as Error;
  assert.equal(ended.name, "JoinError");
  assert.match(ended.message, /webhookUrl \(Bad Request: bad webhook: Failed to resolve host\)/);
  const inbox: RecordingInbox = life.inbox;
  assert.equal(inbox.identities.length, 0);
});

test("settings that cannot work are refused with their key", () => {
  const token = "1:abc";
  const create = (settings: Record<string, unknown>) => () => adapterOf(settings);
  const param = (key: string) => ({ code: "invalid_request", param: `channels.telegram.${key}` });
  assert.throws(create({}), param("botToken"));
  assert.throws(create({ token, usePolling: false }), param("webhookUrl"));
  assert.throws(
    create({ token, webhookUrl: "http://bot.example.org/webhooks/telegram" }),
    param("webhookUrl"),
  );
});
