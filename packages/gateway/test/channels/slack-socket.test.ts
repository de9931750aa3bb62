import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { createSlack } from "../../src/channels/slack/index.ts";
import { settings } from "../../src/channels/slack/settings.ts";
import { usualPatience } from "../../src/channels/slack/socket.ts";
import { JoinError } from "../../src/channels/types.ts";
import { begin, join, type Lifetime, setupOf } from "../support/adapter-rig.ts";
import { callback, no, type SlackServer, slackServer } from "../support/slack-server.ts";
import { until } from "../support/until.ts";

// The real @slack/socket-mode against a server of ours, which is built from Slack's documentation.

let slack: SlackServer;
let lives: Lifetime[];

beforeEach(async () => {
  slack = await slackServer();
  lives = [];
});
afterEach(async () => {
  await Promise.all(lives.map((life) => life.stop()));
  await slack.close();
});

function adapterOf(keys: object = {}, patience: Partial<typeof usualPatience> = {}) {
  const own = { botToken: "xoxb-good", appToken: "xapp-good", apiRoot: slack.apiRoot, ...keys };
  return createSlack(setupOf("slack", settings.parse(own)), { ...usualPatience, ...patience });
}

async function joined(...[keys, patience]: Parameters<typeof adapterOf>): Promise<Lifetime> {
  const life = await join(adapterOf(keys, patience));
  lives.push(life);
  return life;
}

/** A lifetime that will not be joined; what it ends with. */
async function failing(...[keys, patience]: Parameters<typeof adapterOf>): Promise<Error> {
  const life = begin(adapterOf(keys, patience));
  lives.push(life);
  const error = await life.ended;
  assert.ok(error instanceof Error);
  return error;
}

function post(number: number, event: object = {}): object {
  return callback({ text: `post ${number}`, ts: `1700000001.${String(number).padStart(6, "0")}`, ...event });
}

test("joining tells who the bot is, once", async () => {
  const { inbox } = await joined();
  assert.deepEqual(inbox.identities, [{ account: "Example", botUsername: "claw", id: "U0BOT00001" }]);
});

test("messages are stored in their order and only then acknowledged", async () => {
  const { inbox } = await joined();
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const store = inbox.receive;
  inbox.receive = async (message) => {
    if (message.text === "post 1") await gate;
    return store(message);
  };
  const ids = [1, 2, 3].map((number) => slack.deliver(post(number)));
  await until(() => inbox.signs.alive >= 4, "all have come in");
  assert.deepEqual([inbox.messages.length, slack.acks], [0, []]);
  release();
  await until(() => slack.acks.length === 3, "acknowledged");
  assert.deepEqual(slack.acks, ids);
  assert.deepEqual(
    inbox.messages.map((it) => it.text),
    ["post 1", "post 2", "post 3"],
  );
});

test("what could not be stored is not acknowledged, and comes again with the next connection", async () => {
  const { inbox } = await joined();
  inbox.failing = true;
  const first = slack.deliver(post(1));
  const unimportant = slack.deliver(post(2, { subtype: "channel_join" }));
  await until(() => slack.acks.includes(unimportant), "the second is done");
  assert.ok(!slack.acks.includes(first));

  inbox.failing = false;
  slack.disconnect("refresh_requested");
  await until(() => slack.acks.includes(first), "the first came again");
  assert.deepEqual(
    inbox.messages.map((it) => it.text),
    ["post 1"],
  );
});

test("a message that comes twice is acknowledged twice and stored once", async () => {
  const { inbox } = await joined();
  const ids = [slack.deliver(post(1)), slack.deliver(post(1))];
  await until(() => slack.acks.length === 2, "acknowledged");
  assert.deepEqual(slack.acks, ids);
  assert.equal(inbox.messages.length, 1);
});

test("a refresh that Slack asks for stays within the lifetime", async () => {
  const life = await joined();
  const [old] = slack.sockets;
  slack.disconnect("warning");
  await until(() => slack.callsOf("apps.connections.open").length === 2, "a second connection is wanted");
  await until(() => slack.sockets.length === 1 && slack.sockets[0] !== old, "the old one has gone");
  slack.deliver(post(1));
  await until(() => life.inbox.messages.length === 1, "the new one works");
  assert.equal(life.inbox.identities.length, 1);
});

test("events that waited when Slack asks for a refresh are acknowledged on their own connection", async () => {
  const { inbox } = await joined();
  const ids = [1, 2, 3].map((number) => slack.deliver(post(number)));
  slack.disconnect("refresh_requested");
  await until(() => slack.callsOf("apps.connections.open").length === 2, "a second connection is wanted");
  assert.deepEqual(slack.acks, ids);
  assert.equal(inbox.messages.length, 3);
});

test("a lost connection ends the lifetime", async () => {
  const life = await joined();
  slack.sockets[0]!.terminate();
  assert.match(String(await life.ended), /connection/);
});

test("a connection that answers no ping ends the lifetime", async () => {
  slack.manners.pongs = false;
  const life = await joined({}, { pong: 60, goodbye: 30 });
  assert.match(String(await life.ended), /connection/);
});

