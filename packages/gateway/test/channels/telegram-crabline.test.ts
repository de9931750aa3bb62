import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { type StartedTelegramServer, startTelegramServer } from "@openclaw/crabline";
import { channel } from "../../src/channels/telegram/index.ts";
import type { ChannelAdapter } from "../../src/channels/types.ts";
import { join, type Lifetime, setupOf } from "../support/adapter-rig.ts";
import { until } from "../support/until.ts";

const alice = 100_001;
const forum = { chatId: -1001234567890, chatType: "supergroup", isForum: true };
let server: StartedTelegramServer;
let folder: string;
let recorded: { method: string; body: Record<string, unknown> }[];
let lives: Lifetime[];

beforeEach(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), "telegram-"));
  recorded = [];
  lives = [];
  server = await startTelegramServer({
    botUsername: "our_test_bot",
    recorderPath: joinPath(folder, "recorder.jsonl"),
    onEvent(event) {
      const { path, body } = event as { path: string; body: Record<string, unknown> }; // crabline's record of a request
      recorded.push({ method: path.split("/").at(-1) ?? "", body });
    },
  });
});

afterEach(async () => {
  for (const life of lives) await life.stop();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

function adapterOf(more: Record<string, unknown> = {}): ChannelAdapter {
  const { botToken, endpoints } = server.manifest;
  const settings = channel.settings.parse({ botToken, apiRoot: endpoints.apiRoot, ...more });
  return channel.create(setupOf("telegram", settings));
}

async function joined(adapter: ChannelAdapter): Promise<Lifetime> {
  const life = await join(adapter);
  lives.push(life);
  return life;
}

/** Somebody writes. The number of the message. */
async function say(text: string, more: Record<string, unknown> = {}): Promise<number> {
  const { endpoints, adminToken } = server.manifest;
  const response = await fetch(endpoints.adminInboundUrl, {
    method: "POST",
    headers: { "content-type": "application/json", "x-crabline-admin-token": adminToken },
    body: JSON.stringify({ chatId: alice, fromId: alice, fromName: "Alice", text, ...more }),
  });
  assert.equal(response.status, 200);
  const { update } = (await response.json()) as { update: { message: { message_id: number } } }; // crabline's answer
  return update.message.message_id;
}

function calls(method: string): Record<string, unknown>[] {
  return recorded.filter((it) => it.method === method).map((it) => it.body);
}

function options() {
  return { signal: new AbortController().signal, idempotencyKey: crypto.randomUUID() };
}

test("a private message goes round: in with who and where, out as a formatted reply without previews", async () => {
  const adapter = adapterOf();
  const { inbox } = await joined(adapter);
  assert.deepEqual(inbox.identities[0], {
    account: "@our_test_bot",
    botUsername: "our_test_bot",
    id: "424242",
  });

  const number = await say("hello there");
  await until(() => inbox.messages.length === 1, "the message");
  const [message] = inbox.messages;
  assert.deepEqual(
    { ...message, sentAt: 0 },
    {
      id: `${alice}:${number}`,
      sentAt: 0,
      chat: { id: String(alice), kind: "dm" },
      sender: { id: String(alice), name: "Alice", isBot: false, isSelf: false },
      text: "hello there",
    },
  );
  assert.ok(Math.abs((message?.sentAt ?? 0) - Date.now()) < 60_000);

  const to = { chatId: String(alice), replyTo: message?.id ?? "" };
  const sent = await adapter.send(to, { text: "**1 < 2** & `x`" }, options());
  assert.match(sent.messageId ?? "", new RegExp(`^${alice}:\\d+$`));
  assert.deepEqual(calls("sendMessage"), [
    {
      chat_id: alice,
      text: "<b>1 &lt; 2</b> &amp; <code>x</code>",
      parse_mode: "HTML",
      link_preview_options: { is_disabled: true },
      reply_parameters: { message_id: number, allow_sending_without_reply: true },
    },
  ]);

  await adapter.edit?.({ chatId: String(alice) }, sent.messageId ?? "", "changed *now*", options());
  const [edit] = calls("editMessageText");
  assert.equal(edit?.text, "changed <i>now</i>");
  assert.equal(edit?.message_id, Number(sent.messageId?.split(":")[1]));
  await adapter.typing?.({ chatId: String(alice) }, options());
  assert.deepEqual(calls("sendChatAction"), [{ chat_id: alice, action: "typing" }]);
});

test("joining ends a webhook without losing what waits, offers the menu, and asks for messages alone", async () => {
  const { inbox } = await joined(adapterOf());
  await say("hi");
  await until(() => inbox.messages.length === 1, "the message");
  assert.deepEqual(calls("deleteWebhook"), [{ drop_pending_updates: false }]);
  const menu = calls("setMyCommands")[0]?.commands as { command: string }[];
  assert.deepEqual(
    menu.map((it) => it.command),
    ["start", "help", "status", "new", "reset", "stop", "model", "think"],
  );
  assert.deepEqual(calls("getUpdates")[0], { timeout: 25, allowed_updates: ["message"] });
  assert.ok(inbox.signs.alive >= 1);
});

test("messages come in the order in which they were written", async () => {
  const texts = Array.from({ length: 105 }, (_, at) => `number ${at}`);
  for (const text of texts) await say(text);
  const { inbox } = await joined(adapterOf());
  await say("the last");
  await until(() => inbox.messages.length === 106, "all messages");
  assert.deepEqual(
    inbox.messages.map((it) => it.text),
    [...texts, "the last"],
  );
});

test("what could not be stored ends the lifetime with the cause, and comes again with all behind it", async () => {
  const adapter = adapterOf();
  const first = await joined(adapter);
  await say("one");
  await until(() => first.inbox.messages.length === 1, "the first message");
  first.inbox.failing = true;
  await say("two");
  await say("three");
  let ended: unknown;
  void first.ended.then((it) => (ended = it));
  await until(() => ended !== undefined, "the end of the lifetime");
  assert.equal(String(ended), "Error: the disk is full");

  const second = await joined(adapter);
  await say("four");
  await until(() => second.inbox.messages.at(-1)?.text === "four", "the last message");
  const texts = second.inbox.messages.map((it) => it.text).filter((it) => it !== "one");
  assert.deepEqual(texts, ["two", "three", "four"]);
});

test("what was taken is not given again to the next lifetime", async () => {
  const adapter = adapterOf();
  const first = await joined(adapter);
  await say("one");
  await until(() => first.inbox.messages.length === 1, "the first message");
  await say("two");
  await until(() => first.inbox.messages.length === 2, "two messages");
  await first.stop();
  await say("three");
  const second = await joined(adapter);
  await until(() => second.inbox.messages.at(-1)?.text === "three", "the third message");
  assert.ok(!second.inbox.messages.some((it) => it.text === "one"));
});

test("a topic of a forum is a thread, and is answered and typed into as itself", async () => {
  const adapter = adapterOf();
  const { inbox } = await joined(adapter);
  const number = await say("in a topic", { ...forum, messageThreadId: 7 });
  await say("in the general one", forum);
  await until(() => inbox.messages.length === 2, "both messages");
  const [topic, general] = inbox.messages;
  const chatId = String(forum.chatId);
  assert.deepEqual(topic?.chat, { id: chatId, kind: "group", threadId: "7" });
  assert.equal(topic?.id, `${chatId}:${number}`);
  assert.deepEqual(general?.chat, { id: chatId, kind: "group", threadId: "1" });
  assert.equal(general?.mentioned, false);

  await adapter.send({ chatId, threadId: "7" }, { text: "there" }, options());
  await adapter.send({ chatId, threadId: "1" }, { text: "everywhere" }, options());
  await adapter.typing?.({ chatId, threadId: "7" }, options());
  await adapter.typing?.({ chatId, threadId: "1" }, options());
  assert.deepEqual(
    calls("sendMessage").map((it) => it.message_thread_id),
    [7, undefined], // Telegram refuses the general topic's number here, and wants it when one types
  );
  assert.deepEqual(
    calls("sendChatAction").map((it) => it.message_thread_id),
    [7, 1],
  );
  assert.deepEqual(await adapter.destination(`${chatId}:7`, options()), { chatId, threadId: "7" });
  assert.deepEqual(await adapter.destination(`telegram:${chatId}:topic:7`, options()), {
    chatId,
    threadId: "7",
  });
});

test("a group's message speaks to the bot by an entity, and not by what looks like one", async () => {
  const { inbox } = await joined(adapterOf());
  const group = { chatId: -4001, chatType: "group" };
  await say("@Our_Test_Bot, are you there?", {
    ...group,
    entities: [{ type: "mention", offset: 0, length: 13 }],
  });
  await say("ask @our_test_bot_2 or our_test_bot", {
    ...group,
    entities: [{ type: "mention", offset: 4, length: 15 }],
  });
  await until(() => inbox.messages.length === 2, "both messages");
  const [first, second] = inbox.messages;
  assert.deepEqual([first?.mentioned, first?.text], [true, "are you there?"]);
  assert.deepEqual([second?.mentioned, second?.text], [false, "ask @our_test_bot_2 or our_test_bot"]);
});

test("files go out in the form that suits them, with what is said below them", async () => {
  const adapter = adapterOf();
  const bytes = new Uint8Array(70_000).map((_, at) => at % 251);
  const file = (kind: "image" | "audio" | "video" | "file", mimeType: string, name: string) =>
    adapter.send({ chatId: "5" }, { text: "_look_", media: { kind, mimeType, name, bytes } }, options());
  const sent = await file("image", "image/png", "a.png");
  assert.match(sent.messageId ?? "", /^5:\d+$/);
  await file("audio", "audio/mpeg", "b.mp3");
  await file("video", "video/mp4", "c.mp4");
  await file("file", "image/png", "d.png");
  await file("image", "image/svg+xml", "e.svg");
  const sends = recorded.filter((it) => it.method.startsWith("send"));
  assert.deepEqual(
    sends.map((it) => [it.method, it.body.caption, it.body.parse_mode]),
    ["sendPhoto", "sendAudio", "sendVideo", "sendDocument", "sendDocument"].map((it) => [
      it,
      "<i>look</i>",
      "HTML",
    ]),
  );
  assert.ok(Object.values(sends[0]?.body ?? {}).includes("a.png"));
});
