import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { channel } from "../../src/channels/discord/index.ts";
import { SendError } from "../../src/channels/types.ts";
import { GatewayError } from "../../src/lib/errors.ts";
import { setupOf } from "../support/adapter-rig.ts";
import { type Answer, type FakeDiscord, startDiscord } from "../support/discord-server.ts";

const channelId = "400000000000000001";
const to = { chatId: channelId };
const secret = "what the user said";
let discord: FakeDiscord;

beforeEach(async () => {
  discord = await startDiscord();
});

afterEach(() => discord.close());

function adapterOf(settings: Record<string, unknown> = {}) {
  const parsed = channel.settings.parse({
    token: discord.token,
    apiRoot: `${discord.apiRoot}/v10/`,
    ...settings,
  });
  return channel.create(setupOf("discord", parsed));
}

function options(signal = new AbortController().signal) {
  return { signal, idempotencyKey: "key-1" };
}

/** How a send fails. */
async function failure(adapter: ReturnType<typeof adapterOf>, signal?: AbortSignal): Promise<SendError> {
  const error: unknown = await adapter.send(to, { text: secret }, options(signal)).then(
    () => assert.fail("it was sent"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SendError);
  const told = JSON.stringify([error.message, error.stack, { ...error }, String(error.cause)]);
  assert.ok(!told.includes(discord.token) && !told.includes(secret), "an error gives something away");
  return error;
}

const refusals: [what: string, answer: Answer, message: RegExp][] = [
  ["missing rights", { status: 403, body: { message: "Missing Permissions", code: 50013 } }, /Send Messages/],
  [
    "a closed mailbox",
    { status: 403, body: { message: "Cannot send messages to this user", code: 50007 } },
    /no direct messages/,
  ],
  [
    "a channel that is gone",
    { status: 404, body: { message: "Unknown Channel", code: 10003 } },
    /does not exist/,
  ],
  [
    "a malformed message",
    {
      status: 400,
      body: {
        message: "Invalid Form Body",
        code: 50035,
        errors: { content: { _errors: [{ code: "X", message: secret }] } },
      },
    },
    /Invalid Form Body \(50035\)/,
  ],
];

for (const [what, answer, message] of refusals) {
  test(`${what} is refused for good, in words that help`, async () => {
    discord.on(/^POST \/channels/, () => answer);
    const error = await failure(adapterOf());
    assert.equal(error.outcome, "refused");
    assert.match(error.message, message);
  });
}

test("a token that is no longer accepted is said so every time", async () => {
  discord.on(/^POST \/channels/, () => ({ status: 401, body: { message: "401: Unauthorized", code: 0 } }));
  const adapter = adapterOf();
  for (let round = 0; round < 2; round++) {
    const error = await failure(adapter);
    assert.equal(error.outcome, "refused");
    assert.match(error.message, /botToken/);
  }
});

test("a rate limit means later, with Discord's own time, and holds back what follows", async () => {
  discord.on(/^POST \/channels/, () => ({
    status: 429,
    headers: {
      "retry-after": "7",
      "x-ratelimit-limit": "5",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset-after": "7",
      "x-ratelimit-bucket": "b",
      "x-ratelimit-scope": "user",
    },
    body: { message: "You are being rate limited.", retry_after: 7, global: false },
  }));
  const adapter = adapterOf();
  const error = await failure(adapter);
  assert.equal(error.outcome, "later");
  assert.ok(error.retryAfterMs !== undefined && error.retryAfterMs >= 7_000 && error.retryAfterMs < 8_000);
  // The next call belongs to the bucket that the answer named; from then on nothing is asked in vain.
  await failure(adapter);
  const third = await failure(adapter);
  assert.equal(third.outcome, "later");
  assert.ok((third.retryAfterMs ?? 0) > 5_000);
  assert.equal(discord.asked.length, 2);
});

test("an error of the server and a connection that breaks off leave the outcome unknown, after one attempt", async () => {
  let answer: Answer | undefined = { status: 502, body: {} };
  discord.on(/^POST \/channels/, (_asked, response) => {
    if (!answer) response.destroy();
    return answer;
  });
  const adapter = adapterOf();
  assert.equal((await failure(adapter)).outcome, "unknown");
  answer = undefined;
  assert.equal((await failure(adapter)).outcome, "unknown");
  assert.equal(discord.asked.length, 2);
});

test("an abort on the way leaves the outcome unknown, and one before means later", async () => {
  const stop = new AbortController();
  discord.on(/^POST \/channels/, () => {
    stop.abort();
    return undefined;
  });
  assert.equal((await failure(adapterOf(), stop.signal)).outcome, "unknown");
  assert.equal((await failure(adapterOf(), stop.signal)).outcome, "later");
  assert.equal(discord.asked.length, 1);
});

test("a server that is not there means later", async () => {
  await discord.close();
  assert.equal((await failure(adapterOf())).outcome, "later");
  discord = await startDiscord();
});

test("a redirect is not followed: it would carry the message and the token away", async () => {
  discord.on(/^POST \/channels/, () => ({
    status: 307,
    headers: { location: `${discord.origin}/elsewhere` },
  }));
  await failure(adapterOf());
  assert.equal(discord.asked.length, 1);
});

test("every attempt has the same nonce, which Discord is told to enforce", async () => {
  const adapter = adapterOf();
  await adapter.send(to, { text: "a" }, options());
  await adapter.send(to, { text: "a" }, options());
  const [first, second] = discord.asked.map((it) => it.body);
  assert.equal(first?.nonce, second?.nonce);
  assert.equal(first?.enforce_nonce, true);
});

test("a file goes out beside its description, answering what it answers", async () => {
  const media = { kind: "file", mimeType: "text/plain", name: "a.txt", bytes: Buffer.from("abc") } as const;
  await adapterOf().send(
    { ...to, threadId: "400000000000000007", replyTo: "5" },
    { text: "", media },
    options(),
  );
  const [asked] = discord.asked;
  assert.equal(asked?.path, "/channels/400000000000000007/messages");
  assert.equal(asked?.files[0]?.name, "a.txt");
  assert.equal(await asked?.files[0]?.text(), "abc");
  assert.deepEqual(asked?.body.attachments, [{ id: 0, filename: "a.txt" }]);
  assert.deepEqual(asked?.body.message_reference, { message_id: "5", fail_if_not_exists: false });
});

test("an edit whose fate is unknown may be made again", async () => {
  discord.on(/^PATCH/, () => ({ status: 500, body: {} }));
  const edited = adapterOf().edit?.(to, "500000000000000001", "x", options());
  await assert.rejects(edited ?? Promise.resolve(), { outcome: "later" });
});

test("addresses are written in several forms, and what is none says what to write", async () => {
  const adapter = adapterOf();
  const { signal } = new AbortController();
  discord.on(/^GET \/channels\/4/, ({ path }) => ({ body: { id: path.split("/")[2], type: 0 } }));
  for (const form of [channelId, `channel:${channelId}`, `discord:channel:${channelId}`, `<#${channelId}>`]) {
    assert.deepEqual(await adapter.destination(form, { signal }), to);
  }
  for (const form of [
    "user:600000000000000001",
    "<@!600000000000000001>",
    "discord:user:600000000000000001",
  ]) {
    assert.deepEqual(await adapter.destination(form, { signal }), { chatId: "400000000000000009" });
  }
  for (const form of ["#general", "@alice", "", "channel:12"]) {
    await assert.rejects(adapter.destination(form, { signal }), { code: "invalid_request", param: "to" });
  }
  await assert.rejects(adapter.destination("600000000000000001", { signal }), /write user:<id>/);
  assert.equal(adapter.canonicalId?.("<@600000000000000001>"), "600000000000000001");
  assert.equal(adapter.canonicalId?.("discord:600000000000000001"), "600000000000000001");
});

test("settings that cannot work are refused with their place", () => {
  assert.throws(() => adapterOf({ token: undefined }), {
    code: "invalid_request",
    param: "channels.discord.botToken",
  });
  assert.throws(
    () => adapterOf({ intents: ["GuildMesages"] }),
    (thrown) => thrown instanceof GatewayError && thrown.param === "channels.discord.intents",
  );
});
