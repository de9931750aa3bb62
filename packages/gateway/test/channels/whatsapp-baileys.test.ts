import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { JoinError, SendError } from "../../src/channels/types.ts";
import { begin, join, type Lifetime } from "../support/adapter-rig.ts";
import { until } from "../support/until.ts";
import { type Crabline, startCrabline } from "../support/whatsapp-crabline.ts";
import { linkedAdapter, linkedValues } from "../support/whatsapp-linked.ts";

const ann = "16505551234@s.whatsapp.net";
const group = "120363001234567890@g.us";
const { signal } = new AbortController();
let sends = 0;
const options = () => ({ signal, idempotencyKey: `key-${++sends}` });

describe("WhatsApp as a linked device, against crabline", () => {
  let crabline: Crabline;
  let url: string;
  const lives: Lifetime[] = [];
  before(async () => {
    crabline = await startCrabline();
    url = crabline.manifest.endpoints.baileysWebSocketUrl;
  });
  afterEach(async () => {
    for (const life of lives.splice(0)) await life.stop();
  });
  after(() => crabline.close());

  async function joined(adapter = linkedAdapter(url)) {
    const life = await join(adapter);
    lives.push(life);
    return { adapter, life, inbox: life.inbox };
  }

  /** What the bot's messages were, as the other side read them. */
  const taken = () =>
    crabline.events
      .filter((it) => it.accepted === true)
      .map((it) => it.body as { message?: object; key?: object });

  /** Stanzas of a kind that the bot sent. */
  const stanzas = (tag: string) =>
    crabline.events
      .map((it) => it.body as { tag?: string; attrs?: Record<string, string> })
      .filter((it) => it.tag === tag);

  it("joins, hears a person, shows that it writes, and answers", async () => {
    const { adapter, inbox } = await joined();
    assert.deepEqual(inbox.identities, [
      { account: "+15550000000", botUsername: "Bot", id: "15550000000@s.whatsapp.net" },
    ]);
    const { message } = await crabline.write({ chatJid: ann, senderJid: ann, text: "ping", pushName: "Ann" });
    await until(() => inbox.messages.length > 0, "a message");
    const [heard] = inbox.messages;
    const { sentAt, ...rest } = heard!;
    assert.ok(Math.abs(Date.now() - sentAt) < 60_000);
    assert.deepEqual(rest, {
      id: `${ann}:${message.key.id}`,
      chat: { id: ann, kind: "dm", name: "Ann" },
      sender: { id: ann, name: "Ann" },
      text: "ping",
    });
    const to = { chatId: heard!.chat.id, replyTo: heard!.id };
    await adapter.typing!(to, options());
    const { messageId } = await adapter.send(to, { text: "**pong**" }, options());
    assert.partialDeepStrictEqual(taken().at(-1), {
      key: { id: messageId!.split(":")[1], remoteJid: ann },
      message: { conversation: "*pong*" },
    });
    assert.equal(stanzas("chatstate").at(-1)!.attrs!.to, ann);
    assert.ok(inbox.signs.alive > 0);
  });

  it("keeps the order, both ways", async () => {
    const { adapter, inbox } = await joined();
    const words = ["one", "two", "three", "four", "five"];
    for (const text of words) await crabline.write({ chatJid: ann, senderJid: ann, text });
    await until(() => inbox.messages.length === words.length, "all messages");
    assert.deepEqual(
      inbox.messages.map((it) => it.text),
      words,
    );
    const before = taken().length;
    for (const text of words) await adapter.send({ chatId: ann }, { text }, options());
    assert.deepEqual(
      taken()
        .slice(before)
        .map((it) => it.message),
      words.map((conversation) => ({ conversation })),
    );
  });

  it("hears what was written while it was away, and each connection by the same id", async () => {
    const { message } = await crabline.write({ chatJid: ann, senderJid: ann, text: "are you there?" });
    const first = await joined();
    await until(() => first.inbox.messages.length > 0, "the message from before");
    assert.equal(first.inbox.messages[0]!.id, `${ann}:${message.key.id}`);
    const second = await joined(linkedAdapter(url));
    await crabline.write({ chatJid: ann, senderJid: ann, text: "once more" });
    await until(() => second.inbox.messages.length > 0 && first.inbox.messages.length > 1, "both");
    assert.equal(first.inbox.messages[1]!.id, second.inbox.messages[0]!.id);
  });

  it("hears groups, and who speaks in them", async () => {
    const { inbox } = await joined();
    await crabline.write({ chatJid: group, senderJid: ann, text: "hello all", pushName: "Ann" });
    await crabline.write({ chatJid: group, senderJid: ann, text: "@15550000000 and you" });
    await until(() => inbox.messages.length === 2, "the group's messages");
    assert.partialDeepStrictEqual(inbox.messages[0], {
      chat: { id: group, kind: "group" },
      sender: { id: ann, name: "Ann" },
      text: "hello all",
      mentioned: false,
    });
    assert.equal(inbox.messages[1]!.text, "and you");
  });

  it("fetches and opens a voice message, within the limit", async () => {
    const { adapter, inbox } = await joined();
    const bytes = Buffer.from("a voice, that says something");
    const audio = { contentBase64: bytes.toString("base64"), mimeType: "audio/ogg; codecs=opus", ptt: true };
    await crabline.write({ chatJid: ann, senderJid: ann, audio });
    await until(() => inbox.messages.length > 0, "the voice message");
    const [media] = inbox.messages[0]!.media!;
    assert.partialDeepStrictEqual(media, { kind: "audio", mimeType: "audio/ogg", size: bytes.length });
    const kept = JSON.parse(JSON.stringify(media));
    const found = await adapter.download!(kept, { signal, maxBytes: 100 });
    assert.deepEqual(Buffer.from(found.bytes), bytes);
    await assert.rejects(adapter.download!(kept, { signal, maxBytes: 5 }), { code: "payload_too_large" });
    const elsewhere = { ...kept, ref: { ...kept.ref, url: "http://127.0.0.1:9/x", directPath: undefined } };
    await assert.rejects(adapter.download!(elsewhere, { signal, maxBytes: 100 }), { code: "upstream_error" });
  });

  it("gives a repeated message the same id", async () => {
    const { adapter } = await joined();
    const again = options();
    const one = await adapter.send({ chatId: ann }, { text: "once" }, again);
    const two = await adapter.send({ chatId: ann }, { text: "once" }, again);
    assert.equal(one.messageId, two.messageId);
  });

  it("may send a file again that could not be uploaded", async () => {
    const { adapter } = await joined();
    const media = { kind: "image", mimeType: "image/png", name: "a.png", bytes: Buffer.from("x") } as const;
    const error: SendError = await adapter.send({ chatId: ann }, { text: "", media }, options()).then(
      () => assert.fail("it was sent"),
      (thrown) => thrown,
    );
    assert.deepEqual([error.name, error.outcome], ["SendError", "later"]);
  });

  it("cannot tell whether a message arrived where the connection breaks off before it was acknowledged", async () => {
    const { adapter, life } = await joined();
    // crabline's table of words does not know `edit`: it hangs up once it has read that.
    const edit = adapter.edit!({ chatId: ann }, `${ann}:3EB0AA`, "other", options());
    await assert.rejects(edit, { name: "SendError", outcome: "unknown" });
    assert.match(((await life.ended) as Error).message, /was lost \(428\)/);
  });

  it("closes everything when it is told to end, and then sends nothing", async () => {
    const before = timers();
    const { adapter, life } = await joined();
    await life.stop();
    assert.equal(await life.ended, undefined);
    assert.equal(timers(), before);
    await assert.rejects(adapter.send({ chatId: ann }, { text: "late" }, options()), { outcome: "later" });
  });

  it("is not logged out by a server in between that refuses the connection", async () => {
    const values = linkedValues("15550000000");
    const life = begin(linkedAdapter(url.replace(/access_token=.*/, "access_token=secret-word"), values));
    const error = (await life.ended) as Error;
    assert.equal(error.name, "Error");
    assert.ok(!String(error.stack).includes("secret-word"));
    assert.ok(values.has("creds"), "the session was thrown away");
  });

  it("asks for a login where no phone has linked it, and says what is missing for a code", async () => {
    const life = begin(linkedAdapter(url, new Map()));
    assert.deepEqual(await reasonOf(life), ["JoinError", "login"]);
    assert.match(life.inbox.logins[0]!.message, /openclaw channels login whatsapp/);
    const code = begin(linkedAdapter(url, new Map()), { login: { method: "code" } });
    assert.deepEqual(await reasonOf(code), ["JoinError", "settings"]);
  });
});

