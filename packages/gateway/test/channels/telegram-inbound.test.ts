import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { inboundOf } from "../../src/channels/telegram/inbound.ts";
import type { InboundMessage } from "../../src/channels/types.ts";

// The payloads are written after https://core.telegram.org/bots/api#update and the objects that it names.
const folder = new URL("fixtures/telegram/", import.meta.url);
const bot = { id: 777000111, username: "OurTestBot", readsGroups: true };
const all = { triggerOnMention: true, triggerOnReply: true };

function read(name: string, triggers = all): InboundMessage | undefined {
  return inboundOf(JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")), bot, triggers);
}

const ann = { id: "501234567", name: "Ann Lee", isBot: false, isSelf: false };
const dm = { id: "501234567", kind: "dm", name: "Ann" };
const team = { id: "-1001500600700", kind: "group", name: "Team" };
const workshop = { id: "-1001500600800", kind: "group", name: "Workshop" };

const seen = new Set<string>();

function sees(name: string, expected: Partial<Record<keyof InboundMessage, unknown>>): void {
  seen.add(name);
  test(`${name} is read as what it is`, () => {
    const message = read(name);
    assert.ok(message);
    const keys = Object.keys(expected) as (keyof InboundMessage)[]; // as its type says
    assert.deepEqual(Object.fromEntries(keys.map((key) => [key, message[key]])), expected);
  });
}

test("a private message is read whole", () => {
  seen.add("private-text");
  assert.deepEqual(read("private-text"), {
    id: "501234567:1",
    sentAt: 1_764_000_001_000,
    chat: dm,
    sender: ann,
    text: "hello",
  });
});

sees("private-start", { text: "/start", mentioned: undefined });
sees("private-links", { text: "see this (https://example.com/a) and https://example.org" });
sees("private-topic", { chat: { ...dm, threadId: "90" } });

/** Payload, whether it speaks to the bot, what it says. */
const mentions: [string, boolean, string][] = [
  ["group-mention-first", true, "what is up?"],
  ["group-mention-after-emoji", true, "👋🏽 hey @OurTestBot help"],
  ["group-mention-twice", true, "hi"],
  ["group-mention-alone", true, ""],
  ["group-mention-of-another", false, "@OurTestBotTwo hi"],
  ["group-mention-in-code", false, "write @OurTestBot to ask"],
  ["group-mention-by-id", true, "come here"],
  ["group-mention-by-id-of-namesake", false, "Bot, come here"],
  ["group-command-for-us", true, "/status now"],
  ["group-command-for-another", false, "/status@OtherTestBot now"],
  ["group-command-for-anyone", false, "/status"],
  ["group-reply-to-us", true, "the first"],
  ["group-reply-to-another", false, "why?"],
  ["group-thread-of-replies", false, "and then?"],
  ["topic-text", false, "an idea"],
  ["topic-reply-to-us", true, "yes"],
  ["anonymous-admin", true, "hi"],
  ["photo", true, "what is that?"],
];

for (const [name, mentioned, text] of mentions) sees(name, { mentioned, text });

test("mentions and replies speak to the bot only where the settings let them", () => {
  const quiet = { triggerOnMention: false, triggerOnReply: false };
  for (const [name] of mentions) assert.equal(read(name, quiet)?.mentioned, false, name);
  assert.equal(read("group-reply-to-us", { ...quiet, triggerOnReply: true })?.mentioned, true);
  assert.equal(read("group-mention-first", { ...quiet, triggerOnReply: true })?.mentioned, false);
  assert.equal(read("group-command-for-us", { ...quiet, triggerOnMention: true })?.mentioned, true);
});

sees("group-reply-to-us", { replyTo: { id: "-1001500600700:21", text: "Which one?", toBot: true } });
sees("group-reply-to-another", {
  replyTo: { id: "-1001500600700:22", text: "the first one", toBot: false },
});
sees("group-thread-of-replies", { chat: team }); // not a forum: the number is no thread
sees("topic-text", { chat: { ...workshop, threadId: "30" }, replyTo: undefined });
sees("topic-general", { chat: { ...workshop, threadId: "1" } });

sees("anonymous-admin", { sender: { id: "-1001500600700", name: "Team" } });
sees("channel-in-group", { sender: { id: "-1001500600900", name: "News" } });
sees("linked-channel-post", { sender: { id: "-1001500600900", name: "News" } });
sees("other-bot", { sender: { id: "700700", name: "Other", isBot: true, isSelf: false } });
sees("own-message", { sender: { id: "777000111", name: "Bot", isBot: true, isSelf: true } });

/** Payload, kind, file, MIME type, name, bytes. */
const files: [string, string, string, string, string | undefined, number][] = [
  ["photo", "image", "x", "image/jpeg", undefined, 91_000],
  ["document", "file", "doc", "application/pdf", "plan.pdf", 40_000],
  ["document-image", "image", "png", "image/png", "a.png", 40_000],
  ["audio", "audio", "mp3", "audio/mpeg", "t.mp3", 960_000],
  ["voice", "audio", "ogg", "audio/ogg", undefined, 9_000],
  ["video", "video", "mp4", "video/mp4", "v.mp4", 500_000],
  ["video-note", "video", "note", "video/mp4", undefined, 90_000],
  ["animation", "video", "gif", "video/mp4", "g.mp4", 30_000],
  ["sticker", "image", "webp", "image/webp", undefined, 20_000],
];

for (const [name, kind, file, mimeType, fileName, size] of files) {
  sees(name, { media: [{ kind, ref: { fileId: `AgACAgI-${file}` }, mimeType, name: fileName, size }] });
}

sees("document", { text: "the plan" });
sees("sticker-animated", { text: "👍", media: undefined });
sees("location", { text: "Location: 52.5163, 13.3777" });
sees("venue", { text: "Gate, Pariser Platz\nLocation: 52.5163, 13.3777" });
sees("contact", { text: "Contact: Bob Ray, +4915112345" });

for (const name of ["edited", "channel-post", "people-come", "group-moved", "topic-created"]) {
  seen.add(name);
  test(`${name} is no message`, () => {
    assert.equal(read(name), undefined);
  });
}

test("every payload is read by some test", () => {
  const names = readdirSync(folder).map((it) => it.replace(".json", ""));
  assert.deepEqual(
    names.filter((it) => !seen.has(it)),
    [],
  );
});

test("what is no update is an error, and neither a message nor a crash later on", () => {
  for (const raw of [undefined, "", [], {}, { update_id: "1" }, { update_id: 1, message: { text: "x" } }]) {
    assert.throws(() => inboundOf(raw, bot, all), { name: "ZodError" });
  }
});
