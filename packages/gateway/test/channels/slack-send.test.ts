import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { createSlack } from "../../src/channels/slack/index.ts";
import { settings } from "../../src/channels/slack/settings.ts";
import { type ChannelAdapter, type OutboundMessage, SendError } from "../../src/channels/types.ts";
import { setupOf } from "../support/adapter-rig.ts";
import { no, type SlackReply, type SlackServer, slackServer } from "../support/slack-server.ts";
import { until } from "../support/until.ts";

// The real @slack/web-api against a server of ours, which is built from Slack's documentation.

let slack: SlackServer;
let adapter: ChannelAdapter;
const options = { signal: new AbortController().signal, idempotencyKey: "one" };
const to = { chatId: "C0GENERAL1" };
const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255, 13, 10]);
const media = { kind: "image" as const, mimeType: "image/png", name: "cat.png", bytes };

beforeEach(async () => {
  slack = await slackServer();
  adapter = adapterAt(slack.apiRoot);
});
afterEach(() => slack.close());

function adapterAt(apiRoot: string): ChannelAdapter {
  const own = { botToken: "xoxb-good", signingSecret: "s3cret", apiRoot };
  return createSlack(setupOf("slack", settings.parse(own)));
}

async function failureOf(message: OutboundMessage, sending = options): Promise<SendError> {
  const error = await adapter.send(to, message, sending).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SendError, String(error));
  assert.doesNotMatch(`${error.message} ${error.stack} ${String(error.cause)}`, /xoxb-good|page of secrets/);
  return error;
}

function argsOf(method: string): Record<string, string>[] {
  return slack.callsOf(method).map((it) => it.args);
}

test("a message is posted in Slack's form, without previews, and tells its id", async () => {
  const sent = await adapter.send(to, { text: "**Hi** <!channel> https://example.com" }, options);
  assert.deepEqual(sent, { messageId: "1700000000.000001" });
  const text = "*Hi* &lt;!channel&gt; <https://example.com>";
  assert.deepEqual(argsOf("chat.postMessage"), [
    { channel: "C0GENERAL1", text, unfurl_links: "false", unfurl_media: "false" },
  ]);
});

test("an answer in a thread stays there, and messages keep their order", async () => {
  const thread = { ...to, threadId: "1700000001.000100" };
  for (const text of ["one", "two", "three"]) await adapter.send(thread, { text }, options);
  assert.deepEqual(
    argsOf("chat.postMessage").map((it) => [it.text, it.thread_ts]),
    ["one", "two", "three"].map((text) => [text, "1700000001.000100"]),
  );
});

test("an edit replaces the text of a message, as often as is wanted", async () => {
  await adapter.edit!(to, "1700000000.000001", "**more**", options);
  await adapter.edit!(to, "1700000000.000001", "**more** still", options);
  assert.deepEqual(
    argsOf("chat.update").map((it) => [it.channel, it.ts, it.text]),
    [
      ["C0GENERAL1", "1700000000.000001", "*more*"],
      ["C0GENERAL1", "1700000000.000001", "*more* still"],
    ],
  );
  slack.next("chat.update", no("cant_update_message"));
  await assert.rejects(adapter.edit!(to, "1.2", "x", options), { name: "SendError", outcome: "refused" });
});

test("a file is uploaded byte for byte, without the token, and shared with its comment", async () => {
  const thread = { ...to, threadId: "1700000001.000100" };
  await adapter.send(thread, { text: "a *cat*", media }, options);
  const [upload] = slack.callsOf("/upload");
  assert.deepEqual(upload?.bytes, bytes);
  assert.equal(upload?.headers.authorization, undefined);
  assert.deepEqual(argsOf("files.getUploadURLExternal"), [{ filename: "cat.png", length: "8" }]);
  assert.deepEqual(argsOf("files.completeUploadExternal"), [
    {
      files: '[{"id":"F0FILE0001","title":"cat.png"}]',
      channel_id: "C0GENERAL1",
      thread_ts: "1700000001.000100",
      initial_comment: "a _cat_",
    },
  ]);
  assert.deepEqual(argsOf("chat.postMessage"), []);
});

