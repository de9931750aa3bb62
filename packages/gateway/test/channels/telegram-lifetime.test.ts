import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { inspect } from "node:util";
import { pino } from "pino";
import { createBotApi } from "../../src/channels/telegram/bot-api.ts";
import { channel } from "../../src/channels/telegram/index.ts";
import { watchWebhook } from "../../src/channels/telegram/webhook.ts";
import type { ChannelAdapter } from "../../src/channels/types.ts";
import { Secret } from "../../src/lib/secrets.ts";
import { begin, join, type Lifetime, setupOf } from "../support/adapter-rig.ts";
import { refusal, startTelegramStandIn, type TelegramStandIn } from "../support/telegram-server.ts";
import { until } from "../support/until.ts";

let server: TelegramStandIn;
let lives: Lifetime[];
let logged: Record<string, unknown>[];
const log = pino({ level: "info" }, { write: (line: string) => void logged.push(JSON.parse(line)) });

beforeEach(async () => {
  server = await startTelegramStandIn();
  lives = [];
  logged = [];
});

afterEach(async () => {
  for (const life of lives) await life.stop();
  await server.close();
});

function adapterOf(more: Record<string, unknown> = {}): ChannelAdapter {
  const { token: botToken, apiRoot } = server;
  const settings = channel.settings.parse({ botToken, apiRoot, ...more });
  return channel.create({ ...setupOf("telegram", settings), log });
}

async function joined(adapter = adapterOf()): Promise<Lifetime> {
  const life = await join(adapter);
  lives.push(life);
  return life;
}

/** What a lifetime ended with. Whatever it is, it must not give the token away. */
async function endOf(life: Lifetime): Promise<Error> {
  const ended = await life.ended;
  assert.ok(ended instanceof Error);
  const whole = inspect([ended, logged], { depth: null, showHidden: true });
  assert.ok(!whole.includes(server.token.split(":")[1] ?? ""), whole);
  return ended;
}

function messageOf(number: number, text: string): unknown {
  const ann = { id: 5, first_name: "Ann" };
  const chat = { ...ann, type: "private" };
  return { message_id: number, date: 1_764_000_000, chat, from: { ...ann, is_bot: false }, text };
}

for (const code of [401, 404]) {
  test(`a token that Telegram answers with ${code} has to be changed by the owner`, async () => {
    server.reply("getMe", refusal(code, "Unauthorized"));
    const life = begin(adapterOf());
    const ended = await endOf(life);
    assert.deepEqual([ended.name, (ended as { reason?: unknown }).reason], ["JoinError", "settings"]);
    assert.match(ended.message, /channels\.telegram\.botToken/);
    assert.equal(life.inbox.identities.length, 0);
  });
}

test("a token that is revoked later on ends the lifetime the same way", async () => {
  server.reply("getUpdates", refusal(401, "Unauthorized"));
  assert.equal((await endOf(begin(adapterOf()))).name, "JoinError");
});

test("another poller ends the lifetime, and is named", async () => {
  server.reply("getUpdates", refusal(409, "Conflict: terminated by other getUpdates request"));
  const ended = await endOf(begin(adapterOf()));
  assert.equal(ended.name, "Error");
  assert.match(ended.message, /^Another program polls with this bot token/);
});

test("a server that fails, is cut off, or answers nonsense ends the lifetime", async () => {
  server.reply("getUpdates", refusal(502, "Bad Gateway"), "cut", { status: 200, body: "<html>" });
  assert.match((await endOf(begin(adapterOf()))).message, /502: Bad Gateway/);
  assert.match((await endOf(begin(adapterOf()))).message, /could not be reached, or did not answer/);
  assert.match((await endOf(begin(adapterOf()))).message, /no answer of a Bot API server/);
});

test("where nobody listens the lifetime ends and says so", async () => {
  await server.close();
  const ended = await endOf(begin(adapterOf()));
  assert.match(ended.message, /could not be reached, or did not answer \(ECONNREFUSED\)/);
});

test("a server that is none of Telegram's tells so", async () => {
  server.results("getMe", { id: "x" });
  assert.match((await endOf(begin(adapterOf()))).message, /tells no bot.*apiRoot/);
});

