import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { channel } from "../../src/channels/irc/index.ts";
import type { InboundMessage } from "../../src/channels/types.ts";
import { join, setupOf } from "../support/adapter-rig.ts";
import { startIrcServer } from "../support/irc-server.ts";
import { until } from "../support/until.ts";

interface Case {
  readonly what: string;
  readonly line: string;
  /** The fields that matter; null: nothing comes of it. */
  readonly becomes: Partial<InboundMessage> | null;
}

const path = new URL("./fixtures/irc/lines.json", import.meta.url);
const cases = JSON.parse(readFileSync(path, "utf8")) as Case[]; // a file of ours, in this form

const server = await startIrcServer({
  capabilities: ["message-tags", "server-time", "account-tag"],
  supports: "CASEMAPPING=rfc1459 CHANTYPES=# STATUSMSG=@+",
});
const settings = channel.settings.parse({
  server: "127.0.0.1",
  port: server.port,
  secure: false,
  nickname: "bot",
  channels: ["#room"],
});
const adapter = channel.create(setupOf("irc", settings));
const life = await join(adapter);
const bot = server.connections[0]!;

for (const { what, line, becomes } of cases) {
  test(what, async () => {
    const before = life.inbox.messages.length;
    bot.write(line);
    bot.write(":end!e@h PRIVMSG bot :end");
    await until(
      () => life.inbox.messages.at(-1)?.text === "end" && life.inbox.messages.length > before,
      "the end",
    );
    const came = life.inbox.messages.slice(before, -1);
    assert.equal(came.length, becomes === null ? 0 : 1);
    for (const [key, value] of Object.entries(becomes ?? {})) {
      assert.deepEqual(came[0]?.[key as keyof InboundMessage], value, key); // the fixture's keys are those of a message
    }
  });
}

test("messages without an id of the server get one each; nothing is answered to notices and CTCP", () => {
  const ids = life.inbox.messages.map((it) => it.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((it) => it.length > 0));
  assert.ok(!bot.lines.some((it) => /^(NOTICE|PRIVMSG)/.test(it)));
});

test("accounts compare without regard to case, and a nickname alone is no one's id", () => {
  assert.equal(adapter.canonicalId!("account:Ann"), "account:ann");
  assert.ok(
    life.inbox.messages.every((it) => it.sender.id.startsWith("account:") || it.sender.id.includes("!")),
  );
});

test("the connection is closed", async () => {
  await life.stop();
  await server.close();
});
