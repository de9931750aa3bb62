import assert from "node:assert/strict";
import { test } from "node:test";
import { channel } from "../../src/channels/irc/index.ts";
import { JoinError, SendError } from "../../src/channels/types.ts";
import { begin, join, setupOf } from "../support/adapter-rig.ts";
import { findNgircd, person, startNgircd } from "../support/irc-ngircd.ts";
import { until } from "../support/until.ts";

const binary = findNgircd();
const skip = binary === undefined ? "ngircd is not installed (Debian: apt-get install ngircd)" : false;

function adapterAt(port: number, settings: object = {}) {
  const own = { server: "127.0.0.1", port, secure: false, nickname: "bot", channels: ["#room"], lineMs: 100 };
  return channel.create(setupOf("irc", channel.settings.parse({ ...own, ...settings })));
}

const options = { signal: new AbortController().signal, idempotencyKey: "k" };

test("with ngIRCd messages go back and forth, in private and in a channel", { skip }, async () => {
  const server = await startNgircd(binary!);
  try {
    const adapter = adapterAt(server.port);
    const life = await join(adapter);
    const ann = await person(server.port, "Ann");
    ann.say("JOIN #room");
    await ann.sees(/ 366 /);

    ann.say("PRIVMSG #Room :bot: hello there");
    await until(() => life.inbox.messages.length === 1, "the channel's message");
    const [said] = life.inbox.messages;
    assert.deepEqual([said!.text, said!.mentioned, said!.chat.id], ["hello there", true, "#room"]);
    assert.match(said!.sender.id, /^ann!~?ann@/);
    await adapter.send({ chatId: said!.chat.id }, { text: "hello **Ann**" }, options);
    await ann.sees(/:bot!\S+ PRIVMSG #room :hello .Ann.$/);

    ann.say("PRIVMSG bot :just us");
    await until(() => life.inbox.messages.length === 2, "the private message");
    assert.deepEqual(life.inbox.messages[1]!.chat, { id: "ann", kind: "dm" });
    const long = "wörter ".repeat(200).trim();
    await adapter.send({ chatId: "ann" }, { text: long }, options);
    const pieces = () => ann.lines.flatMap((it) => / PRIVMSG Ann :(w.*)$/i.exec(it)?.[1] ?? []);
    await until(() => pieces().join(" ") === long, "the long message, whole");

    for (const nobody of ["nobody", "#nowhere"]) {
      await assert.rejects(
        adapter.send({ chatId: nobody }, { text: "hi" }, options),
        (error: unknown) => error instanceof SendError && error.outcome === "refused",
      );
    }
    await life.stop();
    await ann.sees(/:bot!\S+ QUIT/);
    ann.leave();
  } finally {
    await server.stop();
  }
});

test("ngIRCd's end ends the lifetime", { skip }, async () => {
  const server = await startNgircd(binary!);
  const life = await join(adapterAt(server.port));
  await server.stop();
  assert.match(String(await life.ended), /closed the connection/);
});

test("ngIRCd's password is needed, and a nickname in use gets an underscore", { skip }, async () => {
  const server = await startNgircd(binary!, "Password = hunter2");
  try {
    const refused = await begin(adapterAt(server.port, { password: "wrong-hunter3" })).ended;
    assert.ok(refused instanceof JoinError, String(refused));
    assert.doesNotMatch(refused.message, /hunter/);
    const first = await join(adapterAt(server.port, { password: "hunter2" }));
    const second = await join(adapterAt(server.port, { password: "hunter2" }));
    assert.equal(second.inbox.identities[0]!.botUsername, "bot_");
    await first.stop();
    await second.stop();
  } finally {
    await server.stop();
  }
});