test("pings from Slack, and its answers to ours, are signs of life", async () => {
  const quiet = await joined({}, { pong: 60_000 });
  const before = quiet.inbox.signs.alive;
  slack.sockets.at(-1)!.ping("Ping from applink");
  await until(() => quiet.inbox.signs.alive > before, "a ping counted");

  const asking = await joined({}, { pong: 3_000 });
  const start = asking.inbox.signs.alive;
  await until(() => asking.inbox.signs.alive > start, "a pong counted");
  assert.equal(quiet.inbox.signs.alive, before + 1, "one account's pongs are no sign of another's life");
});

test("a connection that is never greeted ends the lifetime, and is closed", async () => {
  slack.manners.greets = false;
  const error = await failing({}, { greeting: 200, goodbye: 30 });
  assert.match(error.message, /did not greet/);
  await until(() => slack.sockets.length === 0, "closed");
});

test("an end of the lifetime closes the socket, also one that says no goodbye", async () => {
  const life = await joined({}, { goodbye: 30 });
  slack.sockets[0]!.pause(); // its close frame is never read
  let isOver = false;
  void life.stop().then(() => {
    isOver = true;
  });
  await until(() => isOver, "the lifetime has ended", 5_000);
  slack.sockets[0]?.resume();
  await until(() => slack.sockets.length === 0, "closed");
});

test("an end before the connection is there leaves nothing behind", async () => {
  slack.next("apps.connections.open", "hang");
  const life = begin(adapterOf());
  await until(() => slack.callsOf("apps.connections.open").length === 1, "a connection is wanted");
  await life.stop();
  assert.equal(slack.sockets.length, 0);
});

test("no timer is left behind, wherever the lifetime ends", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((it) => it === "Timeout").length;
  const before = timers();
  slack.manners.opens = false;
  const dialling = begin(adapterOf());
  await until(() => slack.hanging.size === 1, "a socket is wanted");
  await dialling.stop();

  slack.manners.opens = true;
  slack.manners.greets = false;
  const waiting = begin(adapterOf());
  await until(() => slack.sockets.length === 1, "a socket is open");
  await waiting.stop();

  slack.manners.greets = true;
  const refreshed = await joined();
  slack.disconnect("refresh_requested");
  await until(() => slack.callsOf("apps.connections.open").length === 4, "a second connection is wanted");
  await refreshed.stop();

  const lost = await joined();
  slack.sockets.at(-1)!.terminate();
  await lost.ended;
  assert.equal(timers(), before);
});

test("app-level tokens that Slack refuses are the owner's to repair", async () => {
  for (const code of ["invalid_auth", "account_inactive", "token_revoked", "not_allowed_token_type"]) {
    slack.next("apps.connections.open", no(code));
    const error = await failing();
    assert.ok(error instanceof JoinError, code);
    assert.equal(error.reason, "settings");
    assert.match(error.message, new RegExp(`appToken.*${code}`));
    assert.doesNotMatch(JSON.stringify([error.message, error.stack, error.cause]), /(xapp|xoxb)-good/);
  }
});

test("a missing scope is named", async () => {
  slack.next("apps.connections.open", no("missing_scope", { needed: "connections:write", provided: "none" }));
  const error = await failing();
  assert.ok(error instanceof JoinError);
  assert.match(error.message, /connections:write/);
});

test("bot tokens that Slack refuses are the owner's to repair, and no connection is tried", async () => {
  for (const code of ["invalid_auth", "account_inactive", "token_revoked"]) {
    slack.next("auth.test", no(code));
    const error = await failing();
    assert.ok(error instanceof JoinError, code);
    assert.match(error.message, new RegExp(`botToken.*${code}`));
  }
  assert.equal(slack.callsOf("apps.connections.open").length, 0);
});

test("a Slack that cannot be reached or is out of order is no fault of the settings", async () => {
  slack.next("auth.test", { status: 503, body: "secret page" });
  const busy = await failing();
  assert.ok(!(busy instanceof JoinError));
  assert.match(busy.message, /503/);
  assert.doesNotMatch(busy.message, /secret page/);
  slack.next("apps.connections.open", "cut");
  assert.ok(!((await failing()) instanceof JoinError));
  const gone = await slackServer();
  await gone.close();
  const unreachable = await failing({ apiRoot: gone.apiRoot });
  assert.ok(!(unreachable instanceof JoinError));
  assert.match(unreachable.message, /did not answer/);
});

test("Socket Mode that is switched off is the owner's to repair", async () => {
  const life = await joined();
  slack.disconnect("link_disabled");
  const error = await life.ended;
  assert.ok(error instanceof JoinError);
  assert.match(error.message, /switched off/i);
});

test("envelopes without an event and frames that are no JSON harm nobody", async () => {
  const { inbox } = await joined();
  slack.deliver({ type: "app_rate_limited", minute_rate_limited: 1_700_000_000 });
  slack.sockets[0]!.send("{");
  slack.sockets[0]!.send(Buffer.from([1, 2, 3]));
  slack.deliver(post(1));
  await until(() => inbox.messages.length === 1, "the next message is there");
  assert.deepEqual(inbox.rejections, ["malformed"]);
});

test("buttons and commands are acknowledged and counted, not answered", async () => {
  const { inbox } = await joined();
  const id = slack.deliver({ type: "block_actions" }, "interactive");
  await until(() => slack.acks.includes(id), "acknowledged");
  assert.deepEqual([inbox.messages, inbox.rejections], [[], ["not_for_us"]]);
});
