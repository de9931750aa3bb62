import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import type { FakeStep } from "../support/fake-model.ts";
import type { Json } from "../support/gateway.ts";
import { models, type ResponsesRig, startResponsesRig, weather, wireModels } from "./responses-rig.ts";

/** Answers of Responses to the byte: the events in order, each field that clients insist on, and the ends. */

let rig: ResponsesRig;

before(async () => {
  rig = await startResponsesRig();
});

after(() => rig.close());

const orders = JSON.parse(
  readFileSync(new URL("./fixtures/responses/events.json", import.meta.url), "utf8"),
) as Record<string, string[]>; // our own file

const scripts: Record<string, FakeStep[]> = {
  text: [{ text: "Hel" }, { text: "lo" }, { usage: { prompt: 7, completion: 3, cached: 2 } }],
  "thought, text and calls": [
    { reasoning: "Hmm." },
    { text: "Let me see." },
    { call: { name: "get_weather", arguments: { city: "Bern" }, id: "call_1" } },
    { call: { name: "get_weather", arguments: { city: "Basel" }, id: "call_2" } },
  ],
  "cut short": [{ text: "half" }, { finish: "length" }],
  "broken off": [{ text: "half" }, { cut: true }],
};

async function streamed(body: Json): Promise<{ events: Json[]; text: string; type: string | null }> {
  const { text, headers, status } = await rig.ask({ ...body, stream: true });
  assert.equal(status, 200, text);
  const events = text
    .split("\n\n")
    .filter((it) => it.startsWith("event: "))
    .map((it) => {
      const [first, second, ...more] = it.split("\n");
      assert.deepEqual(more, [], "one line of data");
      const data = JSON.parse(second!.slice("data: ".length)) as Json;
      assert.equal(first, `event: ${data.type}`);
      return data;
    });
  return { events, text, type: headers.get("content-type") };
}

for (const model of models) {
  describe(model, () => {
    for (const [name, script] of Object.entries(scripts)) {
      test(`${name}: the events in their order, counted from 0`, async () => {
        rig.fake.script(script);
        const { events, text, type } = await streamed({ model, input: "hi", tools: [weather] });
        // Calls may come side by side; each item by itself is in order.
        const place = (it: Json, index: number) => it.output_index ?? (index < 2 ? -1 : 99);
        const told = events
          .map((it, index) => ({
            at: place(it, index),
            name: [it.type, it.item?.type].filter(Boolean).join(" "),
          }))
          .sort((one, other) => one.at - other.at)
          .map((it) => it.name);
        assert.deepEqual(told, orders[name]);
        assert.deepEqual(
          events.map((it) => it.sequence_number),
          events.map((_, index) => index),
        );
        assert.match(type ?? "", /^text\/event-stream/);
        assert.ok(text.endsWith("\n\ndata: [DONE]\n\n"));
        assert.doesNotMatch(text, /\r/);
      });
    }

    test("items and events agree about who said what", async () => {
      rig.fake.script(scripts["thought, text and calls"]);
      const { events } = await streamed({ model, input: "hi", tools: [weather] });
      const { response } = events.at(-1)!;
      const done = events.filter((it) => it.type === "response.output_item.done");
      assert.deepEqual(
        done.map((it) => it.item),
        response.output,
      );
      assert.deepEqual(
        done.map((it) => it.output_index),
        [0, 1, 2, 3],
      );
      assert.equal(new Set(response.output.map((it: Json) => it.id)).size, 4);
      for (const it of events.filter((one) => one.item_id !== undefined)) {
        assert.equal(it.item_id, response.output[it.output_index].id, it.type);
      }
      for (const it of events.filter((one) => one.response)) {
        assert.deepEqual([it.response.id, it.response.model], [response.id, model]);
      }
      const calls = response.output.slice(2);
      for (const it of calls) assert.ok(it.call_id.length > 0 && it.status === "completed");
      assert.notEqual(calls[0].call_id, calls[1].call_id);
    });

    test("whole and streamed answers say the same", async () => {
      rig.fake.script(scripts["thought, text and calls"]);
      const said = (it: Json) =>
        it.output.map((item: Json) => item.content ?? item.summary ?? [item.name, item.arguments]);
      const { events } = await streamed({ model, input: "hi", tools: [weather] });
      const whole = await rig.ask({ model, input: "hi", tools: [weather] });
      const end = events.at(-1)!.response;
      assert.deepEqual(said(whole.body), said(end));
      const { id: _, output: __, created_at, completed_at, ...fields } = whole.body;
      const { id: ___, output: ____, created_at: c, completed_at: d, ...streamedFields } = end;
      assert.deepEqual(fields, streamedFields);
      assert.ok([created_at, c].every((it) => Number.isInteger(it)));
    });

    test("a failure midway keeps nothing", async () => {
      rig.fake.script(scripts["broken off"]);
      const { events } = await streamed({ model, input: "hi" });
      const [error, end] = events.slice(-2) as [Json, Json];
      assert.deepEqual([error.code, error.error.code], ["upstream_error", "upstream_error"]);
      assert.equal(error.message, error.error.message);
      assert.deepEqual([end.response.status, end.response.error.code], ["failed", "server_error"]);
      assert.equal((await rig.gateway.api("GET", `/v1/responses/${end.response.id}`)).status, 404);
    });
  });
}

