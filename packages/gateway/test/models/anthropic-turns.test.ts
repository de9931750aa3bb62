import assert from "node:assert/strict";
import { test } from "node:test";
import type { PromptMessage, UserPart } from "../../src/runtime/models/types.ts";
import { opaque } from "./anthropic-events.ts";
import { failure, setUp } from "./wire-under-test.ts";

type Test = Parameters<typeof setUp>[0];
type Json = Record<string, unknown>;

const cache_control = { type: "ephemeral" };
const user = (...texts: string[]): PromptMessage => ({
  role: "user",
  content: texts.map((text) => ({ type: "text", text })),
});
const assistant = (content: string, more: object = {}): PromptMessage => ({
  role: "assistant",
  content,
  ...more,
});
const call = (id: string, json = "{}") => ({ id, name: "look", arguments: json });
const result = (toolCallId: string, more: object = {}): PromptMessage => ({
  role: "tool",
  toolCallId,
  name: "look",
  result: "seen",
  isError: false,
  ...more,
});
const text = (it: string): Json => ({ type: "text", text: it });
const nothing = "(The user sent nothing here.)";

async function sent(t: Test, ...messages: PromptMessage[]) {
  const { ask, fake } = await setUp(t, "anthropic", { script: [{ text: "ok" }] });
  await ask({ messages });
  const { system, messages: turns } = fake.requests[0]!.body;
  return { system, turns: turns as { role: string; content: Json[] }[] };
}

/** The turns without their marks. */
async function turnsOf(t: Test, ...messages: PromptMessage[]) {
  const { turns } = await sent(t, ...messages);
  for (const { content } of turns) for (const block of content) delete block.cache_control;
  return turns;
}

test("anthropic: the system's texts stand in front as one, blank ones left out", async (t) => {
  const { system, turns } = await sent(
    t,
    { role: "system", content: "be kind" },
    { role: "system", content: " \n" },
    user("hi"),
    { role: "system", content: "be short" },
  );
  assert.deepEqual(system, [{ ...text("be kind\n\nbe short"), cache_control }]);
  assert.equal(turns.length, 1);
  assert.equal((await sent(t, user("hi"))).system, undefined);
});

test("anthropic: roles take turns from the user on, and nothing is empty", async (t) => {
  const turns = await turnsOf(
    t,
    assistant("first"),
    user("a", "", " \n"),
    user("b"),
    assistant(" "),
    user("c"),
    assistant("x"),
    assistant("y"),
    user(""),
    assistant("z"),
    user("d"),
  );
  assert.deepEqual(turns, [
    { role: "user", content: [text(nothing)] },
    { role: "assistant", content: [text("first")] },
    { role: "user", content: [text("a"), text("b"), text("c")] },
    { role: "assistant", content: [text("x"), text("y")] },
    { role: "user", content: [text(nothing)] },
    { role: "assistant", content: [text("z")] },
    { role: "user", content: [text("d")] },
  ]);
  const alone = await turnsOf(t, { role: "system", content: "say something" });
  assert.deepEqual(alone, [{ role: "user", content: [text(nothing)] }]);
});

test("anthropic: an answer that is to be continued does not end in white space", async (t) => {
  const turns = await turnsOf(t, user("count"), assistant("one, two, \n"));
  assert.deepEqual(turns.at(-1), { role: "assistant", content: [text("one, two,")] });
});

test("anthropic: the ends of the last request and of this one are marked as worth caching", async (t) => {
  const marksOf = async (...messages: PromptMessage[]) => {
    const { turns } = await sent(t, ...messages);
    return turns.map(({ content }) => content.map((it) => (it.cache_control ? "+" : "-")).join(""));
  };
  assert.deepEqual(await marksOf(user("a", "b")), ["-+"]);
  const calls = { toolCalls: [call("1"), call("2")] };
  const results = [result("1"), result("2")];
  assert.deepEqual(await marksOf(user("a"), assistant("x", calls), ...results), ["+", "---", "-+"]);
  const more = [assistant("y", { toolCalls: [call("3")] }), result("3")];
  assert.deepEqual(await marksOf(user("a"), assistant("x", calls), ...results, ...more), [
    "-",
    "---",
    "-+",
    "--",
    "+",
  ]);
  assert.deepEqual(await marksOf(user("a"), assistant("x")), ["+", "+"]);
  const thought = { reasoning: [{ text: "hm", opaque: opaque({ signature: "S" }) }] };
  assert.deepEqual(await marksOf(user("a"), assistant("", thought)), ["+", "-"]);
});