test("a file without words has no comment", async () => {
  await adapter.send(to, { text: "", media }, options);
  assert.equal(argsOf("files.completeUploadExternal")[0]?.initial_comment, undefined);
});

test("a file's text that has a link goes ahead by itself, where previews can be switched off", async () => {
  await adapter.send(to, { text: "see https://example.com", media }, options);
  assert.equal(argsOf("chat.postMessage")[0]?.unfurl_links, "false");
  assert.equal(argsOf("files.completeUploadExternal")[0]?.initial_comment, undefined);
});

test("what Slack refuses for good is refused, with what to do about it", async () => {
  const cases: Record<string, RegExp> = {
    channel_not_found: /invite/,
    not_in_channel: /Invite/,
    is_archived: /archived/,
    msg_too_long: /pieces/,
    restricted_action: /administrator/,
    token_revoked: /install the app again/i,
    a_code_of_tomorrow: /a_code_of_tomorrow/,
  };
  for (const [code, advice] of Object.entries(cases)) {
    slack.next("chat.postMessage", no(code));
    const error = await failureOf({ text: "hi" });
    assert.equal(error.outcome, "refused", code);
    assert.match(error.message, advice);
  }
});

test("a missing scope is named", async () => {
  slack.next("chat.postMessage", no("missing_scope", { needed: "chat:write", provided: "im:history" }));
  const error = await failureOf({ text: "hi" });
  assert.equal(error.outcome, "refused");
  assert.match(error.message, /chat:write/);
});

test("a rate limit is for later, when Slack says so", async () => {
  slack.next("chat.postMessage", {
    status: 429,
    headers: { "retry-after": "7" },
    body: { ok: false, error: "ratelimited" },
  });
  const timed = await failureOf({ text: "hi" });
  assert.deepEqual([timed.outcome, timed.retryAfterMs], ["later", 7000]);
  slack.next("chat.postMessage", { status: 429, body: "page of secrets" }, no("ratelimited"));
  for (const _ of [1, 2]) {
    const untimed = await failureOf({ text: "hi" });
    assert.deepEqual([untimed.outcome, untimed.retryAfterMs], ["later", undefined]);
  }
  assert.equal(slack.callsOf("chat.postMessage").length, 3, "no attempt of the client's own");
});

test("a Slack that is not reached leaves the message for later", async () => {
  const gone = await slackServer();
  await gone.close();
  adapter = adapterAt(gone.apiRoot);
  assert.equal((await failureOf({ text: "hi" })).outcome, "later");
});

test("where nobody can tell whether the message arrived, that is said", async () => {
  const cases: SlackReply[] = [
    "cut",
    { status: 500, body: "page of secrets" },
    { status: 503, body: "page of secrets" },
    { body: "page of secrets" },
    no("internal_error"),
    no("fatal_error"),
    no("request_timeout"),
    no("service_unavailable"),
  ];
  for (const reply of cases) {
    slack.next("chat.postMessage", reply);
    assert.equal((await failureOf({ text: "hi" })).outcome, "unknown", JSON.stringify(reply));
  }
  assert.equal(slack.callsOf("chat.postMessage").length, cases.length, "no attempt of the client's own");
});

test("an abort ends a call that is under way", async () => {
  slack.next("chat.postMessage", "hang");
  const controller = new AbortController();
  const failed = failureOf({ text: "hi" }, { ...options, signal: controller.signal });
  await until(() => slack.callsOf("chat.postMessage").length === 1, "asked");
  controller.abort();
  assert.equal((await failed).outcome, "unknown");
});

