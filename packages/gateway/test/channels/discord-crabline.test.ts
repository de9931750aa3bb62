import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { type StartedDiscordServer, startDiscordServer } from "@openclaw/crabline";
import { channel } from "../../src/channels/discord/index.ts";
import type { ChannelAdapter } from "../../src/channels/types.ts";
import { join, type Lifetime, memoryState, setupOf } from "../support/adapter-rig.ts";
import { until } from "../support/until.ts";

const alice = "135000000000000912";
let server: StartedDiscordServer;
let folder: string;
let recorded: { path: string; method: string; body: Record<string, unknown> }[];
let lives: Lifetime[];

beforeEach(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), "discord-"));
  recorded = [];
  lives = [];
  server = await startDiscordServer({
    recorderPath: joinPath(folder, "recorder.jsonl"),
    onEvent(event) {
      const { path, method, body } = event as (typeof recorded)[number]; // crabline's record of a request
      recorded.push({ path, method, body });
    },
  });
});

afterEach(async () => {
  for (const life of lives) await life.stop();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

function adapterOf(settings: Record<string, unknown> = {}, state = memoryState()): ChannelAdapter {
  const { botToken, endpoints } = server.manifest;
  const parsed = channel.settings.parse({ botToken, apiRoot: endpoints.apiRoot, ...settings });
  return channel.create(setupOf("discord", parsed, state));
}

async function joined(adapter: ChannelAdapter): Promise<Lifetime> {
  const life = await join(adapter);
  lives.push(life);
  return life;
}

/** Somebody writes; the message as the server has it. */
async function say(content: string, more: Record<string, unknown> = {}): Promise<{ id: string }> {
  const { fixture, endpoints, adminToken } = server.manifest;
  const place = { channelId: fixture.channelId, guildId: fixture.guildId };
  const response = await fetch(endpoints.adminInboundUrl, {
    method: "POST",
    headers: { "content-type": "application/json", "x-crabline-admin-token": adminToken },
    body: JSON.stringify({ ...place, senderId: alice, senderName: "Alice", content, ...more }),
  });
  assert.equal(response.status, 200);
  const { message } = (await response.json()) as { message: { id: string } }; // crabline's answer
  return message;
}

function options() {
  return { signal: new AbortController().signal, idempotencyKey: crypto.randomUUID() };
}

async function ask(route: string): Promise<Record<string, unknown>> {
  const { endpoints, botToken } = server.manifest;
  const response = await fetch(`${endpoints.apiRoot}/v10${route}`, {
    headers: { authorization: `Bot ${botToken}` },
  });
  return (await response.json()) as Record<string, unknown>; // an object of Discord's
}

test("a message of a server goes round: in with who and where, out as a reply without pings and previews", async () => {
  const adapter = adapterOf();
  const { inbox } = await joined(adapter);
  const { fixture, botUserId } = server.manifest;
  assert.deepEqual(inbox.identities[0], { account: "crabline", botUsername: "crabline", id: botUserId });

  const { id } = await say(`<@${botUserId}>, hello **there**`);
  await until(() => inbox.messages.length === 1, "the message");
  const [message] = inbox.messages;
  assert.equal(message?.id, id);
  assert.equal(message?.text, "hello **there**");
  assert.equal(message?.mentioned, true);
  assert.deepEqual(message?.chat, {
    id: fixture.channelId,
    kind: "group",
    spaceId: fixture.guildId,
    name: "crabline-channel",
  });
  assert.deepEqual(message?.sender, { id: alice, name: "Alice", isBot: false, isSelf: false });
  assert.ok(Math.abs(message.sentAt - Date.now()) < 60_000);

  const text = "@everyone see https://example.org and [this](https://example.com)";
  const sent = await adapter.send({ chatId: fixture.channelId, replyTo: id }, { text }, options());
  const stored = await ask(`/channels/${fixture.channelId}/messages/${sent.messageId}`);
  assert.equal(stored.content, "@everyone see <https://example.org> and [this](<https://example.com>)");
  assert.deepEqual(stored.allowed_mentions, { parse: [], replied_user: false });
  assert.equal(stored.flags, 4);
  assert.match(String(stored.nonce), /^[\w-]{25}$/);
  assert.equal(stored.type, 19);
  assert.equal((stored.message_reference as { message_id: string }).message_id, id);

  // Our own message comes back and is known as ours.
  await until(() => inbox.messages.length === 2, "the echo");
  assert.deepEqual(inbox.messages[1]?.sender, { id: botUserId, name: "crabline", isBot: true, isSelf: true });

  await adapter.edit?.({ chatId: fixture.channelId }, sent.messageId ?? "", "changed *now*", options());
  const edited = await ask(`/channels/${fixture.channelId}/messages/${sent.messageId}`);
  assert.equal(edited.content, "changed *now*");
  await adapter.typing?.({ chatId: fixture.channelId }, options());
  assert.ok(recorded.some((it) => it.path.endsWith(`/channels/${fixture.channelId}/typing`)));
});

test("a direct message is one, and is answered where it was written or by the user's id", async () => {
  const adapter = adapterOf();
  const { inbox } = await joined(adapter);
  const to = await adapter.destination(`user:${alice}`, options());
  await say("hi", { channelId: to.chatId, guildId: undefined });
  await until(() => inbox.messages.length === 1, "the message");
  const [message] = inbox.messages;
  assert.deepEqual(message?.chat, { id: to.chatId, kind: "dm" });
  assert.equal(message?.mentioned, undefined);
  const sent = await adapter.send(to, { text: "hello" }, options());
  const stored = await ask(`/channels/${to.chatId}/messages/${sent.messageId}`);
  assert.equal(stored.content, "hello");
});

test("messages come in the order in which they were written", async () => {
  const { inbox } = await joined(adapterOf());
  const texts = Array.from({ length: 40 }, (_, at) => `number ${at}`);
  for (const text of texts) await say(text);
  await until(() => inbox.messages.length === texts.length, "all messages");
  assert.deepEqual(
    inbox.messages.map((it) => it.text),
    texts,
  );
});

test("a reply says what it answers, and one to the bot speaks to it", async () => {
  const adapter = adapterOf();
  const { inbox } = await joined(adapter);
  const { channelId } = server.manifest.fixture;
  const sent = await adapter.send({ chatId: channelId }, { text: "which one?" }, options());
  await say("the first", { message_reference: { message_id: sent.messageId } });
  const other = await say("not for you");
  await say("indeed", { message_reference: { message_id: other.id } });
  await until(() => inbox.messages.length === 4, "all messages");
  const [, toBot, , toOther] = inbox.messages;
  assert.deepEqual(toBot?.replyTo, { id: sent.messageId, text: "which one?", toBot: true });
  assert.equal(toBot?.mentioned, true);
  assert.deepEqual(toOther?.replyTo, { id: other.id, text: "not for you", toBot: false });
  assert.equal(toOther?.mentioned, false);
});

test("a thread is its channel's, is answered in itself, and is found by its id", async () => {
  const adapter = adapterOf();
  const { inbox } = await joined(adapter);
  const { channelId, guildId } = server.manifest.fixture;
  const threadId = "135000000000000777";
  await say("in here", { channelId: threadId, parentChannelId: channelId });
  await until(() => inbox.messages.length === 1, "the message");
  assert.deepEqual(inbox.messages[0]?.chat, {
    id: channelId,
    kind: "group",
    threadId,
    spaceId: guildId,
    name: "crabline-thread",
  });
  const sent = await adapter.send({ chatId: channelId, threadId }, { text: "there" }, options());
  assert.equal((await ask(`/channels/${threadId}/messages/${sent.messageId}`)).content, "there");
  // A gateway that was just started has to ask.
  const fresh = adapterOf();
  assert.deepEqual(await fresh.destination(`<#${threadId}>`, options()), { chatId: channelId, threadId });
  assert.deepEqual(await fresh.destination(channelId, options()), { chatId: channelId });
  await fresh.send({ chatId: channelId }, { text: "." }, options());
});

test("files go both ways, and no further than the limit", async () => {
  const adapter = adapterOf();
  const { inbox } = await joined(adapter);
  const { channelId } = server.manifest.fixture;
  const bytes = new Uint8Array(70_000).map((_, at) => at % 251);
  await adapter.send(
    { chatId: channelId },
    { text: "look", media: { kind: "image", mimeType: "image/png", name: "a b.png", bytes } },
    options(),
  );
  await until(() => inbox.messages.length === 1, "the echo with the file");
  const media = inbox.messages[0]?.media?.[0];
  assert.ok(media && adapter.download);
  assert.deepEqual(
    [media.kind, media.mimeType, media.name, media.size],
    ["image", "image/png", "a b.png", 70_000],
  );
  const { signal } = options();
  // `ref` goes through the disk.
  const ref: unknown = JSON.parse(JSON.stringify(media.ref));
  const got = await adapter.download({ ...media, ref }, { signal, maxBytes: 100_000 });
  assert.deepEqual(new Uint8Array(got.bytes), bytes);
  assert.equal(got.mimeType, "image/png");
  await assert.rejects(adapter.download(media, { signal, maxBytes: 60_000 }), { code: "payload_too_large" });
  const elsewhere = { ...media, ref: { ...(media.ref as object), url: "http://127.0.0.1:9/x" } };
  await assert.rejects(adapter.download(elsewhere, { signal, maxBytes: 100_000 }), { code: "forbidden" });
  // An address that has expired is asked for again.
  const stale = (media.ref as { url: string }).url.replace(/sig=[^&]+/, "sig=old");
  const again = await adapter.download(
    { ...media, ref: { ...(media.ref as object), url: stale } },
    { signal, maxBytes: 100_000 },
  );
  assert.equal(again.bytes.length, 70_000);
});

test("what was written while nobody was there comes in at the next start, once", async () => {
  const state = memoryState();
  const first = await joined(adapterOf({}, state));
  await say("before");
  await until(() => first.inbox.messages.length === 1, "the first message");
  await first.stop();
  const texts = Array.from({ length: 12 }, (_, at) => `missed ${at}`);
  for (const text of texts) await say(text);
  const { inbox } = await joined(adapterOf({}, state));
  await until(() => inbox.messages.length === texts.length, "what was missed");
  await say("after");
  await until(() => inbox.messages.length === texts.length + 1, "what came later");
  assert.deepEqual(
    inbox.messages.map((it) => it.text),
    [...texts, "after"],
  );
});

test("slash commands are registered once, and only where they are wanted", async () => {
  const commands = `/api/v10/applications/${server.manifest.applicationId}/commands`;
  const posted = () => recorded.filter((it) => it.method === "POST" && it.path === commands);
  const first = await joined(adapterOf());
  await until(() => posted().length === 7, "seven commands");
  assert.deepEqual(
    posted()
      .map((it) => it.body.name)
      .sort(),
    ["help", "model", "new", "reset", "status", "stop", "think"],
  );
  await first.stop();
  const second = await joined(adapterOf());
  await until(
    () => recorded.filter((it) => it.method === "GET" && it.path === commands).length === 2,
    "a look",
  );
  await second.stop();
  assert.equal(posted().length, 7);
  const third = await joined(adapterOf({ slashCommands: false }));
  await third.stop();
  assert.equal(recorded.filter((it) => it.path === commands && it.method === "GET").length, 2);
});