test("a server without a menu of commands can be joined", async () => {
  server.reply("setMyCommands", refusal(404, "Not Found"));
  const { inbox } = await joined();
  server.push(messageOf(1, "hi"));
  await until(() => inbox.messages.length === 1, "the message");
});

test("each answered poll is a sign of life, and confirms what was stored before", async () => {
  const { inbox } = await joined();
  for (const at of [1, 2, 3]) {
    server.push(messageOf(at, `number ${at}`));
    await until(() => inbox.messages.length === at, "the message");
  }
  assert.ok(inbox.signs.alive >= 3);
  await until(() => server.waiting() === 1, "the next poll");
  const offsets = server.calls.filter((it) => it.method === "getUpdates").map((it) => it.fields.offset);
  assert.equal(offsets[0], undefined);
  assert.equal(offsets.at(-1), 5_003);
});

test("what is no update is counted and passed over, with what is behind it taken", async () => {
  server.push({ text: 5 });
  server.push(messageOf(1, "hi"));
  const { inbox } = await joined();
  await until(() => inbox.messages.length === 1, "the message");
  assert.deepEqual(inbox.rejections, ["malformed"]);
});

test("stopping ends the poll at once, and the lifetime without an error", async () => {
  const life = await joined();
  await until(() => server.waiting() === 1, "a poll");
  await life.stop();
  assert.equal(await life.ended, undefined);
  await until(() => server.waiting() === 0, "the end of the poll");
});

test("stopping ends a join that hangs", async () => {
  server.reply("getMe", "hang");
  const life = begin(adapterOf());
  await until(() => server.calls.length === 1, "the question");
  await life.stop();
  assert.equal(await life.ended, undefined);
});

test("privacy mode is told of once, and what is not supported is warned about", async () => {
  const adapter = adapterOf({ inlineQueries: { enabled: true } });
  await (await joined(adapter)).stop();
  await (await joined(adapter)).stop();
  const told = logged.map((it) => String(it.msg));
  assert.equal(told.filter((it) => it.includes("/setprivacy")).length, 1);
  assert.equal(told.filter((it) => it.includes("inlineQueries.enabled is not supported")).length, 1);
});

test("a server that takes a question and is silent counts as not answering", async () => {
  const limits = { call: 20, upload: 20 };
  const api = createBotApi({ apiRoot: server.apiRoot, token: new Secret(server.token), limits });
  const calls = await api.calls();
  const { signal } = new AbortController();
  server.reply("getMe", "hang");
  server.reply("sendMessage", "hang");
  server.reply("sendPhoto", "hang");
  const photo = calls.file(new Uint8Array(9), "a.png");
  const silent = (thrown: Error) => thrown.name === "Unanswered" && /TimeoutError/.test(String(thrown.cause));
  await assert.rejects(api.getMe(signal), silent);
  await assert.rejects(calls.raw.sendMessage({ chat_id: 5, text: "hi" }, signal), silent);
  await assert.rejects(calls.raw.sendPhoto({ chat_id: 5, photo }, signal), silent);
});

test("a webhook is looked after: failures are told, and one that was moved ends the lifetime", async () => {
  const api = createBotApi({ apiRoot: server.apiRoot, token: new Secret(server.token) });
  const webhook = { url: "https://bot.example.org/webhooks/telegram", secret: "secret-of-the-test" };
  const failing = { pending_update_count: 2, last_error_date: 9, last_error_message: "Wrong response: 502" };
  const { signal } = new AbortController();
  server.results("getWebhookInfo", { url: webhook.url, ...failing });
  const watching = watchWebhook(await api.calls(), webhook, { log, signal, everyMs: 1 });
  watching.catch(() => undefined);
  await until(() => server.calls.length > 3, "some looks");
  server.results("getWebhookInfo", { url: "https://elsewhere.example.org/", pending_update_count: 0 });
  await assert.rejects(watching, /^Error: Another program changed or deleted the webhook/);
  assert.deepEqual(
    logged.map((it) => [it.msg, it.error, it.pending]),
    [["Telegram cannot deliver to channels.telegram.webhookUrl", "Wrong response: 502", 2]],
  );
});
