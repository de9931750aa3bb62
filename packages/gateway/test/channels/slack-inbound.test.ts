import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type Reading, readEvent } from "../../src/channels/slack/inbound.ts";
import { readableText } from "../../src/channels/slack/text.ts";

// Payloads written after https://docs.slack.dev/reference/events/message and the file object's page.

const folder = new URL("fixtures/slack/", import.meta.url);
const self = {
  userId: "U0BOT00001",
  botId: "B0BOT00001",
  userName: "claw",
  teamId: "T0TEAM0001",
  teamName: "Example",
};

function read(name: string, replyInThread = false): Reading {
  const body: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
  return readEvent(body, self, { replyInThread });
}

/** What a payload says, in short. */
function brief(name: string): unknown {
  const { message, ...rest } = read(name);
  if (message === undefined) return rest;
  const { id, chat, sender, text, mentioned, replyTo, media } = message;
  const flags = [sender.isBot && "bot", sender.isSelf && "self", mentioned && "mentioned"].filter(Boolean);
  const where = [chat.kind, chat.id, chat.threadId].filter(Boolean).join(" ");
  const files = media?.map((it) => `${it.kind} ${it.name ?? "?"}`);
  return [where, sender.id, text, ...flags, ...(replyTo ? [{ replyTo }] : []), ...(files ? [files] : []), id];
}

const general = "C0GENERAL1:1700000001.000100";
const direct = "D0DIRECT01:1700000001.000100";
const ada = "U0ADA00001";
const question = "what is #general for, @bob?";
const thread = "group C0GENERAL1 1700000001.000100";

const expected: Record<string, unknown> = {
  dm: ["dm D0DIRECT01", ada, "Hello & welcome, 1 < 2", direct],
  "channel-mention": ["group C0GENERAL1", ada, question, "mentioned", general],
  "app-mention": ["group C0GENERAL1", ada, question, "mentioned", general],
  "channel-talk": [
    "group C0GENERAL1",
    ada,
    "@here see [the page](https://example.com/a_%28b%29), https://example.com or ada@example.com",
    general,
  ],
  "private-channel": ["group G0SECRET01", ada, "just talk", "G0SECRET01:1700000001.000100"],
  "group-dm": ["group C0MPIM0001", ada, "hi, @claw", "mentioned", "C0MPIM0001:1700000001.000100"],
  "thread-reply": [
    thread,
    ada,
    "and this?",
    "mentioned",
    { replyTo: { id: general, toBot: true } },
    "C0GENERAL1:1700000002.000200",
  ],
  "thread-reply-to-others": [
    thread,
    ada,
    "yes",
    { replyTo: { id: general, toBot: false } },
    "C0GENERAL1:1700000002.000200",
  ],
  "thread-parent": ["group C0GENERAL1", ada, "the first of a thread", general],
  "thread-broadcast": [
    thread,
    ada,
    "for all",
    { replyTo: { id: general, toBot: false } },
    "C0GENERAL1:1700000003.000300",
  ],
  "file-share": ["dm D0DIRECT01", ada, "look", ["image cat.png"], direct],
  "file-kinds": [
    "dm D0DIRECT01",
    ada,
    "Plan: https://docs.google.com/document/d/1",
    ["audio audio_message.m4a", "video v.mp4", "file a.pdf"],
    direct,
  ],
  "file-of-shared-channel": ["dm D0DIRECT01", ada, "see", ["file ?"], direct],
  "me-message": ["dm D0DIRECT01", ada, "waves", direct],
  "bot-message": ["group C0GENERAL1", "B0OTHER001", "build 12 failed", "bot", general],
  "app-post": ["group C0GENERAL1", "U0OTHERBOT", "from an app", "bot", general],
  "app-post-attachments": ["group C0GENERAL1", "B0OTHER001", "Alert: disk 91 %\nsecond line", "bot", general],
  "own-post": ["group C0GENERAL1", "U0BOT00001", "what I said", "bot", "self", general],
  edited: { why: "ignored" },
  deleted: { why: "ignored" },
  join: { why: "ignored" },
  reaction: { why: "ignored" },
  "other-workspace": { why: "foreign" },
  "no-timestamp": { why: "malformed" },
};

for (const name of Object.keys(expected)) {
  test(`the payload ${name} says what it should`, () => assert.deepEqual(brief(name), expected[name]));
}

test("every payload has an expectation", () => {
  const names = readdirSync(folder).map((it) => it.replace(/\.json$/, ""));
  assert.deepEqual(names.sort(), Object.keys(expected).sort());
});

test("a post that mentions the bot is the same message by both of its events", () => {
  assert.deepEqual(read("app-mention"), read("channel-mention"));
});

test("a message tells its time, its workspace and where its file is", () => {
  const { message } = read("file-share");
  assert.equal(message?.sentAt, 1_700_000_001_000);
  assert.equal(message?.chat.spaceId, "T0TEAM0001");
  assert.deepEqual(message?.media, [
    {
      kind: "image",
      ref: {
        id: "F0FILE0001",
        url: "https://files.slack.com/files-pri/T0TEAM0001-F0FILE0001/download/cat.png",
      },
      mimeType: "image/png",
      name: "cat.png",
      size: 2048,
    },
  ]);
});

test("with replyInThread a post in a channel opens a thread, one in private does not", () => {
  assert.equal(read("channel-mention", true).message?.chat.threadId, "1700000001.000100");
  assert.equal(read("thread-reply", true).message?.chat.threadId, "1700000001.000100");
  assert.equal(read("dm", true).message?.chat.threadId, undefined);
});

test("what is no event of Slack's is malformed or ignored, never an error", () => {
  for (const body of [undefined, null, 1, "x", [], {}, { type: "app_rate_limited" }]) {
    assert.deepEqual(readEvent(body, self, { replyInThread: false }), { why: "ignored" });
  }
  for (const event of [undefined, null, {}, [], { type: "message" }, { type: 3 }]) {
    const reading = readEvent({ type: "event_callback", event }, self, { replyInThread: false });
    assert.deepEqual(reading, { why: "malformed" });
  }
});

test("mentions of the bot go from the beginning of a text and are names elsewhere", () => {
  const cases: Record<string, string> = {
    "<@U0BOT00001>: hello": "hello",
    "  <@U0BOT00001|claw>, <@U0BOT00001> hello": "hello",
    "hello <@U0BOT00001>": "hello @claw",
    "<@U0BOT000012> hello": "@U0BOT000012 hello",
    "&lt;@U0BOT00001&gt; hello": "<@U0BOT00001> hello",
    "<!subteam^S012|@team> and <!channel>": "@team and @channel",
    "<!date^1700000000^{date}|14 November>": "14 November",
    "<https://example.com/?a=1&amp;b=2>": "https://example.com/?a=1&b=2",
    "<http://example.com|example.com>": "http://example.com",
    "<https://evil.example|https://bank.example>": "[https://bank.example](https://evil.example)",
    "<https://example.com|a &amp; [b]>": "[a & \\[b\\]](https://example.com)",
    "&amp;lt; stays": "&lt; stays",
    "1 <2> 3": "1 2 3",
  };
  for (const [given, wanted] of Object.entries(cases)) assert.equal(readableText(given, self), wanted, given);
});
