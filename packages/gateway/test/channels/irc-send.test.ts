import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { linesOf } from "../../src/channels/irc/format.ts";
import { channel } from "../../src/channels/irc/index.ts";
import { splitLine } from "../../src/channels/irc/split.ts";
import { SendError } from "../../src/channels/types.ts";
import { GatewayError } from "../../src/lib/errors.ts";
import { join, setupOf } from "../support/adapter-rig.ts";
import { type IrcRules, type IrcServer, lineOf, startIrcServer } from "../support/irc-server.ts";

const servers: IrcServer[] = [];
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  for (const server of servers.splice(0)) await server.close();
});

async function connected(rules: IrcRules = {}, settings: object = {}) {
  const server = await startIrcServer(rules);
  servers.push(server);
  const own = { server: "127.0.0.1", port: server.port, secure: false, nickname: "bot", lineMs: 0 };
  const adapter = channel.create(setupOf("irc", channel.settings.parse({ ...own, ...settings })));
  const life = await join(adapter);
  stops.push(() => life.stop());
  const send = (chatId: string, text: string, signal = new AbortController().signal, replyTo?: string) =>
    adapter.send({ chatId, replyTo }, { text }, { signal, idempotencyKey: "k" });
  return { server, adapter, send, life, bot: server.connections[0]! };
}