test("anthropic: thoughts go back as they were signed, those of others do not", async (t) => {
  const reasoning = [
    { text: "mine", opaque: opaque({ signature: "S1" }) },
    { text: "", opaque: opaque({ redactedData: "R1" }) },
    { text: "open" },
    { text: "odd", opaque: opaque({}) },
    { text: "foreign", opaque: { wire: "openai", metadata: { openai: { itemId: "rs_1" } } } },
  ];
  const turns = await turnsOf(
    t,
    user("a"),
    assistant("x", { reasoning, toolCalls: [call("1", '{"x":1}')] }),
    result("1"),
  );
  assert.deepEqual(turns[1]!.content, [
    { type: "thinking", thinking: "mine", signature: "S1" },
    { type: "redacted_thinking", data: "R1" },
    text("x"),
    { type: "tool_use", id: "1", name: "look", input: { x: 1 } },
  ]);
});

test("anthropic: the input of a call is an object, whatever the model wrote", async (t) => {
  const written = ['{"x":1}', "", " ", "{oops", "[1]", "null", '"x"'];
  const ids = written.map((_, index) => `c${index}`);
  const turns = await turnsOf(
    t,
    user("a"),
    assistant("", { toolCalls: written.map((json, index) => call(ids[index]!, json)) }),
    ...ids.map((id) => result(id)),
  );
  assert.deepEqual(
    turns[1]!.content.map((it) => it.input),
    [
      { x: 1 },
      {},
      {},
      { malformed: "{oops" },
      { malformed: "[1]" },
      { malformed: "null" },
      { malformed: '"x"' },
    ],
  );
});

test("anthropic: ids of other providers are made sound, each its own, and results keep to their calls", async (t) => {
  const turns = await turnsOf(
    t,
    user("a"),
    assistant("", { toolCalls: [call("a.b"), call("a_b"), call("")] }),
    result("a_b"),
    result("a.b"),
    result(""),
    assistant("", { toolCalls: [call("a.b")] }),
    result("a.b"),
  );
  const ids = (at: number, name: string) => turns[at]!.content.map((it) => it[name]);
  assert.deepEqual(ids(1, "id"), ["a_b", "a_b_2", "call"]);
  assert.deepEqual(ids(2, "tool_use_id"), ["a_b_2", "a_b", "call"]);
  assert.deepEqual(ids(3, "id"), ["a_b_3"]);
  assert.deepEqual(ids(4, "tool_use_id"), ["a_b_3"]);
});

test("anthropic: results stand in front of what else the user says, errors are told, media goes within", async (t) => {
  const media: UserPart[] = [
    { type: "image", mimeType: "image/png", data: "aGVsbG8=" },
    { type: "file", mimeType: "application/pdf", data: "cGRm", name: "a.pdf" },
    { type: "text", text: "" },
  ];
  const turns = await turnsOf(
    t,
    user("a"),
    assistant("", { toolCalls: ["1", "2", "3", "4"].map((id) => call(id)) }),
    result("1", { isError: true }),
    user("wait"),
    result("2", { media }),
    result("3", { result: " " }),
    result("4", { result: "", media: media.slice(0, 1) }),
  );
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "aGVsbG8=" } };
  const source = { type: "base64", media_type: "application/pdf", data: "cGRm" };
  const pdf = { type: "document", source, title: "a.pdf" };
  assert.deepEqual(turns[2]!.content, [
    { type: "tool_result", tool_use_id: "1", content: "seen", is_error: true },
    { type: "tool_result", tool_use_id: "2", content: [text("seen"), image, pdf] },
    { type: "tool_result", tool_use_id: "3" },
    { type: "tool_result", tool_use_id: "4", content: [image] },
    text("wait"),
  ]);
});

