import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import type { WebhookAnswer, WebhookRequest } from "../../src/channels/types.ts";
import { channel } from "../../src/channels/webhook/index.ts";
import { GatewayError } from "../../src/lib/errors.ts";
import { recordingInbox, setupOf } from "../support/adapter-rig.ts";

const secret = "a secret of the tests";
const adapter = channel.create(setupOf("webhook", channel.settings.parse({ secret })));

const hello = { id: "m1", sentAt: 1_764_000_000_000, from: { id: "ann", name: "Ann" }, text: "Hi" };

const nowSeconds = () => Math.floor(Date.now() / 1000);

interface Request extends WebhookRequest {
  /** How often the body was asked for. */
  reads(): number;
}

/** A request as the transport hands it over, signed as the documentation says. */
function post(
  payload: unknown,
  { at = nowSeconds(), key = secret, headers = {} as WebhookRequest["headers"] } = {},
): Request {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const signature = `sha256=${createHmac("sha256", key).update(`${at}.${body}`).digest("hex")}`;
  let reads = 0;
  return {
    method: "POST",
    headers: { "x-openclaw-timestamp": String(at), "x-openclaw-signature": signature, ...headers },
    query: new URLSearchParams(),
    async body(maxBytes) {
      reads++;
      if (body.length > maxBytes) throw new GatewayError("payload_too_large", "too large");
      return Buffer.from(body);
    },
    reads: () => reads,
  };
}

const inboxed = async (request: WebhookRequest, inbox = recordingInbox()) => {
  const answer = await adapter.webhook!(request, inbox);
  return { inbox, status: answer.status, body: bodyOf(answer) };
};

function bodyOf(answer: WebhookAnswer): { status?: string; error?: { param?: string; message: string } } {
  return JSON.parse(answer.body ?? "{}");
}

test("a signed message is stored, and known when it comes again", async () => {
  const { inbox, status, body } = await inboxed(post(hello));
  assert.deepEqual([status, body], [200, { status: "stored" }]);
  assert.deepEqual(inbox.messages, [
    {
      id: "m1",
      sentAt: hello.sentAt,
      chat: { id: "ann", kind: "dm" },
      sender: { id: "ann", name: "Ann" },
      text: "Hi",
    },
  ]);
  const again = await inboxed(post(hello), inbox);
  assert.deepEqual([again.status, again.body], [200, { status: "known" }]);
  assert.equal(inbox.messages.length, 1);
});

test("a group's message keeps its chat, thread, mention and the message that it answers", async () => {
  const chat = { id: "room", kind: "group", threadId: "t", name: "Room" };
  const message = { ...hello, sentAt: "2026-11-25T10:00:00+01:00", chat, replyTo: "m0", mentioned: true };
  const { inbox } = await inboxed(post(message));
  assert.deepEqual(inbox.messages[0], {
    id: "m1",
    sentAt: Date.UTC(2026, 10, 25, 9),
    chat,
    sender: hello.from,
    text: "Hi",
    replyTo: { id: "m0" },
    mentioned: true,
  });
});

test("a file comes with the message and can be had later, within the limit", async () => {
  const data = Buffer.from("bytes of a file").toString("base64");
  const attachments = [{ type: "file", mimeType: "text/plain", name: "a.txt", data }];
  const { inbox } = await inboxed(post({ ...hello, text: "", attachments }));
  const media = inbox.messages[0]!.media![0]!;
  assert.deepEqual([media.kind, media.mimeType, media.name, media.size], ["file", "text/plain", "a.txt", 15]);
  const stored = { ...media, ref: JSON.parse(JSON.stringify(media.ref)) }; // as after a restart
  const { signal } = new AbortController();
  const { bytes, mimeType } = await adapter.download!(stored, { signal, maxBytes: 15 });
  assert.deepEqual([Buffer.from(bytes).toString(), mimeType], ["bytes of a file", "text/plain"]);
  await assert.rejects(
    adapter.download!(stored, { signal, maxBytes: 14 }),
    (error: unknown) => error instanceof GatewayError && error.code === "payload_too_large",
  );
});

test("a message that could not be stored is not acknowledged, and taken when it comes again", async () => {
  const inbox = recordingInbox();
  inbox.failing = true;
  assert.equal((await inboxed(post(hello), inbox)).status, 503);
  inbox.failing = false;
  assert.deepEqual((await inboxed(post(hello), inbox)).body, { status: "stored" });
});