async function failureOf(sending: Promise<unknown>): Promise<SendError> {
  const error = await sending.then(
    () => assert.fail("it was sent"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SendError);
  return error;
}

test("a message goes line by line to its receiver and counts as sent when the server has dealt with it", async () => {
  const { server, send, bot } = await connected();
  assert.deepEqual(await send("#room", "one **two**\n\n- three"), {});
  assert.deepEqual(server.said(), ["#room :one \x02two\x02", "#room :- three"]);
  assert.match(bot.lines.at(-1)!, /^PING /);
});

test("messages that are sent at once do not mix", async () => {
  const { server, send } = await connected();
  await Promise.all([send("#a", "1\n2\n3"), send("#b", "4\n5\n6")]);
  assert.deepEqual(
    server.said().map((it) => it.slice(4)),
    ["1", "2", "3", "4", "5", "6"],
  );
});

test("nothing in a message begins another command", async () => {
  const { send, bot } = await connected();
  await send("#a", "x\rQUIT\r\n\0JOIN #b\x01DCC SEND\x01 y");
  assert.ok(!bot.lines.some((it) => it.startsWith("QUIT") || it.startsWith("JOIN") || it.includes("\x01")));
});

test("long lines are cut at words, and no line passes 512 bytes with the longest mask", async () => {
  const { server, send } = await connected();
  const text = "wörter ".repeat(250).trim();
  await send("#room", text);
  assert.equal(
    server
      .said()
      .map((it) => it.slice(7))
      .join(" "),
    text,
  );
  for (const line of server.said()) assert.ok(Buffer.byteLength(line) <= 410);
});

test("splitting keeps characters whole and loses nothing", () => {
  const pieces = splitLine("😀".repeat(300), 399);
  assert.equal(pieces.join(""), "😀".repeat(300));
  assert.ok(pieces.every((it) => Buffer.byteLength(it) <= 399));
  assert.deepEqual(splitLine("ab cd ef", 5), ["ab cd", "ef"]);
});

for (const [numeric, target, outcome] of [
  ["401", "ann", "refused"],
  ["403", "#gone", "refused"],
  ["404", "#room", "refused"],
  ["477", "#room", "refused"],
  ["707", "ann", "later"],
] as const) {
  test(`${numeric} means ${outcome}`, async () => {
    const { send } = await connected({
      on: (line) => (line.startsWith("PRIVMSG") ? [`:irc.test ${numeric} bot ${target} :no`] : undefined),
    });
    const error = await failureOf(send(target, "hi"));
    assert.equal(error.outcome, outcome);
    assert.equal(error.retryAfterMs !== undefined, outcome === "later");
  });
}

test("a refusal that is about somebody else is not this message's", async () => {
  const { send } = await connected({
    on: (line) => (line.startsWith("PRIVMSG") ? [":irc.test 401 bot bob :No such nick"] : undefined),
  });
  assert.deepEqual(await send("ann", "hi"), {});
});

test("a connection that is cut after the message was written leaves it unknown", async () => {
  const { send } = await connected({
    on(line, connection) {
      if (!line.startsWith("PRIVMSG")) return undefined;
      connection.cut();
      return [];
    },
  });
  assert.equal((await failureOf(send("ann", "hi"))).outcome, "unknown");
});

test("an abort before the server confirmed leaves it unknown, before anything was written it is safe", async () => {
  let isMute = false;
  const { send, bot } = await connected({
    on: (line) => (isMute && line.startsWith("PING") ? [] : undefined),
  });
  isMute = true;
  const controller = new AbortController();
  const first = failureOf(send("ann", "hi", controller.signal));
  const second = failureOf(send("ann", "ho", controller.signal));
  await lineOf(bot, /^PRIVMSG ann :hi/);
  controller.abort();
  assert.equal((await first).outcome, "unknown");
  assert.equal((await second).outcome, "later");
});

test("an answer names the message that it answers where the server gives ids", async () => {
  const { send, bot } = await connected({ capabilities: ["message-tags"] });
  await send("#a", "x\ny", undefined, "abc123");
  await send("#a", "z", undefined, "local-1-1");
  assert.deepEqual(
    bot.lines.filter((it) => it.includes("PRIVMSG")),
    ["@+draft/reply=abc123 PRIVMSG #a :x", "PRIVMSG #a :y", "PRIVMSG #a :z"],
  );
});

test("services, several receivers and broadcasts are no destination", async () => {
  const { adapter, send, server } = await connected();
  const { signal } = new AbortController();
  assert.deepEqual(await adapter.destination("irc:#Room", { signal }), { chatId: "#Room" });
  assert.deepEqual(await adapter.destination(" ann ", { signal }), { chatId: "ann" });
  for (const wrong of [
    "",
    "NickServ",
    "chanserv",
    "a,b",
    "#a,#b",
    "$*",
    "@#a",
    "a b",
    "x!y@z",
    "a\r\nQUIT",
    ":a",
  ]) {
    await assert.rejects(
      adapter.destination(wrong, { signal }),
      (error: unknown) => error instanceof GatewayError && error.param === "to",
    );
    assert.equal((await failureOf(send(wrong, "drop"))).outcome, "refused");
  }
  assert.deepEqual(server.said(), []);
});

for (const [markdown, lines] of [
  ["# Title\n\ntext", ["\x02Title\x02", "text"]],
  ["*a* ~~b~~ `c`", ["\x1da\x1d ~b~ c"]],
  ["[here](https://e.org/x) and <https://e.org/>", ["here (https://e.org/x) and https://e.org/"]],
  ["![cat](https://e.org/c.png)", ["cat (https://e.org/c.png)"]],
  ["- a\n- b\n  - c", ["- a", "- b", "  - c"]],
  ["1. a\n2. b", ["1. a", "2. b"]],
  ["> a\n> b", ["> a", "> b"]],
  ["```js\nif (x) {\n  y();\n}\n```", ["if (x) {", "  y();", "}"]],
  ["**a\nb**", ["\x02a\x02", "\x02b\x02"]],
] as const) {
  test(`${JSON.stringify(markdown)} is written as IRC shows it`, () => {
    assert.deepEqual(linesOf(markdown), lines);
  });
}

test("a message with many short lines counts as long, so that the server is not flooded", () => {
  const adapter = channel.create(setupOf("irc", channel.settings.parse({ server: "x", nickname: "bot" })));
  assert.ok(adapter.traits.textLength!("a\n".repeat(21)) > adapter.traits.textLimit);
  assert.equal(adapter.traits.textLength!("a".repeat(150)), 150);
});
