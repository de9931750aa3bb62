import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { channel } from "../../src/channels/discord/index.ts";
import { JoinError } from "../../src/channels/types.ts";
import { begin, join, type Lifetime, memoryState, setupOf } from "../support/adapter-rig.ts";
import { botId, type FakeDiscord, guildId, startDiscord } from "../support/discord-server.ts";
import { until } from "../support/until.ts";

const alice = { id: "600000000000000001", username: "alice" };
const channelId = "400000000000000001";
let discord: FakeDiscord;
let lives: Lifetime[];

beforeEach(async () => {
  lives = [];
  discord = await startDiscord();
});

afterEach(async () => {
  for (const life of lives) await life.stop();
  await discord.close();
});

function adapterOf(settings: Record<string, unknown> = {}, state = memoryState()) {
  const parsed = channel.settings.parse({ botToken: discord.token, apiRoot: discord.apiRoot, ...settings });
  return channel.create(setupOf("discord", parsed, state));
}

async function joined(adapter: ReturnType<typeof adapterOf>): Promise<Lifetime> {
  const life = await join(adapter);
  lives.push(life);
  return life;
}

let made = 0;
function messageOf(content: string, more: Record<string, unknown> = {}) {
  made += 1;
  const id = String(700_000_000_000_000_000n + BigInt(made));
  const timestamp = "2026-11-25T10:00:00.000000+00:00";
  return { id, channel_id: channelId, type: 0, author: alice, content, timestamp, attachments: [], ...more };
}

/** A server with one channel. */
function guildOf(more: Record<string, unknown> = {}) {
  return {
    id: guildId,
    name: "Home",
    roles: [],
    channels: [{ id: channelId, type: 0, name: "general" }],
    ...more,
  };
}

function texts(life: Lifetime): string[] {
  return life.inbox.messages.map((it) => it.text);
}

test("a wrong token is a matter of settings and is not repeated in the error", async () => {
  const life = begin(adapterOf({ botToken: "wrong-token-of-mine" }));
  const error = await life.ended;
  assert.ok(error instanceof JoinError);
  assert.equal(error.reason, "settings");
  assert.match(error.message, /botToken is wrong.*Reset Token/);
  assert.ok(!JSON.stringify([error.message, String(error.stack)]).includes("wrong-token-of-mine"));
});

test("a server that is not there ends the lifetime with its reason, before the library is loaded", async () => {
  await discord.close();
  const error = await begin(adapterOf()).ended;
  assert.ok(error instanceof Error && !(error instanceof JoinError));
  assert.match(error.message, /cannot be reached \(ECONNREFUSED\)/);
  assert.ok(!error.message.includes(discord.token));
  discord = await startDiscord();
});

for (const [code, expected] of [
  [4004, /botToken is wrong/],
  [4013, /channels\.discord\.intents/],
  [4014, /enable Message Content Intent in the Discord developer portal/],
] as const) {
  test(`close code ${code} says what to change and is not tried again`, async () => {
    discord.gateway.closeWith = code;
    const error = await begin(adapterOf()).ended;
    assert.ok(error instanceof JoinError);
    assert.match(error.message, expected);
    assert.equal(discord.gateway.identified.length, 1);
  });
}

test("the default intents are messages with their content, and nothing else", async () => {
  await joined(adapterOf());
  assert.equal(discord.gateway.identified[0]?.intents, 1 | (1 << 9) | (1 << 12) | (1 << 15));
  // The number of a bot invitation's permissions is no number of intents.
  await joined(adapterOf({ intents: 274877910080 }));
  assert.equal(discord.gateway.identified[1]?.intents, 1 | (1 << 9) | (1 << 12) | (1 << 15));
  await joined(adapterOf({ intents: ["DIRECT_MESSAGES", "GuildMembers"] }));
  assert.equal(discord.gateway.identified[2]?.intents, 1 | 2 | (1 << 12));
});

