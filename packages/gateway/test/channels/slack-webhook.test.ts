import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { createSlack } from "../../src/channels/slack/index.ts";
import { settings } from "../../src/channels/slack/settings.ts";
import type { ChannelAdapter, WebhookRequest } from "../../src/channels/types.ts";
import { GatewayError } from "../../src/lib/errors.ts";
import { join, type RecordingInbox, recordingInbox, setupOf } from "../support/adapter-rig.ts";
import { callback, type SlackServer, slackServer } from "../support/slack-server.ts";

const secret = "8f742231b10e8888abcd99yyyzzz85a5";
const now = 1_700_000_000_000;
let slack: SlackServer;
let adapter: ChannelAdapter;
let inbox: RecordingInbox;
let reads: number;

before(async () => {
  slack = await slackServer();
});
after(() => slack.close());
beforeEach(async () => {
  adapter = unjoined();
  const life = await join(adapter);
  await life.stop(); // who the bot is stays known
  inbox = recordingInbox();
  reads = 0;
});

function unjoined(): ChannelAdapter {
  const own = { botToken: "xoxb-good", signingSecret: secret, apiRoot: slack.apiRoot };
  return createSlack({ ...setupOf("slack", settings.parse(own)), clock: { now: () => now } });
}

interface Wish {
  time?: string;
  signature?: string;
  secret?: string;
  method?: "GET" | "POST";
  headers?: Record<string, string>;
}

function requestOf(body: string | Uint8Array, wish: Wish = {}): WebhookRequest {
  const time = wish.time ?? String(now / 1000);
  const hmac = createHmac("sha256", wish.secret ?? secret)
    .update(`v0:${time}:`)
    .update(body);
  return {
    method: wish.method ?? "POST",
    headers: {
      "x-slack-request-timestamp": time,
      "x-slack-signature": wish.signature ?? `v0=${hmac.digest("hex")}`,
      ...wish.headers,
    },
    query: new URLSearchParams(),
    async body(maxBytes) {
      reads += 1;
      if (body.length > maxBytes) throw new GatewayError("payload_too_large", "too large");
      return Buffer.from(body);
    },
  };
}

const post = (event: object = {}) => JSON.stringify(callback(event));
const ask = (request: WebhookRequest) => adapter.webhook!(request, inbox);

test("a signed event is stored and acknowledged", async () => {
  assert.deepEqual(await ask(requestOf(post({ text: "hello" }))), { status: 200 });
  assert.equal(inbox.messages[0]?.text, "hello");
});

test("the example of Slack's documentation is signed", async () => {
  // https://docs.slack.dev/authentication/verifying-requests-from-slack: the secret, the time and the body of its example.
  const body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  const options = { botToken: "xoxb-good", signingSecret: "8f742231b10e8888abcd99yyyzzz85a5" };
  const then = createSlack({
    ...setupOf("slack", settings.parse(options)),
    clock: { now: () => 1_531_420_618_000 },
  });
  const signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
  const answer = await then.webhook!(requestOf(body, { time: "1531420618", signature }), inbox);
  assert.deepEqual([answer.status, inbox.rejections], [400, ["malformed"]]); // signed, though no JSON
});

test("a request that is not signed as it should be is refused, most of them before they are read", async () => {
  const good = post();
  const unread: Wish[] = [
    { signature: "" },
    { signature: "v0=" },
    { signature: `v1=${"0".repeat(64)}` },
    { signature: `v0=${"0".repeat(63)}` },
    { time: "" },
    { time: "now" },
    { time: "-1700000000" },
    { time: "1.7e9" },
  ];
  for (const wish of unread)
    assert.equal((await ask(requestOf(good, wish))).status, 401, JSON.stringify(wish));
  assert.equal(reads, 0);
  for (const wish of [{ secret: "another" }, { signature: `v0=${"0".repeat(64)}` }]) {
    assert.equal((await ask(requestOf(good, wish))).status, 401);
  }
  const { headers } = requestOf(good);
  const changed = { ...requestOf(post({ text: "changed" })), headers };
  assert.equal((await ask(changed)).status, 401);
  assert.deepEqual(new Set(inbox.rejections), new Set(["unsigned"]));
  assert.equal(inbox.rejections.length, unread.length + 3);
  assert.deepEqual(inbox.messages, []);
});

test("a signed request is good for five minutes, either way", async () => {
  const at = async (seconds: number) =>
    (await ask(requestOf(post(), { time: String(now / 1000 + seconds) }))).status;
  assert.deepEqual([await at(-300), await at(300)], [200, 200]);
  assert.deepEqual([await at(-301), await at(301)], [401, 401]);
  assert.deepEqual(inbox.rejections, ["replayed", "replayed"]);
});

test("only POST is answered", async () => {
  assert.equal((await ask(requestOf(post(), { method: "GET" }))).status, 405);
});

test("a body over one megabyte is refused", async () => {
  assert.equal((await ask(requestOf("x".repeat(1024 * 1024 + 1)))).status, 413);
  assert.deepEqual(inbox.rejections, ["too_large"]);
});

test("the challenge is answered when the address is saved, also before the account is joined", async () => {
  adapter = unjoined();
  const body = JSON.stringify({ type: "url_verification", token: "t", challenge: "3eZbrw1aB" });
  assert.deepEqual(await ask(requestOf(body)), {
    status: 200,
    body: "3eZbrw1aB",
    contentType: "text/plain",
  });
  assert.equal((await ask(requestOf(body, { secret: "another" }))).status, 401);
  assert.equal((await ask(requestOf(post()))).status, 503, "events wait until it is known who the bot is");
});

test("what could not be stored is not acknowledged, and taken when it comes again", async () => {
  inbox.failing = true;
  assert.equal((await ask(requestOf(post()))).status, 503);
  inbox.failing = false;
  const again = { headers: { "x-slack-retry-num": "1", "x-slack-retry-reason": "http_error" } };
  assert.equal((await ask(requestOf(post(), again))).status, 200);
  assert.equal((await ask(requestOf(post(), again))).status, 200);
  assert.equal(inbox.messages.length, 1);
});

test("events that are no messages of ours are acknowledged, so that they do not come again", async () => {
  const reaction = JSON.stringify(callback({ type: "reaction_added" }));
  const foreign = JSON.stringify(
    callback({}, { team_id: "T0OTHER001", authorizations: [{ team_id: "T0OTHER001" }] }),
  );
  const broken = JSON.stringify(callback({ ts: 3 }));
  for (const body of [reaction, foreign, broken]) assert.equal((await ask(requestOf(body))).status, 200);
  assert.deepEqual(inbox.messages, []);
  assert.deepEqual(inbox.rejections, ["not_for_us", "malformed"]);
});

test("with Socket Mode there is no webhook", () => {
  const own = { botToken: "xoxb-good", appToken: "xapp-good", signingSecret: secret };
  assert.equal(createSlack(setupOf("slack", settings.parse(own))).webhook, undefined);
});
