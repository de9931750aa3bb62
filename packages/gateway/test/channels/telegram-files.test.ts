import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { inspect } from "node:util";
import { channel } from "../../src/channels/telegram/index.ts";
import type { ChannelAdapter, Downloaded, InboundMedia } from "../../src/channels/types.ts";
import type { GatewayError } from "../../src/lib/errors.ts";
import { setupOf } from "../support/adapter-rig.ts";
import { refusal, startTelegramStandIn, type TelegramStandIn } from "../support/telegram-server.ts";

const media: InboundMedia = { kind: "file", ref: { fileId: "BQACAgI-1" }, mimeType: "application/pdf" };
const bytes = new Uint8Array(70_000).map((_, at) => at % 251);
const group = "-1001234567890";
let server: TelegramStandIn;
let adapter: ChannelAdapter;

beforeEach(async () => {
  server = await startTelegramStandIn();
  const { token: botToken, apiRoot } = server;
  adapter = channel.create(setupOf("telegram", channel.settings.parse({ botToken, apiRoot })));
  server.files.set("documents/file 1.pdf", bytes);
  server.results("getFile", { file_id: "BQACAgI-1", file_path: "documents/file 1.pdf" });
});

afterEach(() => server.close());

function signal(): AbortSignal {
  return new AbortController().signal;
}

function download(of = media, maxBytes = 100_000): Promise<Downloaded> {
  assert.ok(adapter.download);
  return adapter.download(of, { signal: signal(), maxBytes });
}

/** What a question failed with. Whatever it is, it must not give the token away. */
async function failure(asking: Promise<unknown> | undefined): Promise<GatewayError> {
  assert.ok(asking);
  const error = await asking.then(
    () => assert.fail("it succeeded"),
    (thrown: GatewayError) => thrown,
  );
  const whole = inspect(error, { depth: null, showHidden: true });
  assert.equal(error.name, "GatewayError", whole);
  assert.ok(!whole.includes(server.token.split(":")[1] ?? ""), whole);
  return error;
}

test("a file is fetched by its id, which goes through the disk, with the type that was told with it", async () => {
  const ref: unknown = JSON.parse(JSON.stringify(media.ref));
  const got = await download({ ...media, ref });
  assert.deepEqual(new Uint8Array(got.bytes), bytes);
  assert.equal(got.mimeType, "application/pdf");
  assert.deepEqual(server.calls.find((it) => it.method === "getFile")?.fields, { file_id: "BQACAgI-1" });
  const untold = await download({ kind: "file", ref });
  assert.equal(untold.mimeType, undefined); // Telegram calls everything octets
});

test("a file beyond the limit is not fetched, whether Telegram tells its size or not", async () => {
  assert.equal((await failure(download(media, 69_999))).code, "payload_too_large");
  server.results("getFile", { file_size: 70_000, file_path: "gone" });
  assert.equal((await failure(download(media, 69_999))).code, "payload_too_large");
  server.reply("getFile", refusal(400, "Bad Request: file is too big"));
  const error = await failure(download());
  assert.equal(error.code, "payload_too_large");
  assert.match(error.message, /larger than what Telegram lets a bot fetch/);
  server.results("getFile", { file_path: "documents/file 1.pdf" });
  assert.equal((await download(media, 70_000)).bytes.length, 70_000);
});

test("a file that is not there, or is cut off, is an error that names neither address nor token", async () => {
  server.files.clear();
  assert.match((await failure(download())).message, /the service answered 404/);
  server.reply("getFile", refusal(400, "Bad Request: wrong file_id"), "cut");
  assert.match((await failure(download())).message, /wrong file_id/);
  assert.equal((await failure(download())).code, "upstream_error");
  await server.close();
  await failure(download()); // by a connection that was open before
  assert.match((await failure(download())).message, /could not be reached.*ECONNREFUSED/);
});

