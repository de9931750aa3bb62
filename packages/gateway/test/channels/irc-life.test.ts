import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { afterEach, test } from "node:test";
import { channel } from "../../src/channels/irc/index.ts";
import { transportOver } from "../../src/channels/irc/transport.ts";
import { type ChannelAdapter, JoinError } from "../../src/channels/types.ts";
import { GatewayError } from "../../src/lib/errors.ts";
import { begin, join, setupOf } from "../support/adapter-rig.ts";
import { type IrcRules, type IrcServer, lineOf, startIrcServer } from "../support/irc-server.ts";
import { until } from "../support/until.ts";

const servers: IrcServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function rig(rules: IrcRules = {}, settings: object = {}) {
  const server = await startIrcServer(rules);
  servers.push(server);
  const own = { server: "127.0.0.1", port: server.port, secure: false, nickname: "bot", lineMs: 0 };
  const adapter = channel.create(setupOf("irc", channel.settings.parse({ ...own, ...settings })));
  return { server, adapter, bot: () => server.connections[0]! };
}

async function joinErrorOf(adapter: ChannelAdapter): Promise<JoinError> {
  const error = await begin(adapter).ended;
  assert.ok(error instanceof JoinError, String(error));
  assert.equal(error.reason, "settings");
  assert.doesNotMatch(error.message, /hunter2/);
  return error;
}

test("the bot joins its channels, with keys, and says who it is", async () => {
  const { adapter, bot } = await rig({}, { channels: ["#a", { name: "#b", key: "k" }] });
  const life = await join(adapter);
  assert.deepEqual(life.inbox.identities, [{ account: "bot@127.0.0.1", botUsername: "bot" }]);
  assert.deepEqual(
    bot().lines.filter((it) => it.startsWith("JOIN")),
    ["JOIN #a", "JOIN #b k"],
  );
  assert.ok(life.inbox.signs.alive > 0);
  await life.stop();
});

test("messages come in their order, each once, and a failing store loses none", async () => {
  const { adapter, bot } = await rig();
  const life = await join(adapter);
  life.inbox.failing = true;
  const { alive } = life.inbox.signs;
  for (let at = 0; at < 600; at++) bot().write(`:ann!a@h PRIVMSG bot :${at}`);
  // Reading stops at 500 that wait, until there is room again.
  await until(() => life.inbox.signs.alive > alive + 400, "the store has failed");
  assert.equal(life.inbox.messages.length, 0);
  life.inbox.failing = false;
  await until(() => life.inbox.messages.length === 600, "600 messages");
  assert.deepEqual(
    life.inbox.messages.map((it) => it.text),
    Array.from({ length: 600 }, (_, at) => String(at)),
  );
  await life.stop();
});

test("a cut connection ends the lifetime, after what came over it was handed over", async () => {
  const { adapter, bot } = await rig();
  const life = await join(adapter);
  const { receive } = life.inbox;
  let begun = false;
  life.inbox.receive = async (message) => {
    begun = true;
    await new Promise((resolve) => setTimeout(resolve, 50)); // a slow disk
    return receive(message);
  };
  bot().write(":ann!a@h PRIVMSG bot :last words");
  bot().write("ERROR :Closing Link: too old");
  await until(() => begun, "the message");
  bot().cut();
  assert.match(String(await life.ended), /closed the connection \(Closing Link: too old\)/);
  assert.equal(life.inbox.messages[0]?.text, "last words");
  await assert.rejects(
    adapter.send(
      { chatId: "ann" },
      { text: "x" },
      { signal: new AbortController().signal, idempotencyKey: "k" },
    ),
    { outcome: "later" },
  );
});

test("an abort says goodbye and closes everything", async () => {
  const { adapter, bot } = await rig();
  const life = await join(adapter);
  await life.stop();
  await lineOf(bot(), /^QUIT/);
  const early = begin(adapter);
  await early.stop();
  assert.equal(early.inbox.identities.length, 0);
});

test("a nickname in use gets underscores, and the settings are at fault if these are taken too", async () => {
  const { adapter } = await rig({ takenNicks: ["bot", "bot_"] });
  const life = await join(adapter);
  assert.equal(life.inbox.identities[0]!.botUsername, "bot__");
  await life.stop();
  const { adapter: other } = await rig({ takenNicks: ["bot", "bot_", "bot__"] });
  assert.match((await joinErrorOf(other)).message, /bot__ are in use/);
});