test("an upload that fails has shown nothing and is for later; the last step decides", async () => {
  slack.next("/upload", "cut", { status: 500, body: "page of secrets" });
  for (const _ of [1, 2]) assert.equal((await failureOf({ text: "", media })).outcome, "later");
  slack.next("files.getUploadURLExternal", "cut", no("missing_scope", { needed: "files:write" }));
  assert.equal((await failureOf({ text: "", media })).outcome, "later");
  const scope = await failureOf({ text: "", media });
  assert.equal(scope.outcome, "refused");
  assert.match(scope.message, /files:write/);
  assert.equal(slack.callsOf("files.completeUploadExternal").length, 0);

  slack.next("files.completeUploadExternal", "cut", no("channel_not_found"), no("ratelimited"));
  for (const outcome of ["unknown", "refused", "later"]) {
    assert.equal((await failureOf({ text: "", media })).outcome, outcome);
  }
});

test("a file that fails after its text was posted does not have the text posted again", async () => {
  slack.next("files.completeUploadExternal", no("ratelimited"));
  const error = await failureOf({ text: "see https://example.com", media });
  assert.equal(error.outcome, "unknown");
  assert.match(error.message, /text was sent/);
});

test("a file comes with its bytes, fetched with the token from Slack alone", async () => {
  slack.files.set("cat.png", { bytes, mimeType: "image/png" });
  const file = (ref: object) => ({ kind: "image" as const, mimeType: "image/png", ref });
  const limits = { signal: options.signal, maxBytes: 100 };
  const own = await adapter.download!(file({ id: "F1", url: `${slack.origin}/files/cat.png` }), limits);
  assert.deepEqual(Buffer.from(own.bytes), bytes);
  assert.equal(own.mimeType, "image/png");
  assert.equal(slack.callsOf("/files/cat.png")[0]?.headers.authorization, "Bearer xoxb-good");

  const elsewhere = await slackServer();
  try {
    elsewhere.files.set("cat.png", { bytes, mimeType: "image/png" });
    const addresses = [
      `${elsewhere.origin}/files/cat.png`,
      "http://files.slack.com/x",
      "https://files.slack.com.evil.example/x",
      "https://evilslack.com/x",
      "file:///etc/passwd",
      "nonsense",
    ];
    for (const url of addresses) {
      const got = adapter.download!(file({ id: "F1", url }), limits);
      await assert.rejects(got, { code: "upstream_error", message: /not kept at Slack/ });
    }
    // A redirect of Slack's own host does not take the token along either.
    const headers = { location: `${elsewhere.origin}/files/cat.png` };
    slack.next("/files/moved.png", { status: 302, headers, body: "" });
    const moved = adapter.download!(file({ id: "F1", url: `${slack.origin}/files/moved.png` }), limits);
    await assert.rejects(moved, { code: "upstream_error" });
    assert.deepEqual(elsewhere.calls, []);
  } finally {
    await elsewhere.close();
  }
});

test("a file of a shared channel has its address looked up", async () => {
  slack.files.set("shared.txt", { bytes: Buffer.from("shared"), mimeType: "text/plain" });
  const limits = { signal: options.signal, maxBytes: 100 };
  const got = await adapter.download!({ kind: "file", ref: { id: "F0SHARED01" } }, limits);
  assert.equal(Buffer.from(got.bytes).toString(), "shared");
});

test("a file over the limit is refused, and a page in place of the file tells of the scope", async () => {
  slack.files.set("big.bin", { bytes: Buffer.alloc(101), mimeType: "application/octet-stream" });
  slack.files.set("page", { bytes: Buffer.from("<html>"), mimeType: "text/html" });
  const limits = { signal: options.signal, maxBytes: 100 };
  const at = (path: string) => ({
    kind: "file" as const,
    ref: { id: "F1", url: `${slack.origin}/files/${path}` },
  });
  await assert.rejects(adapter.download!(at("big.bin"), limits), { code: "payload_too_large" });
  await assert.rejects(adapter.download!(at("page"), limits), /files:read/);
});

test("traits tell of Slack's limits, counted in Slack's form", () => {
  assert.equal(adapter.traits.textLimit, 4000);
  assert.equal(adapter.traits.textLength?.("**a** & b"), "*a* &amp; b".length);
  assert.equal(adapter.traits.idempotentSend, false);
  assert.equal(adapter.traits.silenceMs, 0);
});
