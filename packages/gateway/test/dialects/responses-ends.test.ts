import assert from "node:assert/strict";
import { test } from "node:test";
import { createCompletionWriter } from "../../src/api/dialects/chat-completions/answer.ts";
import type { Json } from "../../src/api/dialects/dialect.ts";
import { createResponseWriter } from "../../src/api/dialects/responses/writer.ts";
import type { ModelEvent } from "../../src/runtime/models/types.ts";

const head = { id: "resp_1", created: 1, model: "a/b", now: () => 2 };
const usage = { promptTokens: 1, completionTokens: 1, totalTokens: 2 };

function statuses(events: readonly ModelEvent[]): unknown[] {
  const writer = createResponseWriter(head, {});
  const pieces = events.flatMap((it) => writer.take(it));
  const done = pieces.filter((it) => it.type === "response.output_item.done");
  return done.map((it) => (it.item as Json).status);
}

const call = (index: number, written: string): ModelEvent => ({
  type: "tool.call",
  index,
  call: { id: `c${index}`, name: "f", arguments: written },
});

test("of an answer that was cut the last item is incomplete, and those before it are whole", () => {
  const cut: ModelEvent = { type: "finish", reason: "length", usage };
  assert.deepEqual(statuses([call(0, "{}"), call(1, '{"a":'), cut]), ["completed", "incomplete"]);
  assert.deepEqual(statuses([{ type: "text", delta: "half" }, cut]), ["incomplete"]);
  const whole: ModelEvent = { type: "finish", reason: "tool_calls", usage };
  assert.deepEqual(statuses([call(0, "{}"), call(1, "{}"), whole]), ["completed", "completed"]);
});

test("a call without arguments is streamed with an empty object in Chat Completions", () => {
  const writer = createCompletionWriter(head, false);
  const begin: ModelEvent = { type: "tool.delta", index: 0, id: "c", name: "f", delta: "" };
  const pieces = [begin, call(0, "{}")].flatMap((it) => writer.take(it));
  const written = pieces.flatMap(
    (it) =>
      (it.choices as { delta: { tool_calls?: { function: { arguments: string } }[] } }[])[0]!.delta
        .tool_calls ?? [],
  );
  assert.equal(written.map((it) => it.function.arguments).join(""), "{}");
});
