import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { inspect } from "node:util";
import { channel } from "../../src/channels/telegram/index.ts";
import type { ChannelAdapter, OutboundMedia, SendError } from "../../src/channels/types.ts";
import { setupOf } from "../support/adapter-rig.ts";
import {
  type Reply,
  refusal,
  startTelegramStandIn,
  type TelegramStandIn,
} from "../support/telegram-server.ts";
import { until } from "../support/until.ts";

const to = { chatId: "-1001234567890" };
let server: TelegramStandIn;
let adapter: ChannelAdapter;

beforeEach(async () => {
  server = await startTelegramStandIn();
  adapter = adapterOf(server);
});

afterEach(() => server.close());

function adapterOf({ token, apiRoot }: { token: string; apiRoot: string }): ChannelAdapter {
  return channel.create(setupOf("telegram", channel.settings.parse({ botToken: token, apiRoot })));
}

function options(signal = new AbortController().signal) {
  return { signal, idempotencyKey: "1" };
}

function calls(method: string): Readonly<Record<string, unknown>>[] {
  return server.calls.filter((it) => it.method === method).map((it) => it.fields);
}

function png(name = "a b.png"): OutboundMedia {
  const bytes = new Uint8Array(70_000).map((_, at) => at % 251);
  return { kind: "image", mimeType: "image/png", name, bytes };
}

/** How sending fails. Whatever it is, it must not give the token away. */
async function failure(sending: Promise<unknown>): Promise<SendError> {
  const error = await sending.then(
    () => assert.fail("it was sent"),
    (thrown: SendError) => thrown,
  );
  assert.equal(error.name, "SendError", inspect(error));
  const whole = inspect(error, { depth: null, showHidden: true });
  assert.ok(!whole.includes(server.token.split(":")[1] ?? ""), whole);
  return error;
}

/** What Telegram answers, what it means for the message, what is said. */
const outcomes: [Reply, "refused" | "later" | "unknown", RegExp][] = [
  [refusal(429, "Too Many Requests: retry after 7", { retry_after: 7 }), "later", /Too Many Requests/],
  [refusal(400, "Bad Request: chat not found"), "refused", /chat not found/],
  [refusal(403, "Forbidden: bot was blocked by the user"), "refused", /blocked by the user/],
  [refusal(401, "Unauthorized"), "refused", /Unauthorized/],
  [
    refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", {
      migrate_to_chat_id: -1009998887776,
    }),
    "refused",
    /Write to -1009998887776/,
  ],
  [refusal(500, "Internal Server Error"), "unknown", /Internal Server Error/],
  [{ status: 502, body: "<html>Bad Gateway</html>" }, "unknown", /HTTP 502/],
  [{ status: 200, body: "<html>a proxy's page</html>" }, "unknown", /no answer of a Bot API server/],
  ["cut", "unknown", /may have arrived/],
];

for (const [reply, outcome, message] of outcomes) {
  const what =
    typeof reply === "string" ? reply : `${reply.status} ${JSON.stringify(reply.body).slice(0, 80)}`;
  test(`a message that is answered by ${what} is ${outcome}`, async () => {
    server.reply("sendMessage", reply);
    const error = await failure(adapter.send(to, { text: "hi" }, options()));
    assert.equal(error.outcome, outcome);
    assert.match(error.message, message);
    assert.equal(error.retryAfterMs, outcome === "later" ? 7_000 : undefined);
    assert.equal(calls("sendMessage").length, 1);
    // The same for a file.
    server.reply("sendPhoto", reply);
    assert.equal((await failure(adapter.send(to, { text: "", media: png() }, options()))).outcome, outcome);
  });
}

test("a message that is under way when the gateway stops is unknown", async () => {
  server.reply("sendMessage", "hang");
  const stop = new AbortController();
  const sending = failure(adapter.send(to, { text: "hi" }, options(stop.signal)));
  await until(() => calls("sendMessage").length === 1, "the call");
  stop.abort();
  assert.equal((await sending).outcome, "unknown");
});

test("where nobody listens a message is sent later, the first one as well as others", async () => {
  await adapter.send(to, { text: "hi" }, options());
  await server.close();
  await failure(adapter.send(to, { text: "hi" }, options())); // by a connection that was open before
  const later = await failure(adapter.send(to, { text: "hi" }, options()));
  assert.equal(later.outcome, "later");
  assert.match(later.message, /could not be reached \(ECONNREFUSED\)/);
  const first = await failure(adapterOf(server).send(to, { text: "hi" }, options()));
  assert.equal(first.outcome, "later");
  assert.match(first.message, /could not be reached.*ECONNREFUSED/);
});

