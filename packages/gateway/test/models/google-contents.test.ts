import assert from "node:assert/strict";
import { test } from "node:test";
import type { GatewayError } from "../../src/lib/errors.ts";
import { createGoogleBodies } from "../../src/runtime/models/google-request.ts";
import type { ModelRequest, PromptMessage, UserPart } from "../../src/runtime/models/types.ts";
import { hello } from "./wire-under-test.ts";

type Json = Record<string, unknown>;

const flash = "gemini-3.5-flash";
const signed = (thoughtSignature: string) => ({ wire: "google", metadata: { google: { thoughtSignature } } });
const user = (...content: UserPart[]): PromptMessage => ({ role: "user", content });
const says = (text: string) => user({ type: "text", text });
const result = (id: string, more: Partial<Extract<PromptMessage, { role: "tool" }>> = {}): PromptMessage => ({
  role: "tool",
  toolCallId: id,
  name: "look",
  result: "seen",
  isError: false,
  ...more,
});
const call = (id: string, opaque?: unknown) => ({ id, name: "look", arguments: '{"x":1}', opaque });

function bodyOf(more: Partial<ModelRequest>, model = flash): Json {
  return JSON.parse(createGoogleBodies()(hello(model, more))) as Json; // our own bodies are objects
}

function contentsOf(messages: PromptMessage[], model = flash): unknown {
  return bodyOf({ messages }, model).contents;
}

test("system messages become the one instruction, and the user's in a row one turn", () => {
  const messages: PromptMessage[] = [
    { role: "system", content: "be kind" },
    says("a"),
    says("b"),
    { role: "system", content: "be brief" },
  ];
  const { systemInstruction, contents } = bodyOf({ messages });
  assert.deepEqual(systemInstruction, { parts: [{ text: "be kind\n\nbe brief" }] });
  assert.deepEqual(contents, [{ role: "user", parts: [{ text: "a" }, { text: "b" }] }]);
});

test("Gemma, which takes no instruction, reads it in front of what the user says", () => {
  const messages: PromptMessage[] = [{ role: "system", content: "be kind" }, says("a")];
  const body = bodyOf({ messages }, "gemma-3-27b-it");
  assert.equal(body.systemInstruction, undefined);
  assert.deepEqual(body.contents, [{ role: "user", parts: [{ text: "be kind\n\n" }, { text: "a" }] }]);
});

test("every signature goes back on the part that it came on", () => {
  const messages: PromptMessage[] = [
    says("a"),
    {
      role: "assistant",
      content: "let me look",
      reasoning: [
        { text: "hm", opaque: signed("of the thought") },
        { text: "unsigned" },
        { text: "foreign", opaque: { wire: "anthropic", metadata: { anthropic: { signature: "s" } } } },
        { text: "", opaque: signed("of the text") },
      ],
      toolCalls: [call("c1", signed("of the call")), call("c2")],
    },
    result("c1"),
    result("c2", { result: "gone", isError: true }),
    says("go on"),
  ];
  assert.deepEqual(contentsOf(messages), [
    { role: "user", parts: [{ text: "a" }] },
    {
      role: "model",
      parts: [
        { text: "hm", thought: true, thoughtSignature: "of the thought" },
        { text: "let me look", thoughtSignature: "of the text" },
        { functionCall: { id: "c1", name: "look", args: { x: 1 } }, thoughtSignature: "of the call" },
        { functionCall: { id: "c2", name: "look", args: { x: 1 } } },
      ],
    },
    {
      role: "user",
      parts: [
        { functionResponse: { id: "c1", name: "look", response: { output: "seen" } } },
        { functionResponse: { id: "c2", name: "look", response: { error: "gone" } } },
      ],
    },
    { role: "user", parts: [{ text: "go on" }] },
  ]);
});

test("Gemini 3 gets the documented stand-in on the first call of a step that it did not sign, others get none", () => {
  const foreign = { wire: "openai", metadata: { openai: { itemId: "x" } } };
  const messages: PromptMessage[] = [
    says("a"),
    { role: "assistant", content: "", toolCalls: [call("c1", foreign), call("c2", foreign)] },
    result("c1"),
    result("c2"),
    { role: "assistant", content: "", toolCalls: [call("c3")] },
    result("c3"),
  ];
  const signatures = (model: string) =>
    (contentsOf(messages, model) as { parts: Json[] }[]).flatMap(({ parts }) =>
      parts.filter((it) => it.functionCall).map((it) => it.thoughtSignature),
    );
  const stand = "skip_thought_signature_validator";
  for (const model of [flash, "gemini-3.1-pro-preview", "gemini-flash-latest", "gemini-4-argon"])
    assert.deepEqual(signatures(model), [stand, undefined, stand], model);
  for (const model of ["gemini-2.5-pro", "gemini-2.0-flash", "gemma-3-27b-it", "in-house-1"])
    assert.deepEqual(signatures(model), [undefined, undefined, undefined], model);
});