for (const [what, headers] of [
  ["no timestamp", { "x-openclaw-timestamp": undefined }],
  ["no signature", { "x-openclaw-signature": undefined }],
  ["a timestamp that is no number", { "x-openclaw-timestamp": "now" }],
  ["a signature of another form", { "x-openclaw-signature": "0".repeat(64) }],
  ["two signatures", { "x-openclaw-signature": ["a", "b"] }],
] as const) {
  test(`a request with ${what} is turned away before its body is read`, async () => {
    const request = post(hello, { headers: headers as WebhookRequest["headers"] }); // a readonly pair of literals
    const { inbox, status } = await inboxed(request);
    assert.equal(status, 401);
    assert.deepEqual(inbox.rejections, ["unsigned"]);
    assert.equal(request.reads(), 0);
  });
}

for (const seconds of [-301, 302]) {
  test(`a request signed ${seconds} s from now is turned away as replayed, its body unread`, async () => {
    const request = post(hello, { at: nowSeconds() + seconds });
    const { inbox, status } = await inboxed(request);
    assert.deepEqual([status, inbox.rejections, request.reads()], [401, ["replayed"], 0]);
  });
}

test("the signature covers secret, timestamp and body", async () => {
  const right = post(hello);
  const earlier = { ...right.headers, "x-openclaw-timestamp": String(nowSeconds() - 10) };
  for (const request of [
    post(hello, { key: "another secret of 16" }),
    post({ ...hello, text: "Hj" }, { headers: right.headers }),
    { ...right, headers: earlier },
  ]) {
    const { inbox, status, body } = await inboxed(request);
    assert.deepEqual([status, inbox.rejections, inbox.messages], [401, ["unsigned"], []]);
    assert.ok(!JSON.stringify(body).includes(secret));
  }
});

test("a body over the limit is answered 413", async () => {
  const small = channel.create(setupOf("webhook", channel.settings.parse({ secret, maxBodyBytes: 1024 })));
  const inbox = recordingInbox();
  const answer = await small.webhook!(post({ ...hello, text: "x".repeat(1024) }), inbox);
  assert.deepEqual([answer.status, inbox.rejections], [413, ["too_large"]]);
});

const file = { type: "file", mimeType: "text/plain", name: "a.txt", data: "aGk=" };

for (const [what, payload, param] of [
  ["JSON that is none", "{", undefined],
  ["a list", [hello], undefined],
  ["an unknown field", { ...hello, command: "x" }, undefined],
  ["no id", { ...hello, id: undefined }, "id"],
  ["a number as sender", { ...hello, from: { id: 5 } }, "from.id"],
  ["an empty text", { ...hello, text: "" }, "text"],
  ["seconds instead of milliseconds", { ...hello, sentAt: 1_764_000_000 }, "sentAt"],
  ["a time without a zone", { ...hello, sentAt: "2026-11-25T10:00:00" }, "sentAt"],
  ["an unknown kind of chat", { ...hello, chat: { id: "c", kind: "channel" } }, "chat.kind"],
  ["a file by its address", { ...hello, attachments: [{ ...file, url: "http://x/" }] }, "attachments.0.url"],
  ["a file without bytes", { ...hello, attachments: [{ ...file, data: undefined }] }, "attachments.0.data"],
  ["a file that is not base64", { ...hello, attachments: [{ ...file, data: "a*b" }] }, "attachments.0.data"],
] as const) {
  test(`${what} is answered 400 with the field`, async () => {
    const { inbox, status, body } = await inboxed(post(payload));
    assert.deepEqual([status, body.error?.param, inbox.rejections], [400, param, ["malformed"]]);
    assert.deepEqual(inbox.messages, []);
  });
}

test("a body that is not UTF-8 is answered 400", async () => {
  const bytes = Buffer.from([0xff, 0xfe]);
  const at = String(nowSeconds());
  const signature = createHmac("sha256", secret).update(`${at}.`).update(bytes).digest("hex");
  const headers = { "x-openclaw-timestamp": at, "x-openclaw-signature": `sha256=${signature}` };
  const { status } = await inboxed({ ...post(""), headers, body: async () => bytes });
  assert.equal(status, 400);
});

test("a GET is answered 405", async () => {
  assert.equal((await inboxed({ ...post(hello), method: "GET" })).status, 405);
});

for (const [what, wrong] of [
  ["a short secret", { secret: "short" }],
  ["no secret", {}],
  ["an address of another scheme", { secret, url: "file:///etc/passwd" }],
  ["an address with a password", { secret, url: "http://ann:pw@localhost/" }],
] as const) {
  test(`${what} is refused as a setting`, () => {
    assert.equal(channel.settings.safeParse(wrong).success, false);
  });
}
