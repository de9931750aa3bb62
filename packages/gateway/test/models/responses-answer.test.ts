import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelEvent } from "../../src/runtime/models/types.ts";
import {
  added,
  begin,
  call,
  completed,
  done,
  event,
  finish,
  look,
  message,
  opaque,
  piece,
  read,
  response,
  said,
  thought,
  toolCall,
  toolDelta,
} from "./responses-events.ts";
import { only } from "./wire-under-test.ts";

type Json = Record<string, unknown>;

const thinking = (at: number, id: string, part: number, delta: string): Json =>
  event("reasoning_summary_text.delta", { output_index: at, item_id: id, summary_index: part, delta });

const table: [name: string, events: Json[], expected: Json[]][] = [
  [
    "empty deltas and what is not known are passed over",
    [
      ...begin,
      event("queued", {}),
      added(0, { type: "web_search_call", id: "ws_1", status: "in_progress" }),
      event("web_search_call.searching", { output_index: 0, item_id: "ws_1" }),
      done(0, { type: "web_search_call", id: "ws_1", status: "completed" }),
      added(1, { type: "custom_tool_call", id: "ctc_1", call_id: "x", name: "look", input: "" }),
      event("custom_tool_call_input.delta", { output_index: 1, delta: "hm" }),
      done(1, { type: "custom_tool_call", id: "ctc_1", call_id: "x", name: "look", input: "hm" }),
      event("some_day", { delta: "x" }),
      ...said(2, "", "Hel", "", "lo"),
      completed,
    ],
    [{ type: "text", delta: "Hel" }, { type: "text", delta: "lo" }, finish("stop")],
  ],
  [
    "calls side by side keep their arguments apart",
    [
      ...begin,
      added(0, call("a", "")),
      added(1, call("b", "")),
      piece(0, "a", '{"x"'),
      piece(1, "b", "{}"),
      piece(0, "a", ":1}"),
      event("function_call_arguments.done", { output_index: 1, item_id: "fc_b", arguments: "{}" }),
      done(1, call("b", "{}")),
      event("function_call_arguments.done", { output_index: 0, item_id: "fc_a", arguments: '{"x":1}' }),
      done(0, call("a", '{"x":1}')),
      completed,
    ],
    [
      toolDelta(0, "a", ""),
      toolDelta(1, "b", ""),
      toolDelta(0, "a", '{"x"'),
      toolDelta(1, "b", "{}"),
      toolDelta(0, "a", ":1}"),
      toolCall(1, "b", "{}"),
      toolCall(0, "a", '{"x":1}'),
      finish("tool_calls"),
    ],
  ],
  [
    "a call without arguments has an empty object",
    [...begin, added(0, call("a", "")), done(0, call("a", "")), completed],
    [toolDelta(0, "a", ""), toolCall(0, "a", "{}"), finish("tool_calls")],
  ],
  [
    "arguments that come at once are told too",
    [
      ...begin,
      added(0, call("a", "")),
      event("function_call_arguments.done", { output_index: 0, item_id: "fc_a", arguments: '{"x":1}' }),
      done(0, call("a", '{"x":1}')),
      done(1, call("b", '{"y":2}')),
      completed,
    ],
    [
      toolDelta(0, "a", ""),
      toolDelta(0, "a", '{"x":1}'),
      toolCall(0, "a", '{"x":1}'),
      toolDelta(1, "b", ""),
      toolDelta(1, "b", '{"y":2}'),
      toolCall(1, "b", '{"y":2}'),
      finish("tool_calls"),
    ],
  ],
  [
    "a server that gives a call another id in every event is understood, and its marks are kept",
    [
      ...begin,
      added(0, { ...call("a", ""), id: "x1", async: true }),
      event("function_call_arguments.delta", { output_index: 0, item_id: "x2", delta: "{}" }),
      done(0, { ...call("a", "{}"), id: "x3", namespace: "crm" }),
      completed,
    ],
    [
      toolDelta(0, "a", ""),
      toolDelta(0, "a", "{}"),
      {
        type: "tool.call",
        index: 0,
        call: {
          id: "a",
          name: "look",
          arguments: "{}",
          opaque: opaque({ itemId: "x3", async: true, namespace: "crm" }),
        },
      },
      finish("tool_calls"),
    ],
  ],
  [
    "a call that no event completes is complete at the end",
    [...begin, added(0, call("a", "")), piece(0, "a", "{}"), completed],
    [toolDelta(0, "a", ""), toolDelta(0, "a", "{}"), toolCall(0, "a", "{}"), finish("tool_calls")],
  ],
  [
    "thinking, text and calls come in their order, a blank line between the parts of a thought",
    [
      ...begin,
      added(0, thought("rs_1", { encrypted_content: "half" })),
      event("reasoning_summary_part.added", { output_index: 0, item_id: "rs_1", summary_index: 0 }),
      thinking(0, "rs_1", 0, "**One**"),
      thinking(0, "rs_1", 0, ""),
      event("reasoning_summary_part.done", { output_index: 0, item_id: "rs_1", summary_index: 0 }),
      event("reasoning_summary_part.added", { output_index: 0, item_id: "rs_1", summary_index: 1 }),
      thinking(0, "rs_1", 1, "two"),
      done(0, thought("rs_1", { encrypted_content: "sealed", summary: [{ text: "x" }, { text: "y" }] })),
      ...said(1, "so"),
      added(2, thought("rs_2")),
      done(2, thought("rs_2", { encrypted_content: "silent" })),
      added(3, thought("rs_3")),
      done(3, thought("rs_3")),
      added(4, call("a", "")),
      done(4, call("a", "{}")),
      completed,
    ],
    [
      { type: "thinking", delta: "**One**" },
      { type: "thinking", delta: "\n\n" },
      {
        type: "reasoning",
        block: { text: "**One**", opaque: opaque({ itemId: "rs_1", reasoningEncryptedContent: null }) },
      },
      { type: "thinking", delta: "two" },
      {
        type: "reasoning",
        block: { text: "two", opaque: opaque({ itemId: "rs_1", reasoningEncryptedContent: "sealed" }) },
      },
      { type: "text", delta: "so" },
      {
        type: "reasoning",
        block: { text: "", opaque: opaque({ itemId: "rs_2", reasoningEncryptedContent: "silent" }) },
      },
      toolDelta(0, "a", ""),
      toolDelta(0, "a", "{}"),
      toolCall(0, "a", "{}"),
      finish("tool_calls"),
    ],
  ],
  [
    "an open model thinks in plain text",
    [
      ...begin,
      added(0, { type: "reasoning", id: "rs_1", content: [] }),
      event("reasoning_text.delta", { output_index: 0, item_id: "rs_1", content_index: 0, delta: "h" }),
      event("reasoning_text.delta", { output_index: 0, item_id: "rs_1", content_index: 0, delta: "m" }),
      ...said(1, "ok"),
      completed,
    ],
    [
      { type: "thinking", delta: "h" },
      { type: "thinking", delta: "m" },
      {
        type: "reasoning",
        block: { text: "hm", opaque: opaque({ itemId: "rs_1", reasoningEncryptedContent: null }) },
      },
      { type: "text", delta: "ok" },
      finish("stop"),
    ],
  ],
  [
    "items that come without deltas are told all the same",
    [
      ...begin,
      done(0, thought("rs_1", { summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "s" })),
      done(1, { ...message, content: [{ type: "output_text", text: "one" }] }),
      ...said(2, "two"),
      done(3, { ...message, content: [{ type: "output_text", text: "three" }, null] }),
      completed,
    ],
    [
      { type: "thinking", delta: "hm" },
      {
        type: "reasoning",
        block: { text: "hm", opaque: opaque({ itemId: "rs_1", reasoningEncryptedContent: "s" }) },
      },
      { type: "text", delta: "one" },
      { type: "text", delta: "two" },
      { type: "text", delta: "three" },
      finish("stop"),
    ],
  ],
  [
    "an answer of nothing but its end says what the end says",
    [
      event("completed", {
        response: response({ output: [{ ...message, content: [{ type: "output_text", text: "all" }] }] }),
      }),
    ],
    [{ type: "text", delta: "all" }, finish("stop")],
  ],
];