test("a wrong password of the server, a wrong login and a missing SASL are the settings' fault", async () => {
  const sasl = { account: "bot", password: "hunter2" };
  const { adapter: noPass } = await rig({ password: "right" }, { password: "hunter2" });
  assert.match((await joinErrorOf(noPass)).message, /refused its password/);
  const { adapter: noLogin } = await rig({ capabilities: ["sasl"], login: "bot\0other" }, { sasl });
  assert.match((await joinErrorOf(noLogin)).message, /refused the login/);
  const { adapter: noSasl } = await rig({ capabilities: ["server-time"] }, { sasl });
  assert.match((await joinErrorOf(noSasl)).message, /does not offer SASL/);
});

test("the right login is taken before the bot joins; NickServ is told after", async () => {
  const { adapter, bot } = await rig(
    { capabilities: ["sasl=PLAIN"], login: "bot\0hunter2" },
    {
      sasl: { account: "bot", password: "hunter2" },
      nickserv: { account: "b", password: "pw" },
      channels: ["#a"],
    },
  );
  const life = await join(adapter);
  const { lines } = bot();
  assert.ok(lines.indexOf("CAP END") > lines.findIndex((it) => it.startsWith("AUTHENTICATE")));
  assert.ok(lines.indexOf("PRIVMSG NickServ :IDENTIFY b pw") > 0);
  assert.ok(lines.indexOf("PRIVMSG NickServ :IDENTIFY b pw") < lines.indexOf("JOIN #a"));
  await life.stop();
});

test("the server's password is never tried as that of an account", async () => {
  const { adapter, bot } = await rig({ capabilities: ["sasl"] }, { password: "hunter2" });
  const life = await join(adapter);
  assert.ok(!bot().lines.some((it) => it.startsWith("AUTHENTICATE") || /CAP REQ.*sasl/.test(it)));
  await life.stop();
});

test("a channel that does not let the bot in leaves it connected", async () => {
  const { adapter } = await rig(
    { on: (line) => (line === "JOIN #a" ? [":irc.test 473 bot #a :Cannot join channel (+i)"] : undefined) },
    { channels: ["#a", "#b"] },
  );
  const life = await join(adapter);
  await life.stop();
});

test("a server that is not there or speaks no TLS is told as such", async () => {
  const { adapter: plain } = await rig(
    { greeting: "NOTICE AUTH :*** Looking up your hostname" },
    { secure: true },
  );
  assert.match((await joinErrorOf(plain)).message, /does not speak TLS/);
  const { adapter, server } = await rig();
  await server.close();
  servers.splice(servers.indexOf(server), 1);
  assert.match(String(await begin(adapter).ended), /could not be reached \(ECONNREFUSED\)/);
});

test("lines that no server sends do no harm, and endless ones end the lifetime", async () => {
  const { adapter, bot } = await rig();
  const life = await join(adapter);
  for (const line of ["PRIVMSG", ":x PRIVMSG", ":x!y@z PRIVMSG bot", "CAP * ACK :sasl", "005", "@ : ", ":"]) {
    bot().write(line);
  }
  bot().write(":ann!a@h PRIVMSG bot :still here");
  await until(() => life.inbox.messages.length === 1, "the message");
  assert.ok(life.inbox.rejections.includes("malformed"));
  bot().pour("x".repeat(50_000));
  assert.ok((await life.ended) instanceof Error);
});

test("settings know both spellings, choose TLS by the port, and name what is missing", () => {
  const create = (settings: object) => channel.create(setupOf("irc", channel.settings.parse(settings)));
  create({ host: "irc.test", nick: "bot", tls: true });
  for (const [settings, param] of [
    [{ nick: "bot" }, "server"],
    [{ host: "irc.test" }, "nickname"],
    [{ host: "irc://irc.test", nick: "bot" }, "server"],
  ] as const) {
    assert.throws(
      () => create(settings),
      (error: unknown) => error instanceof GatewayError && error.param === param,
    );
  }
  for (const wrong of [
    { nickname: "a b" },
    { channels: ["#a,#b"] },
    { channels: ["a"] },
    { password: "x\r\nQUIT" },
  ]) {
    assert.equal(channel.settings.safeParse(wrong).success, false);
  }
});

test("what the transport writes is one line, whoever wrote it", () => {
  const socket = new PassThrough();
  const hooks = { seen() {}, malformed() {} };
  const Transport = transportOver(socket as unknown as Socket, hooks); // only `write` is called
  new Transport().writeLine("PRIVMSG a :b\r\nQUIT\n\0x");
  assert.equal(String(socket.read()), "PRIVMSG a :b QUIT x\r\n");
});
