import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type OpenAI from "openai";
import { pixel, type ResponsesRig, startResponsesRig, wireModels } from "./responses-rig.ts";

/** What a kept response was asked, as it is listed. */

let rig: ResponsesRig;
let client: OpenAI;

before(async () => {
  rig = await startResponsesRig();
  client = rig.client;
});

after(() => rig.close());

describe("input items", () => {
  test("are paged through by the SDK, in either order", async () => {
    const said = Array.from({ length: 7 }, (_, index) => ({
      role: "user" as const,
      content: `line ${index}`,
    }));
    const { id } = await client.responses.create({ model: wireModels.chat, input: said });
    const texts = async (order: "asc" | "desc") => {
      const found: string[] = [];
      for await (const item of client.responses.inputItems.list(id, { limit: 3, order })) {
        assert.ok(item.type === "message" && item.id !== undefined);
        const [part] = item.content;
        assert.ok(part?.type === "input_text");
        found.push(part.text);
      }
      return found;
    };
    const lines = said.map((it) => it.content);
    assert.deepEqual(await texts("asc"), lines);
    assert.deepEqual(await texts("desc"), lines.toReversed());
  });

  test("are listed in full, whatever the caller left out", async () => {
    const { id } = await client.responses.create({
      model: wireModels.messages,
      input: [
        { role: "user", content: [{ type: "input_image", image_url: `data:image/png;base64,${pixel}` }] },
        { role: "assistant", content: "a dot" },
        { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
        { type: "function_call_output", call_id: "c", output: "x" },
      ] as never,
    });
    const { body } = await rig.gateway.api("GET", `/v1/responses/${id}/input_items?order=asc`);
    const [picture, said, ...others] = body.data;
    assert.deepEqual(picture.content, [
      { detail: "auto", type: "input_image", image_url: `data:image/png;base64,${pixel}` },
    ]);
    assert.deepEqual(said.content, [{ annotations: [], logprobs: [], type: "output_text", text: "a dot" }]);
    for (const it of [picture, said, ...others]) {
      assert.equal(it.status, "completed");
      assert.ok(typeof it.id === "string" && it.id !== "");
    }
    const again = await rig.gateway.api("GET", `/v1/responses/${id}/input_items?order=asc`);
    assert.deepEqual(again.body, body, "names stay");
  });

  test("belong to their response: what came before it is not among them", async () => {
    const one = await client.responses.create({ model: wireModels.chat, input: "first" });
    const two = await client.responses.create({
      ...{ model: wireModels.chat, input: "second", previous_response_id: one.id },
    });
    const { data, has_more } = await client.responses.inputItems.list(two.id);
    assert.equal(has_more, false);
    assert.deepEqual(
      data.map((it) => it.type === "message" && it.content),
      [[{ type: "input_text", text: "second" }]],
    );
  });

  test("refuse what is no page", async () => {
    const { id } = await client.responses.create({ model: wireModels.chat, input: "a" });
    for (const [query, param] of [
      ["limit=0", "limit"],
      ["limit=101", "limit"],
      ["limit=x", "limit"],
      ["order=up", "order"],
      ["after=nobody", "after"],
    ]) {
      const { status, body } = await rig.gateway.api("GET", `/v1/responses/${id}/input_items?${query}`);
      assert.deepEqual([status, body.error.param], [400, param], query);
    }
  });
});
