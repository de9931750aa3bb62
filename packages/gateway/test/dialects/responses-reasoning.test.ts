import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type OpenAI from "openai";
import type { Json } from "../support/gateway.ts";
import { type ResponsesRig, startResponsesRig, weather, wireModels } from "./responses-rig.ts";

/** Thoughts: what of them callers see, and that providers get back what they want back, by either way. */

let rig: ResponsesRig;
let client: OpenAI;

before(async () => {
  rig = await startResponsesRig();
  client = rig.client;
});

after(() => rig.close());

const include: OpenAI.Responses.ResponseIncludable[] = ["reasoning.encrypted_content"];
const reasoning = { effort: "low" as const, summary: "auto" as const };
const thinks = [
  { reasoning: "Hm" },
  { reasoning: "m." },
  { text: "Let me see." },
  { call: { name: "get_weather", arguments: { city: "Bern" }, id: "call_1" } },
];

/** What came of the call in a response. */
function outputOf({ output }: OpenAI.Responses.Response): OpenAI.Responses.ResponseInputItem {
  const call = output.find((it) => it.type === "function_call");
  return { type: "function_call_output", call_id: call!.call_id, output: "20 °C" };
}

/** What each provider has to get back with the conversation. */
const marks: Record<string, RegExp> = {
  [wireModels.messages]: /"signature":"fake-signature"/,
  [wireModels.google]: /"thoughtSignature":"signature-of-call_1"/,
  [wireModels.responses]: /"encrypted_content":"fake-signature"/,
};

for (const [model, mark] of Object.entries(marks)) {
  describe(model, () => {
    const ask = { model, tools: [weather], reasoning };
    const question = [{ role: "user" as const, content: "Weather?" }];

    async function first(more: Json): Promise<OpenAI.Responses.Response> {
      rig.fake.script(thinks);
      const stream = client.responses.stream({ ...ask, input: question, ...more });
      const made = await stream.finalResponse();
      rig.fake.script([{ text: "Sunny." }]);
      return made;
    }

    test("thoughts are summaries before what was said", async () => {
      const made = await first({});
      assert.deepEqual(
        made.output.map((it) => it.type),
        ["reasoning", "message", "function_call"],
      );
      const [thought] = made.output;
      assert.ok(thought?.type === "reasoning");
      assert.deepEqual(thought.summary, [{ type: "summary_text", text: "Hmm." }]);
      assert.ok(!("encrypted_content" in thought));
    });

    test("what is sealed is there for those who ask, whenever they ask", async () => {
      const made = await first({ include });
      const sealedIn = (it: OpenAI.Responses.Response) =>
        it.output.find((one) => one.type === "reasoning")?.encrypted_content;
      assert.equal(typeof sealedIn(made), "string");
      assert.equal(sealedIn(await client.responses.retrieve(made.id)), undefined);
      assert.equal(sealedIn(await client.responses.retrieve(made.id, { include })), sealedIn(made));
      const unasked = await first({});
      assert.equal(sealedIn(unasked), undefined);
      assert.equal(typeof sealedIn(await client.responses.retrieve(unasked.id, { include })), "string");
    });

    test("they go back by the store, though the caller never saw them", async () => {
      const made = await first({});
      await client.responses.create({ ...ask, input: [outputOf(made)], previous_response_id: made.id });
      assert.match(JSON.stringify(rig.lastSent()), mark);
    });

    test("they go back with the caller's own items, nothing stored", async () => {
      const made = await first({ include, store: false });
      await client.responses.create({
        ...{ ...ask, include, store: false },
        input: [...question, ...(made.output as never[]), outputOf(made)],
      });
      assert.match(JSON.stringify(rig.lastSent()), mark);
    });

    test("they go back by references to them", async () => {
      const made = await first({});
      const refer = made.output.map(({ id }) => ({ type: "item_reference" as const, id: id! }));
      await client.responses.create({ ...ask, input: [...question, ...refer, outputOf(made)] });
      assert.match(JSON.stringify(rig.lastSent()), mark);
    });
  });
}

describe("a conversation that goes on with another provider", () => {
  const wires = [wireModels.chat, ...(Object.keys(marks) as (keyof typeof marks)[])];
  for (const from of Object.keys(marks)) {
    for (const to of wires.filter((it) => it !== from)) {
      test(`leaves behind what only ${from} could read, on its way to ${to}`, async () => {
        rig.fake.script(thinks);
        const ask = { tools: [weather], reasoning };
        const made = await client.responses.create({ ...ask, model: from, input: "Weather?" });
        rig.fake.script([{ text: "Sunny." }]);
        const next = await client.responses.create({
          ...{ ...ask, model: String(to), input: [outputOf(made)], previous_response_id: made.id },
        });
        assert.equal(next.output_text, "Sunny.");
        const sent = JSON.stringify(rig.lastSent());
        for (const it of ["Let me see.", "20 °C"]) assert.ok(sent.includes(it), `${it} in ${sent}`);
        assert.doesNotMatch(sent, /fake-signature|signature-of|oc1\.|extra_content/);
      });
    }
  }
});

describe("a provider of the same dialect", () => {
  const model = wireModels.responses;

  test("keeps nothing, and is asked for thoughts that can be given back only where they may be needed", async () => {
    rig.fake.script([{ text: "ok" }]);
    await client.responses.create({ model, input: "hi", reasoning });
    assert.deepEqual([rig.lastSent().store, rig.lastSent().include], [false, include]);
    await client.responses.create({ model, input: "hi", store: false });
    assert.deepEqual([rig.lastSent().store, rig.lastSent().include], [false, undefined]);
    await client.responses.create({ model, input: "hi", include: ["message.output_text.logprobs"] });
    assert.deepEqual(rig.lastSent().include, ["message.output_text.logprobs", ...include]);
  });

  test("does not get answers by the names of thoughts that are lost", async () => {
    rig.fake.script([{ text: "ok" }]);
    await client.responses.create({
      ...{ model, store: false },
      input: [
        { id: "msg_u", type: "message", role: "user", content: [{ type: "input_text", text: "a" }] },
        { id: "rs_1", type: "reasoning", summary: [] },
        {
          ...{ id: "msg_1", type: "message", role: "assistant", status: "completed" },
          content: [{ type: "output_text", text: "b", annotations: [] }],
        },
        { role: "user", content: "c" },
      ] as never,
    });
    assert.deepEqual(rig.lastSent().input, [
      { id: "msg_u", type: "message", role: "user", content: [{ type: "input_text", text: "a" }] },
      {
        ...{ type: "message", role: "assistant", status: "completed" },
        content: [{ type: "output_text", text: "b", annotations: [] }],
      },
      { role: "user", content: "c" },
    ]);
  });

  test("gets open thoughts, which some servers want, and everything unheard of as it is", async () => {
    rig.fake.script([{ text: "ok" }]);
    const input = [
      { role: "user", content: "a" },
      { id: "rs_1", type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "hm" }] },
      { id: "msg_1", type: "message", role: "assistant", content: "b", extra_content: { theirs: 1 } },
      { type: "vendor_thing", id: "vt_1", deep: [1, null] },
      { role: "user", content: "c" },
    ];
    const body = { model, input, vendor: { deep: [1] }, top_logprobs: 2, prompt: { id: "pmpt_1" } };
    await client.responses.create(body as never);
    assert.deepEqual(rig.lastSent(), { ...body, model: "model", store: false, include });
  });
});
