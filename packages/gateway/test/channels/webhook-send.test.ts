import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, test } from "node:test";
import { SendError } from "../../src/channels/types.ts";
import { channel } from "../../src/channels/webhook/index.ts";
import { GatewayError } from "../../src/lib/errors.ts";
import { join, setupOf } from "../support/adapter-rig.ts";

const secret = "a secret of the tests";
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

interface Received {
  headers: IncomingMessage["headers"];
  body: string;
}

/** A receiver of answers, and an adapter that is set to it. */
async function receiver(answer: (response: ServerResponse) => void, settings: object = {}) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    answer(response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const url = `http://127.0.0.1:${address.port}/answers`;
  const adapter = channel.create(
    setupOf("webhook", channel.settings.parse({ secret, url, timeoutMs: 5_000, ...settings })),
  );
  return { adapter, received, server };
}

const options = (signal = new AbortController().signal) => ({ signal, idempotencyKey: "delivery-1" });
const to = { chatId: "ann" };

async function failureOf(sending: Promise<unknown>): Promise<SendError> {
  const error = await sending.then(
    () => assert.fail("it was sent"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SendError);
  assert.ok(!error.message.includes(secret) && !error.message.includes("/answers"), error.message);
  return error;
}

test("an answer is posted as Markdown, signed, under its delivery's id, and bears the receiver's id", async () => {
  const { adapter, received } = await receiver((response) => response.end('{"id": "theirs"}'));
  const sent = await adapter.send(
    { chatId: "room", threadId: "t", replyTo: "m1" },
    { text: "**Hi**" },
    options(),
  );
  assert.deepEqual(sent, { messageId: "theirs" });
  const [{ headers, body }] = received as [Received];
  assert.deepEqual(JSON.parse(body), {
    id: "delivery-1",
    to: { chatId: "room", threadId: "t", replyTo: "m1" },
    text: "**Hi**",
  });
  const time = headers["x-openclaw-timestamp"];
  const signature = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
  assert.equal(headers["x-openclaw-signature"], `sha256=${signature}`);
  assert.equal(headers["x-openclaw-delivery"], "delivery-1");
  assert.ok(Math.abs(Number(time) * 1000 - Date.now()) < 10_000);
});

test("a file goes along in base64", async () => {
  const { adapter, received } = await receiver((response) => response.end());
  const bytes = Buffer.from([0, 1, 255]);
  const media = { kind: "image", mimeType: "image/png", name: "a.png", bytes } as const;
  assert.deepEqual(await adapter.send(to, { text: "", media }, options()), {});
  assert.deepEqual(JSON.parse(received[0]!.body).attachment, {
    type: "image",
    mimeType: "image/png",
    name: "a.png",
    data: "AAH/",
  });
});

for (const [what, body] of [
  ["no JSON", "ok"],
  ["an id that is no text", '{"id": {"a": 1}}'],
  ["far too much", `{"id": "${"x".repeat(100_000)}"}`],
] as const) {
  test(`a receiver that took the message and answers ${what} counts as sent`, async () => {
    const { adapter } = await receiver((response) => response.end(body));
    assert.deepEqual(await adapter.send(to, { text: "Hi" }, options()), {});
  });
}

for (const [status, outcome] of [
  [400, "refused"],
  [401, "refused"],
  [404, "refused"],
  [410, "refused"],
  [408, "later"],
  [429, "later"],
  [500, "later"],
  [503, "later"],
] as const) {
  test(`${status} means ${outcome}`, async () => {
    const { adapter } = await receiver((response) => response.writeHead(status).end("body"));
    assert.equal((await failureOf(adapter.send(to, { text: "Hi" }, options()))).outcome, outcome);
  });
}

test("the receiver says when to try again, in seconds or as a date", async () => {
  const { adapter } = await receiver((response) => response.writeHead(429, { "retry-after": "7" }).end());
  assert.equal((await failureOf(adapter.send(to, { text: "Hi" }, options()))).retryAfterMs, 7000);
  const date = new Date(Date.now() + 60_000).toUTCString();
  const { adapter: other } = await receiver((response) =>
    response.writeHead(503, { "retry-after": date }).end(),
  );
  const { retryAfterMs } = await failureOf(other.send(to, { text: "Hi" }, options()));
  assert.ok(retryAfterMs !== undefined && retryAfterMs > 50_000 && retryAfterMs <= 60_000);
});

test("a redirect is not followed", async () => {
  const { adapter, received } = await receiver((response) =>
    response.writeHead(307, { location: "/elsewhere" }).end(),
  );
  const error = await failureOf(adapter.send(to, { text: "Hi" }, options()));
  assert.equal(error.outcome, "refused");
  assert.equal(received.length, 1);
});

test("a receiver that is not there, cuts or does not answer is tried again, as repeating is safe", async () => {
  const cutting = await receiver((response) => response.destroy());
  assert.equal(cutting.adapter.traits.idempotentSend, true);
  assert.equal((await failureOf(cutting.adapter.send(to, { text: "Hi" }, options()))).outcome, "later");
  const mute = await receiver(() => {}, { timeoutMs: 100 });
  assert.equal((await failureOf(mute.adapter.send(to, { text: "Hi" }, options()))).outcome, "later");
  const gone = await receiver(() => {});
  await new Promise((resolve) => gone.server.close(resolve));
  assert.equal((await failureOf(gone.adapter.send(to, { text: "Hi" }, options()))).outcome, "later");
});

test("an abort amid the call is unknown", async () => {
  const controller = new AbortController();
  const { adapter } = await receiver(() => controller.abort());
  const error = await failureOf(adapter.send(to, { text: "Hi" }, options(controller.signal)));
  assert.equal(error.outcome, "unknown");
});

test("without an address an answer is refused with the key that is missing", async () => {
  const adapter = channel.create(setupOf("webhook", channel.settings.parse({ secret })));
  const error = await failureOf(adapter.send(to, { text: "Hi" }, options()));
  assert.equal(error.outcome, "refused");
  assert.match(error.message, /channels\.webhook\.url/);
});

test("a lifetime is connected at once, shows the receiver's host alone, and ends with its signal", async () => {
  const { adapter } = await receiver(() => {});
  const life = await join(adapter);
  assert.match(life.inbox.identities[0]!.account!, /^127\.0\.0\.1:\d+$/);
  await life.stop();
  assert.equal(await life.ended, undefined);
});

test("a destination is the id of a chat", async () => {
  const { adapter } = await receiver(() => {});
  const { signal } = new AbortController();
  assert.deepEqual(await adapter.destination("webhook:ann", { signal }), { chatId: "ann" });
  assert.deepEqual(await adapter.destination(" room 5 ", { signal }), { chatId: "room 5" });
  for (const wrong of ["", "webhook:", "x".repeat(201)]) {
    await assert.rejects(
      adapter.destination(wrong, { signal }),
      (error: unknown) => error instanceof GatewayError && error.param === "to",
    );
  }
});