test("every field of a response is there, as it was asked for or by its default", async () => {
  rig.fake.script(scripts.text);
  const model = wireModels.messages;
  const plain = (await rig.ask({ model, input: "hi" })).body;
  assert.match(plain.id, /^resp_\w{20,}$/);
  assert.ok(Number.isInteger(plain.created_at) && plain.completed_at >= plain.created_at);
  const { id: _, output, created_at: __, completed_at: ___, ...fields } = plain;
  assert.deepEqual(output, [
    {
      ...{ id: output[0].id, type: "message", status: "completed", role: "assistant" },
      content: [{ type: "output_text", text: "Hello", annotations: [], logprobs: [] }],
    },
  ]);
  assert.deepEqual(fields, {
    ...{ object: "response", status: "completed", model, background: false, store: true },
    ...{ error: null, incomplete_details: null, instructions: null, previous_response_id: null },
    ...{ max_output_tokens: null, max_tool_calls: null, parallel_tool_calls: true, metadata: {} },
    ...{ prompt_cache_key: null, safety_identifier: null, service_tier: "default" },
    ...{
      reasoning: { effort: null, summary: null },
      text: { format: { type: "text" }, verbosity: "medium" },
    },
    ...{ temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0, top_logprobs: 0 },
    ...{ tool_choice: "auto", tools: [], truncation: "disabled" },
    usage: {
      ...{ input_tokens: 7, output_tokens: 3, total_tokens: 10 },
      input_tokens_details: { cached_tokens: 2, cache_write_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
  });
  const asked = {
    ...{ instructions: "Be kind.", temperature: 0.5, max_output_tokens: 2048, parallel_tool_calls: false },
    ...{ metadata: { a: "b" }, tool_choice: "required", store: false, prompt_cache_key: "k" },
  };
  const { body } = await rig.ask({ model, input: "hi", tools: [{ type: "function", name: "f" }], ...asked });
  for (const [name, value] of Object.entries(asked)) assert.deepEqual(body[name], value, name);
  assert.deepEqual(body.tools, [
    { type: "function", name: "f", description: null, parameters: null, strict: null },
  ]);
});

test("what a provider withholds is an incomplete response", async () => {
  rig.fake.script([{ text: "" }, { finish: "content_filter" }]);
  for (const model of [wireModels.chat, wireModels.google]) {
    const { body } = await rig.ask({ model, input: "hi" });
    assert.deepEqual([body.status, body.incomplete_details], ["incomplete", { reason: "content_filter" }]);
  }
});
