import assert from "node:assert/strict";

type Json = Record<string, unknown>;

const word = /^[a-zA-Z0-9_-]{1,64}$/;

function nothingBlank(text: unknown, what: string): void {
  assert.ok(typeof text === "string" && /\S/.test(text), `${what} is blank`);
}

function wellFormed(value: unknown): void {
  if (typeof value === "string") assert.ok(value.isWellFormed(), "half a character");
  else if (typeof value === "object" && value !== null) Object.values(value).forEach(wellFormed);
}

/** https://platform.openai.com/docs/guides/function-calling: tool messages follow their calls directly, all of them answered. */
export function checkChatCompletions(body: Json): void {
  wellFormed(body);
  const messages = body.messages as Json[];
  let open: string[] = [];
  let isFirst = true;
  for (const it of messages) {
    if (it.role === "tool") {
      assert.ok(open.includes(String(it.tool_call_id)), "a result without its call");
      open = open.filter((id) => id !== it.tool_call_id);
      nothingBlank(it.content, "a result");
      continue;
    }
    assert.equal(open.length, 0, "calls without results");
    if (it.role === "system") {
      assert.ok(isFirst, "a system message within");
      continue;
    }
    if (isFirst) assert.equal(it.role, "user", "it begins with the user");
    isFirst = false;
    if (it.role === "user") {
      const parts = typeof it.content === "string" ? [{ type: "text", text: it.content }] : it.content;
      assert.ok(Array.isArray(parts) && parts.length > 0);
      for (const part of parts as Json[]) if (part.type === "text") nothingBlank(part.text, "a user's text");
    } else {
      const calls = (it.tool_calls ?? []) as { id: string; function: { name: string; arguments: string } }[];
      if (calls.length === 0) nothingBlank(it.content, "an answer");
      for (const { id, function: called } of calls) {
        assert.match(id, word);
        assert.match(called.name, word);
        const given: unknown = JSON.parse(called.arguments);
        assert.ok(typeof given === "object" && given !== null && !Array.isArray(given));
        assert.ok(!open.includes(id), "two calls with one id");
        open.push(id);
      }
    }
  }
  assert.equal(open.length, 0, "calls without results");
  assert.ok(["user", "tool"].includes(String(messages.at(-1)!.role)), "the model has the last word");
}

/** Templates of open models: user and assistant take turns, tool messages aside. */
export function checkTurns(body: Json): void {
  let last = "";
  for (const { role } of body.messages as Json[]) {
    assert.ok(role !== "user" || last !== "user", "two messages of the user in a row");
    last = String(role);
  }
}

/** https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use: each result in the very next message, in front. */
export function checkAnthropic(body: Json): void {
  wellFormed(body);
  const messages = body.messages as { role: string; content: Json[] }[];
  const used = new Set<unknown>();
  let open: unknown[] = [];
  messages.forEach(({ role, content }, index) => {
    assert.equal(role, index % 2 === 0 ? "user" : "assistant", "roles alternate from the user on");
    assert.ok(content.length > 0, "an empty message");
    const answered = content.filter((it) => it.type === "tool_result");
    assert.deepEqual(new Set(answered.map((it) => it.tool_use_id)), new Set(open), "results of all calls");
    assert.equal(answered.length, open.length, "one result for each call");
    assert.ok(content.slice(0, answered.length).every((it) => it.type === "tool_result"));
    open = [];
    for (const part of content) {
      if (part.type === "text") nothingBlank(part.text, "a text");
      if (part.type === "tool_result") assert.notDeepEqual(part.content, []);
      if (part.type !== "tool_use") continue;
      assert.match(String(part.id), word);
      assert.match(String(part.name), word);
      assert.equal(typeof part.input, "object");
      assert.ok(!used.has(part.id), "an id used twice");
      used.add(part.id);
      open.push(part.id);
    }
  });
  assert.equal(open.length, 0, "calls without results");
  assert.equal(messages.at(-1)!.role, "user", "the model has the last word");
}

/** https://ai.google.dev/gemini-api/docs/function-calling: a turn of calls follows the user, a turn of as many responses follows it. */
export function checkGemini(body: Json): void {
  wellFormed(body);
  const contents = body.contents as { role: string; parts: Record<string, Json>[] }[];
  let calls: unknown[] = [];
  let last: string | undefined;
  for (const { role, parts } of contents) {
    assert.ok(parts.length > 0, "an empty turn");
    for (const part of parts) if ("text" in part) nothingBlank(part.text, "a text");
    const answered = parts.filter((it) => it.functionResponse).map((it) => it.functionResponse!.name);
    assert.deepEqual(answered, calls, "responses match the calls before them");
    calls = parts.filter((it) => it.functionCall).map((it) => it.functionCall!.name);
    const kind = answered.length > 0 ? "response" : role;
    if (kind === "response") assert.equal(answered.length, parts.length);
    if (kind === "model") assert.ok(last === "user" || last === "response", "a model's turn after a user's");
    if (kind === "user") assert.notEqual(last, "user", "turns alternate");
    last = kind;
  }
  assert.equal(calls.length, 0, "calls without responses");
  assert.notEqual(last, "model", "the model has the last word");
}

/** https://platform.openai.com/docs/api-reference/responses/create: each function_call has its function_call_output. */
export function checkResponses(body: Json): void {
  wellFormed(body);
  const input = body.input as Json[];
  const used = new Set<unknown>();
  let open: unknown[] = [];
  let isFirst = true;
  for (const it of input) {
    if (it.type === "function_call_output") {
      assert.ok(open.includes(it.call_id), "an output without its call");
      open = open.filter((id) => id !== it.call_id);
      nothingBlank(it.output, "an output");
      continue;
    }
    if (it.type === "function_call") {
      assert.ok(!used.has(it.call_id), "an id used twice");
      used.add(it.call_id);
      open.push(it.call_id);
      assert.match(String(it.call_id), word);
      assert.match(String(it.name), word);
      JSON.parse(String(it.arguments));
      continue;
    }
    if (it.type === "reasoning") continue;
    assert.equal(open.length, 0, "calls without outputs");
    if (it.role === "system") assert.ok(isFirst, "a system message within");
    else {
      if (isFirst) assert.equal(it.role, "user", "it begins with the user");
      isFirst = false;
      const parts = it.content as Json[];
      assert.ok(parts.length > 0);
      for (const part of parts) if ("text" in part) nothingBlank(part.text, "a text");
    }
  }
  assert.equal(open.length, 0, "calls without outputs");
  const last = input.at(-1)!;
  assert.ok(last.role === "user" || last.type === "function_call_output", "the model has the last word");
}