test("a path of the server's own disk, or out of its folder, is not asked for", async () => {
  for (const path of ["/var/lib/bot/documents/1.pdf", "a/../../botX/getMe", "..", undefined]) {
    server.results("getFile", { file_id: "1", file_path: path });
    assert.match((await failure(download())).message, /Run it without --local/);
  }
  // What would end the path of an address is a part of it.
  server.files.set("a?b#c/d%2F.pdf", bytes);
  server.results("getFile", { file_path: "a?b#c/d%2F.pdf" });
  assert.equal((await download()).bytes.length, 70_000);
});

test("stopping ends a download with the signal's reason", async () => {
  server.reply("getFile", "hang");
  const stop = new AbortController();
  const downloading = adapter.download?.(media, { signal: stop.signal, maxBytes: 1 });
  stop.abort(new Error("enough"));
  await assert.rejects(downloading ?? Promise.resolve(), { message: "enough" });
});

test("who administers a group is asked of Telegram, and known of those who speak as the group", async () => {
  const isAdmin = (sender: string) => adapter.isAdmin?.(group, sender, { signal: signal() });
  for (const [status, expected] of [
    ["creator", true],
    ["administrator", true],
    ["member", false],
    ["left", false],
  ]) {
    server.results("getChatMember", { status });
    assert.equal(await isAdmin("5"), expected);
  }
  const asked = server.calls.filter((it) => it.method === "getChatMember");
  assert.deepEqual(asked[0]?.fields, { chat_id: Number(group), user_id: 5 });
  assert.equal(await isAdmin(group), true);
  assert.equal(await isAdmin("-1009"), false);
  assert.equal(server.calls.filter((it) => it.method === "getChatMember").length, asked.length);
  server.reply("getChatMember", refusal(400, "Bad Request: user not found"), "cut");
  assert.equal((await failure(isAdmin("5"))).code, "upstream_error");
  assert.equal((await failure(isAdmin("5"))).code, "upstream_error");
  server.reply("getChatMember", refusal(429, "Too Many Requests", { retry_after: 4 }));
  const busy = await failure(isAdmin("5"));
  assert.deepEqual([busy.code, busy.retryAfterMs], ["rate_limited", 4_000]);
});

test("an address is an id, with a topic or without, or a public name that Telegram knows", async () => {
  const destination = (to: string) => adapter.destination(to, { signal: signal() });
  assert.deepEqual(await destination(" 123 "), { chatId: "123" });
  assert.deepEqual(await destination("tg:-100123:topic:7"), { chatId: "-100123", threadId: "7" });
  assert.deepEqual(await destination("TELEGRAM:-100123:7"), { chatId: "-100123", threadId: "7" });
  assert.equal(server.calls.length, 0);
  server.results("getChat", { id: -1001500600900, type: "channel", title: "News" });
  assert.deepEqual(await destination("@the_news"), { chatId: "-1001500600900" });
  assert.deepEqual(server.calls.at(-1)?.fields, { chat_id: "@the_news" });
  server.reply("getChat", refusal(400, "Bad Request: chat not found"));
  const unknown = await failure(destination("@ann_lee"));
  assert.deepEqual([unknown.code, unknown.param], ["invalid_request", "to"]);
  assert.match(unknown.message, /People have to be written to by their number/);
  for (const bad of ["", "@", "ann", "12.5", "123:", "123:x", "@a b", "@../getMe", "https://t.me/x"]) {
    assert.equal((await failure(destination(bad))).param, "to", bad);
  }
});

test("a name in an allow-list stands for a public chat's id, and for nobody if it is a person's", async () => {
  const resolve = (name: string) => adapter.resolveName?.(name, { signal: signal() });
  server.results("getChat", { id: -1001500600900, type: "channel" });
  assert.equal(await resolve("@the_news"), "-1001500600900");
  server.reply("getChat", refusal(400, "Bad Request: chat not found"));
  assert.equal(await resolve("@ann_lee"), undefined);
  assert.equal(await resolve("@x"), undefined);
  assert.equal(adapter.canonicalId?.("telegram:5"), "5");
});