test("a connection that breaks off is resumed, and what was said meanwhile comes in once", async () => {
  const life = await joined(adapterOf());
  discord.gateway.dispatch("MESSAGE_CREATE", messageOf("one"));
  await until(() => life.inbox.messages.length === 1, "the first");
  discord.gateway.cut();
  discord.gateway.dispatch("MESSAGE_CREATE", messageOf("two"));
  await until(() => life.inbox.identities.length === 2, "connected again");
  discord.gateway.dispatch("MESSAGE_CREATE", messageOf("three"));
  await until(() => life.inbox.messages.length === 3, "all messages");
  assert.deepEqual(texts(life), ["one", "two", "three"]);
  assert.equal(discord.gateway.identified.length, 1);
  assert.equal(discord.gateway.resumed.length, 1);
});

test("a connection that cannot be had again ends the lifetime", async () => {
  const life = await joined(adapterOf());
  await discord.close();
  const error = await life.ended;
  assert.ok(error instanceof Error);
  assert.match(error.message, /lost: it was closed again and again/);
  discord = await startDiscord();
});

test("a half-dead connection, whose heartbeats nobody answers, is left and resumed", async () => {
  await discord.close();
  discord = await startDiscord({ heartbeatMs: 100 });
  const life = await joined(adapterOf());
  await until(() => life.inbox.signs.alive > 3 && discord.gateway.beats > 2, "heartbeats");
  discord.gateway.isBeating = false;
  await until(() => discord.gateway.resumed.length > 0, "a new connection");
  discord.gateway.isBeating = true;
  await until(() => life.inbox.identities.length > 1, "connected again");
});

test("a message that cannot be stored ends the lifetime and comes again in the next, which resumes", async () => {
  const state = memoryState();
  const first = await joined(adapterOf({}, state));
  discord.gateway.dispatch("MESSAGE_CREATE", messageOf("stored"));
  await until(() => first.inbox.messages.length === 1, "the first");
  first.inbox.failing = true;
  discord.gateway.dispatch("MESSAGE_CREATE", messageOf("lost?"));
  discord.gateway.dispatch("MESSAGE_CREATE", messageOf("and then"));
  assert.match(String(await first.ended), /the disk is full/);
  const second = await joined(adapterOf({}, state));
  await until(() => second.inbox.messages.length === 2, "what was not stored");
  assert.deepEqual(texts(second), ["lost?", "and then"]);
  assert.equal(discord.gateway.identified.length, 1);
});

test("a new session asks for the messages that were missed, in order, before what is new", async () => {
  const state = memoryState();
  const dm = "400000000000000002";
  const first = await joined(adapterOf({}, state));
  discord.gateway.dispatch("GUILD_CREATE", guildOf());
  discord.gateway.dispatch("MESSAGE_CREATE", messageOf("in the group", { guild_id: guildId }));
  discord.gateway.dispatch("MESSAGE_CREATE", messageOf("privately", { channel_id: dm }));
  await until(() => first.inbox.messages.length === 2, "both");
  await first.stop();

  const group = Array.from({ length: 230 }, (_, at) => messageOf(`g${at}`));
  const direct = [messageOf("d", { channel_id: dm })];
  discord.messages.set(channelId, group);
  discord.messages.set(dm, direct);
  discord.gateway.resumes = false;
  const second = await joined(adapterOf({}, state));
  const channels = [{ id: channelId, type: 0, name: "general", last_message_id: group.at(-1)?.id }];
  discord.gateway.dispatch("GUILD_CREATE", guildOf({ channels }));
  discord.gateway.dispatch("MESSAGE_CREATE", messageOf("live", { guild_id: guildId }));
  await until(() => second.inbox.messages.length === 232, "all that was missed");
  assert.deepEqual(texts(second), ["d", ...group.map((it) => it.content), "live"]);
  assert.equal(second.inbox.messages[1]?.chat.spaceId, guildId);
  assert.equal(second.inbox.messages[0]?.chat.kind, "dm");
});

