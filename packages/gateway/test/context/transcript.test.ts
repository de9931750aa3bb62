import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelToolCall, PromptMessage, UserPart } from "../../src/runtime/models/types.ts";
import { validRequest } from "../../src/runtime/transcript.ts";
import { asked, textOf } from "./sessions-on-disk.ts";

const model = { input: ["text", "image"] };

const calls = (...toolCalls: ModelToolCall[]): PromptMessage => ({
  role: "assistant",
  content: "",
  toolCalls,
});
const call = (id: string, name = "look", json = "{}"): ModelToolCall => ({ id, name, arguments: json });
const result = (toolCallId: string, text = "seen", name = "look"): PromptMessage => ({
  role: "tool",
  toolCallId,
  name,
  result: text,
  isError: false,
});
const shown = (messages: readonly PromptMessage[]) =>
  messages.map((it) => (it.role === "tool" ? `${it.toolCallId}: ${it.result}` : `${it.role} ${textOf(it)}`));

test("results go to their calls, in the order of the calls, before what the user said meanwhile", () => {
  const log = [asked("go"), calls(call("a"), call("b")), asked("wait"), result("b", "2"), result("a", "1")];
  assert.deepEqual(shown(validRequest(log, model)), ["user go", "assistant ", "a: 1", "b: 2", "user wait"]);
});

test("a missing result is made up as an error, and a second, a foreign or a late one is left out", () => {
  const log = [
    asked("go"),
    result("never asked"),
    calls(call("a"), call("b")),
    result("a", "first"),
    result("a", "second"),
    { role: "assistant", content: "hm" } as const,
    result("b", "too late"),
    asked("on"),
  ];
  const valid = validRequest(log, model);
  assert.equal(valid.length, 6);
  assert.equal(shown(valid)[2], "a: first");
  const madeUp = valid[3] as Extract<PromptMessage, { role: "tool" }>;
  assert.deepEqual([madeUp.toolCallId, madeUp.isError], ["b", true]);
  assert.match(madeUp.result, /not known/);
});

test("ids used twice become different ones, for calls and their results alike", () => {
  const log = [
    asked("go"),
    calls(call("x"), call("x")),
    result("x", "1"),
    result("x", "2"),
    calls(call("x")),
    result("x", "3"),
    calls(call("")),
    result("", "4"),
    calls(call("with space!"), call("i".repeat(90))),
    result("with space!", "5"),
    result("i".repeat(90), "6"),
  ];
  const valid = validRequest(log, model);
  const ids = valid.flatMap((it) => (it.role === "assistant" ? it.toolCalls!.map(({ id }) => id) : []));
  assert.deepEqual(ids, ["x", "x_2", "x_3", "call", "with_space_", "i".repeat(64)]);
  assert.deepEqual(
    shown(valid.filter((it) => it.role === "tool")),
    ids.map((id, index) => `${id}: ${index + 1}`),
  );
});

test("names are made such as providers take them, and arguments that are no object are kept within one", () => {
  const json = ["not json", "[1]", "null", "", '{"x":1}'];
  const given = json.map((text, index) =>
    call(`c${index}`, ["a.b", "", "n".repeat(80), "ok", "ok"][index]!, text),
  );
  const results = given.map(({ id, name }) => result(id, "seen", name));
  const valid = validRequest([asked("go"), calls(...given), ...results], model);
  const sent = (valid[1] as Extract<PromptMessage, { role: "assistant" }>).toolCalls!;
  assert.deepEqual(
    sent.map(({ name }) => name),
    ["a_b", "tool", "n".repeat(64), "ok", "ok"],
  );
  assert.deepEqual(
    sent.map((it) => JSON.parse(it.arguments)),
    [{ malformed: "not json" }, { malformed: "[1]" }, { malformed: "null" }, {}, { x: 1 }],
  );
  assert.equal((valid[2] as { name: string }).name, "a_b");
});

test("what a model does not read is told of in words", () => {
  const parts: UserPart[] = [
    { type: "image", mimeType: "image/png", data: "aGk=" },
    { type: "file", mimeType: "application/pdf", data: "aGk=", name: "a.pdf" },
    { type: "file", mimeType: "text/csv; charset=utf-8", data: "YSxi", name: "a.csv" },
    { type: "file", mimeType: "application/pdf", url: "https://example.org/a.pdf" },
    { type: "image", url: "file:///etc/passwd" },
  ];
  const log: PromptMessage[] = [{ role: "user", content: parts }];
  const [blind] = validRequest(log, { input: ["text"] });
  assert.ok(blind?.role === "user" && blind.content.every((it) => it.type === "text"));
  assert.match(textOf(blind), /image.*cannot see.*a\.pdf.*File a\.csv:\na,b.*https:\/\/example\.org/s);
  const [seeing] = validRequest(log, { input: ["text", "image", "pdf"] });
  const kinds = seeing?.role === "user" ? seeing.content.map((it) => it.type) : [];
  assert.deepEqual(kinds, ["image", "file", "text", "text", "text"]);
});

test("system messages stand in front only, and nothing is blank or ends in half a character", () => {
  const log: PromptMessage[] = [
    { role: "system", content: "Be kind." },
    { role: "assistant", content: "I begin." },
    asked(" \n"),
    { role: "assistant", content: " \n" },
    { role: "system", content: "It is late." },
    asked("half \ud83d"),
    calls(call("a")),
    result("a", ""),
  ];
  assert.deepEqual(shown(validRequest(log, model)), [
    "system Be kind.",
    "user (The user sent nothing here.)",
    "assistant I begin.",
    "user (The user sent nothing here.)",
    "user <context>It is late.</context>",
    "user half \ufffd",
    "assistant ",
    "a: (no output)",
  ]);
});

test("the model never has the last word, and an empty log is a request, too", () => {
  const log: PromptMessage[] = [asked("hi"), { role: "assistant", content: "hello" }];
  assert.deepEqual(shown(validRequest(log, model)), ["user hi"]);
  assert.deepEqual(shown(validRequest([], model)), ["user (The user sent nothing here.)"]);
});

test("thinking and what providers want back with a call stay", () => {
  const opaque = { wire: "google", metadata: { google: { thoughtSignature: "s" } } };
  const said: PromptMessage = {
    role: "assistant",
    content: "",
    reasoning: [{ text: "hm", opaque }],
    toolCalls: [{ ...call("bad id"), opaque }],
  };
  const valid = validRequest([asked("go"), said, result("bad id")], model)[1];
  assert.ok(valid?.role === "assistant");
  assert.deepEqual(valid.reasoning, [{ text: "hm", opaque }]);
  assert.deepEqual(valid.toolCalls, [{ id: "bad_id", name: "look", arguments: "{}", opaque }]);
});