test("anthropic: images, PDFs and text files in every form", async (t) => {
  const png = Buffer.from("\x89PNG\r\n\x1a\n", "latin1").toString("base64");
  const webp = Buffer.from("RIFF\0\0\0\0WEBPVP8 ", "latin1").toString("base64");
  const pdf = Buffer.from("%PDF-1.7\n").toString("base64");
  const json = Buffer.from('{"ü":1}').toString("base64");
  const inBytes = (type: string, media_type: string, data: string, more = {}) => ({
    type,
    source: { type: "base64", media_type, data },
    ...more,
  });
  const byUrl = (type: string, url: string) => ({ type, source: { type: "url", url } });
  const ofText = (data: string, more = {}) => ({
    type: "document",
    source: { type: "text", media_type: "text/plain", data },
    ...more,
  });
  const url = "https://x.example/a";
  const cases: [UserPart, Json][] = [
    [{ type: "image", mimeType: "image/gif", data: "aGVsbG8=" }, inBytes("image", "image/gif", "aGVsbG8=")],
    [{ type: "image", mimeType: "image/jpg", data: "aGVsbG8=" }, inBytes("image", "image/jpeg", "aGVsbG8=")],
    [{ type: "image", mimeType: "image/jpeg", data: png }, inBytes("image", "image/png", png)],
    [{ type: "image", mimeType: "image/*", data: "aGVsbG8=" }, inBytes("image", "image/jpeg", "aGVsbG8=")],
    [{ type: "image", data: webp }, inBytes("image", "image/webp", webp)],
    [{ type: "image", url: `data:image/png;base64,${png}` }, inBytes("image", "image/png", png)],
    [{ type: "image", url: `data:;base64,${png}` }, inBytes("image", "image/png", png)],
    [{ type: "image", url }, byUrl("image", url)],
    [{ type: "file", mimeType: "image/webp", url }, byUrl("image", url)],
    [{ type: "file", data: pdf, name: "a" }, inBytes("document", "application/pdf", pdf, { title: "a" })],
    [
      { type: "file", mimeType: "application/octet-stream", data: pdf },
      inBytes("document", "application/pdf", pdf),
    ],
    [{ type: "file", mimeType: "application/pdf", url }, byUrl("document", url)],
    [{ type: "file", url }, byUrl("document", url)],
    [{ type: "file", mimeType: "application/octet-stream", url }, byUrl("document", url)],
    [
      { type: "file", mimeType: "Text/CSV; charset=utf-8", data: "YSxi", name: "a.csv" },
      ofText("a,b", { title: "a.csv" }),
    ],
    [{ type: "file", url: "data:text/plain;charset=utf-8;base64,aGk=" }, ofText("hi")],
    [{ type: "file", mimeType: "application/ld+json", data: json }, ofText('{"ü":1}')],
  ];
  for (const [part, block] of cases) {
    const turns = await turnsOf(t, { role: "user", content: [part] });
    assert.deepEqual(turns[0]!.content, [block], JSON.stringify(part));
  }
});

test("anthropic: an attachment that it cannot read is refused where it stands", async (t) => {
  const { ask, fake } = await setUp(t, "anthropic");
  const param = "messages[0].content[1].file.file_data";
  const cases: [UserPart, string][] = [
    [{ type: "file", mimeType: "audio/mpeg", data: "aGVsbG8=", param }, param],
    [{ type: "file", data: "aGVsbG8=" }, "attachments"],
    [{ type: "file", mimeType: "text/plain", url: "https://x.example/a.txt", param }, param],
    [{ type: "image", url: "file:///etc/passwd", param }, param],
    [{ type: "image" }, "attachments"],
  ];
  for (const [part, where] of cases) {
    const thrown = await failure(ask({ messages: [{ role: "user", content: [part] }] }));
    assert.deepEqual([thrown.code, thrown.param], ["invalid_request", where], JSON.stringify(part));
  }
  assert.equal(fake.requests.length, 0);
});