for (const [name, events, expected] of table) {
  test(`responses: ${name}`, async (t) => {
    assert.deepEqual(await read(t, events), expected);
  });
}

test("responses: a wrapped call of several tools becomes the calls within", async (t) => {
  const uses = ["one", "two"].map((x) => ({ recipient_name: "functions.look", parameters: { x } }));
  const wrapper = (json: string) => ({ ...call("w", json), name: "parallel" });
  const stream = (json: string) => [
    ...begin,
    added(0, wrapper("")),
    piece(0, "w", json),
    done(0, wrapper(json)),
    completed,
  ];
  const calls = (events: ModelEvent[]) =>
    only(events, "tool.call").map(({ index, call: it }) => [index, it.id, it.name, it.arguments]);
  const json = JSON.stringify({ tool_uses: uses });
  const expected = [
    [0, "w_0", "look", '{"x":"one"}'],
    [1, "w_1", "look", '{"x":"two"}'],
  ];
  const events = await read(t, stream(json));
  assert.deepEqual(calls(events), expected);
  assert.deepEqual(
    only(events, "tool.delta").map((it) => [it.index, it.id, it.delta]),
    expected.map(([index, id, , given]) => [index, id, given]),
  );
  for (const odd of [
    "{}",
    json.replace("functions.look", "functions.other"),
    json.replace('{"x":"one"}', "1"),
  ])
    assert.deepEqual(calls(await read(t, stream(odd))), [[0, "w", "parallel", odd]]);
  const own = { tools: [look, { ...look, name: "parallel" }] };
  assert.deepEqual(calls(await read(t, stream(json), own)), [[0, "w", "parallel", json]]);
});