test("arguments that are no object are told within one", () => {
  for (const [written, args] of [
    ["", {}],
    ["{oops", { malformed: "{oops" }],
    ["[1]", { malformed: "[1]" }],
    ["null", { malformed: "null" }],
    ['{"a":[1]}', { a: [1] }],
  ] as const) {
    const [, said] = contentsOf([
      says("a"),
      { role: "assistant", content: "", toolCalls: [{ ...call("c1"), arguments: written }] },
      result("c1"),
    ]) as { parts: { functionCall: Json }[] }[];
    assert.deepEqual(said!.parts[0]!.functionCall.args, args, written);
  }
});

test("bytes go along, and what stands elsewhere is named for Google to fetch", () => {
  const video = "https://www.youtube.com/watch?v=abc";
  const file = "https://generativelanguage.googleapis.com/v1beta/files/abc";
  const cases: [UserPart, Json][] = [
    [{ type: "image", mimeType: "image/png", data: "QQ==" }, inline("image/png")],
    [{ type: "image", data: "QQ==" }, inline("image/jpeg")],
    [{ type: "image", mimeType: "image/*", data: "QQ==" }, inline("image/jpeg")],
    [{ type: "image", url: "data:image/webp;base64,QQ==" }, inline("image/webp")],
    [{ type: "file", url: "data:audio/wav;rate=8;base64,QQ==" }, inline("audio/wav")],
    [{ type: "file", mimeType: "application/pdf", data: "QQ==", name: "a.pdf" }, inline("application/pdf")],
    [{ type: "file", mimeType: "video/mp4", data: "QQ==" }, inline("video/mp4")],
    [{ type: "file", data: "QQ==" }, inline("application/octet-stream")],
    [{ type: "file", url: video }, { fileData: { fileUri: video } }],
    [
      { type: "file", url: file, mimeType: "audio/mp3" },
      { fileData: { mimeType: "audio/mp3", fileUri: file } },
    ],
    [
      { type: "image", url: "https://example.org/a.png", mimeType: "image/png" },
      { fileData: { mimeType: "image/png", fileUri: "https://example.org/a.png" } },
    ],
  ];
  for (const [part, expected] of cases) {
    assert.deepEqual(contentsOf([user(part)]), [{ role: "user", parts: [expected] }], JSON.stringify(part));
  }
});

test("an attachment without bytes and without an address is refused where it stands", () => {
  const nowhere = { type: "image", url: "ftp://example.org/x.png" } as const;
  for (const [part, param] of [
    [nowhere, "attachments"],
    [{ ...nowhere, param: "messages[0].content[1].image_url.url" }, "messages[0].content[1].image_url.url"],
    [{ type: "file", url: "data:text/plain,plain" } as const, "attachments"],
  ] as const) {
    assert.throws(
      () => bodyOf({ messages: [user(part)] }),
      (error: GatewayError) => error.code === "invalid_request" && error.param === param,
    );
  }
});

function inline(mimeType: string): Json {
  return { inlineData: { mimeType, data: "QQ==" } };
}

test("the pictures of a result stand within it where the model takes them, else after it as the user's", () => {
  const picture = { type: "image", mimeType: "image/png", data: "QQ==" } as const;
  const sound = { type: "file", mimeType: "audio/wav", data: "QQ==" } as const;
  const messages: PromptMessage[] = [
    says("a"),
    { role: "assistant", content: "", toolCalls: [call("c1", signed("s")), call("c2")] },
    result("c1", { media: [picture, sound] }),
    result("c2"),
    says("well?"),
  ];
  const beside = { text: "Belongs to the result of look:" };
  const response = { id: "c1", name: "look", response: { output: "seen" } };
  const second = { functionResponse: { ...response, id: "c2" } };
  const turns = (model: string) => (contentsOf(messages, model) as unknown[]).slice(2);
  assert.deepEqual(turns(flash), [
    {
      role: "user",
      parts: [{ functionResponse: { ...response, parts: [inline("image/png")] } }, second],
    },
    { role: "user", parts: [beside, inline("audio/wav"), { text: "well?" }] },
  ]);
  assert.deepEqual(turns("gemini-2.5-flash"), [
    { role: "user", parts: [{ functionResponse: response }, second] },
    {
      role: "user",
      parts: [beside, inline("image/png"), beside, inline("audio/wav"), { text: "well?" }],
    },
  ]);
  messages.pop();
  assert.deepEqual((turns("gemini-2.5-flash")[1] as { parts: unknown[] }).parts.length, 4);
});