test("a slash command is a message to the bot and is acknowledged to its author alone", async () => {
  const life = await joined(adapterOf());
  const interaction = {
    id: "800000000000000001",
    token: "an-interaction-token",
    type: 2,
    guild_id: guildId,
    channel_id: channelId,
    channel: { id: channelId, type: 0, name: "general" },
    member: { user: alice, nick: "Al", roles: [] },
    data: { name: "think", type: 1, options: [{ name: "level", type: 3, value: "high" }] },
  };
  discord.gateway.dispatch("INTERACTION_CREATE", interaction);
  const callback = `/interactions/${interaction.id}/${interaction.token}/callback`;
  await until(() => discord.asked.some((it) => it.path === callback), "the acknowledgement");
  const [message] = life.inbox.messages;
  assert.equal(message?.text, "/think high");
  assert.equal(message?.id, interaction.id);
  assert.equal(message?.mentioned, true);
  assert.deepEqual(message?.sender, { id: alice.id, name: "Al", isBot: false, isSelf: false });
  const answer = discord.asked.find((it) => it.path === callback);
  assert.equal(answer?.body.type, 4);
  assert.match(JSON.stringify(answer?.body.data), /"flags":64/);
  assert.equal(answer?.authorization, undefined);
});

test("a slash command that cannot be stored is not acknowledged", async () => {
  const life = await joined(adapterOf());
  life.inbox.failing = true;
  const data = { name: "status", type: 1 };
  discord.gateway.dispatch("INTERACTION_CREATE", {
    id: "800000000000000002",
    token: "t",
    type: 2,
    channel_id: channelId,
    user: alice,
    data,
  });
  assert.match(String(await life.ended), /the disk is full/);
  assert.ok(!discord.asked.some((it) => it.path.startsWith("/interactions/")));
});

test("a payload that is not Discord's is counted and hurts nobody", async () => {
  const life = await joined(adapterOf());
  discord.gateway.dispatch("MESSAGE_CREATE", { id: 5 });
  discord.gateway.dispatch("MESSAGE_CREATE", messageOf("fine"));
  await until(() => life.inbox.messages.length === 1, "the good one");
  assert.deepEqual(life.inbox.rejections, ["malformed"]);
});

test("who administers a server is its owner and who has a role that says so", async () => {
  const mod = "600000000000000002";
  const adapter = adapterOf();
  discord.on(/^GET \/channels\//, () => ({ body: { id: channelId, type: 0, guild_id: guildId } }));
  discord.on(/^GET \/guilds\/\d+$/, () => ({
    body: {
      id: guildId,
      owner_id: alice.id,
      roles: [
        { id: guildId, permissions: "1024" },
        { id: "900000000000000001", permissions: "32" },
      ],
    },
  }));
  discord.on(/^GET \/guilds\/\d+\/members\//, ({ path }) => ({
    body: { roles: path.endsWith(mod) ? ["900000000000000001"] : [] },
  }));
  const { signal } = new AbortController();
  assert.equal(await adapter.isAdmin?.(channelId, alice.id, { signal }), true);
  assert.equal(await adapter.isAdmin?.(channelId, mod, { signal }), true);
  assert.equal(await adapter.isAdmin?.(channelId, "600000000000000003", { signal }), false);
});

test("whoever ends a lifetime at any moment leaves nothing open", async () => {
  discord.gateway.isMute = true;
  const waiting = begin(adapterOf());
  await until(() => discord.asked.some((it) => it.path === "/gateway/bot"), "it asks for the gateway");
  await waiting.stop();
  discord.gateway.isMute = false;
  const life = await joined(adapterOf());
  discord.gateway.cut();
  await life.stop();
  assert.equal(await life.ended, undefined);
  await until(() => discord.openSockets() === 0, "all sockets closed");
});

test("the bot's own role counts as a mention of it", async () => {
  const life = await joined(adapterOf({ prefix: "!" }));
  const role = { id: "900000000000000005", permissions: "0", tags: { bot_id: botId } };
  discord.gateway.dispatch("GUILD_CREATE", guildOf({ roles: [role] }));
  const said = messageOf(`<@&${role.id}> hi`, { guild_id: guildId, mention_roles: [role.id] });
  discord.gateway.dispatch("MESSAGE_CREATE", said);
  discord.gateway.dispatch("MESSAGE_CREATE", messageOf("!status now", { guild_id: guildId }));
  discord.gateway.dispatch(
    "MESSAGE_CREATE",
    messageOf("@everyone hi", { guild_id: guildId, mention_everyone: true }),
  );
  await until(() => life.inbox.messages.length === 3, "all");
  assert.deepEqual(
    life.inbox.messages.map((it) => [it.text, it.mentioned]),
    [
      ["hi", true],
      ["/status now", true],
      ["@everyone hi", false],
    ],
  );
});