test("where the bot cannot be asked for, nothing was sent", async () => {
  server.reply("getMe", refusal(401, "Unauthorized"), refusal(429, "Too Many Requests", { retry_after: 3 }));
  const unknown = await failure(adapter.send(to, { text: "hi" }, options()));
  assert.deepEqual(
    [unknown.outcome, unknown.message],
    ["later", "Nothing was sent. Telegram answered 401: Unauthorized"],
  );
  assert.equal((await failure(adapter.send(to, { text: "hi" }, options()))).retryAfterMs, 3_000);
  assert.equal(calls("sendMessage").length, 0);
});

test("a text that Telegram finds fault with is sent once more, as it reads", async () => {
  const fault = refusal(400, "Bad Request: can't parse entities: Unsupported start tag");
  server.reply("sendMessage", fault);
  const sent = await adapter.send(to, { text: "**1 < 2** [x](https://example.org)" }, options());
  assert.equal(sent.messageId, `${to.chatId}:900`);
  assert.deepEqual(
    calls("sendMessage").map((it) => [it.text, it.parse_mode]),
    [
      ['<b>1 &lt; 2</b> <a href="https://example.org">x</a>', "HTML"],
      ["1 < 2 x", undefined],
    ],
  );
  server.reply("sendMessage", fault, fault);
  assert.equal((await failure(adapter.send(to, { text: "x" }, options()))).outcome, "refused");
  server.reply("sendPhoto", fault);
  await adapter.send(to, { text: "_x_", media: png() }, options());
  assert.deepEqual(
    calls("sendPhoto").map((it) => it.caption),
    ["<i>x</i>", "x"],
  );
});

test("a file arrives byte by byte, under a harmless name", async () => {
  await adapter.send(
    { ...to, threadId: "7", replyTo: `${to.chatId}:5` },
    { text: "", media: png() },
    options(),
  );
  const call = server.calls.find((it) => it.method === "sendPhoto");
  assert.deepEqual(new Uint8Array(call?.files.photo?.bytes ?? []), png().bytes);
  const { chat_id, message_thread_id, caption, reply_parameters } = call?.fields ?? {};
  assert.deepEqual([chat_id, message_thread_id, caption], [to.chatId, "7", undefined]);
  assert.deepEqual(JSON.parse(String(reply_parameters)), {
    message_id: 5,
    allow_sending_without_reply: true,
  });
  await adapter.send(to, { text: "", media: png('a"\r\nx: y;/../b.png') }, options());
  const names = server.calls.map((it) => it.files.photo?.name).filter((it) => it !== undefined);
  assert.equal(names.length, 2);
  for (const name of names) assert.doesNotMatch(name.replace(/^"|"$/g, ""), /["\r\n;/]/);
});

test("a picture that Telegram does not take as one goes as a document", async () => {
  server.reply("sendPhoto", refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"));
  await adapter.send(to, { text: "look", media: png() }, options());
  const call = server.calls.find((it) => it.method === "sendDocument");
  assert.equal(call?.fields.caption, "look");
  assert.equal(call?.files.document?.bytes.length, 70_000);
});

test("a text that is too long for a caption follows its file, and half a success is none", async () => {
  const text = "x".repeat(1_025);
  await adapter.send(to, { text, media: png() }, options());
  assert.equal(calls("sendPhoto")[0]?.caption, undefined);
  assert.equal(calls("sendMessage")[0]?.text, text);
  await adapter.send(to, { text: text.slice(1), media: png() }, options());
  assert.equal(String(calls("sendPhoto")[1]?.caption).length, 1_024);
  assert.equal(calls("sendMessage").length, 1);
  server.reply("sendMessage", refusal(429, "Too Many Requests", { retry_after: 1 }));
  const error = await failure(adapter.send(to, { text, media: png() }, options()));
  assert.equal(error.outcome, "unknown"); // again would bring the file twice
  assert.match(error.message, /The file arrived/);
});

test("an edit that changes nothing has succeeded, and that of a file's text changes the caption", async () => {
  server.reply("editMessageText", refusal(400, "Bad Request: message is not modified: the same"));
  await adapter.edit?.(to, `${to.chatId}:900`, "*x*", options());
  server.reply("editMessageText", refusal(400, "Bad Request: there is no text in the message to edit"));
  await adapter.edit?.(to, `${to.chatId}:901`, "*y*", options());
  const [caption] = calls("editMessageCaption");
  assert.deepEqual([caption?.message_id, caption?.caption, caption?.parse_mode], [901, "<i>y</i>", "HTML"]);
  server.reply("editMessageText", refusal(400, "Bad Request: message can't be edited"));
  assert.equal((await failure(adapter.edit!(to, "1", "z", options()))).outcome, "refused");
});