describe("WhatsApp as a linked device, without its server", () => {
  it("ends when the connection is lost", async () => {
    const crabline = await startCrabline();
    const adapter = linkedAdapter(crabline.manifest.endpoints.baileysWebSocketUrl);
    const life = await join(adapter);
    await crabline.close();
    const error = (await life.ended) as Error;
    assert.match(error.message, /^The connection to WhatsApp was lost/);
    await assert.rejects(adapter.send({ chatId: ann }, { text: "hi" }, options()), { outcome: "later" });
    const next = (await begin(adapter).ended) as Error;
    assert.match(next.message, /cannot be reached/);
  });

  it("knows numbers, groups and hidden ids however they are written", async () => {
    const adapter = linkedAdapter("ws://127.0.0.1:9");
    const written = [
      "+1 (650) 555-1234",
      "whatsapp:+16505551234",
      "16505551234@c.us",
      "16505551234:3@s.whatsapp.net",
    ];
    for (const one of written) {
      assert.deepEqual(await adapter.destination(one, { signal }), { chatId: ann });
      assert.equal(adapter.canonicalId!(one), ann);
    }
    for (const id of [group, "123456789012345@lid"]) {
      assert.deepEqual(await adapter.destination(id, { signal }), { chatId: id });
    }
    await assert.rejects(adapter.destination("Ann", { signal }), { code: "invalid_request", param: "to" });
    assert.throws(() => linkedAdapter("http://127.0.0.1:9"), { param: "channels.whatsapp.webSocketUrl" });
  });
});

async function reasonOf(life: Lifetime): Promise<unknown[]> {
  const error = (await life.ended) as JoinError;
  return [error.name, error.reason];
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((it) => it === "Timeout").length;
}
