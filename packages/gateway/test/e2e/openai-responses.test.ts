import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import {
  failureOf,
  models,
  pixel,
  type ResponsesRig,
  startResponsesRig,
  turnsOf,
  weather,
  wireModels,
} from "../dialects/responses-rig.ts";
import { until } from "../support/until.ts";

/** OpenAI's official SDK: Responses, and the helpers of both dialects, before providers of all wires. */

let rig: ResponsesRig;
let client: OpenAI;

before(async () => {
  rig = await startResponsesRig();
  client = rig.client;
});

after(() => rig.close());

const place = z.object({ city: z.string(), people: z.number() });
const bern = { city: "Bern", people: 134_000 };

for (const model of models) {
  describe(model, () => {
    test("a response, whole", async () => {
      rig.fake.script([
        { text: "Hello" },
        { text: " there" },
        { usage: { prompt: 7, completion: 3, cached: 2 } },
      ]);
      const answer = await client.responses.create({ model, input: "hi", instructions: "Be kind." });
      assert.equal(answer.output_text, "Hello there");
      assert.deepEqual([answer.object, answer.status, answer.model], ["response", "completed", model]);
      assert.match(answer.id, /^resp_/);
      assert.equal(answer.usage!.total_tokens, 10);
      assert.equal(answer.usage!.input_tokens_details.cached_tokens, 2);
      assert.match(JSON.stringify(rig.lastSent()), /Be kind\./);
    });

    test("a stream: the deltas as they came, and the response that they make", async () => {
      rig.fake.script([{ text: "a" }, { text: "b\r\n" }, { text: "😀" }]);
      const stream = client.responses.stream({ model, input: "hi" });
      const deltas: string[] = [];
      stream.on("response.output_text.delta", ({ delta }) => deltas.push(delta));
      const answer = await stream.finalResponse();
      assert.deepEqual(deltas, ["a", "b\r\n", "😀"]);
      assert.deepEqual([answer.output_text, answer.status, answer.model], ["ab\r\n😀", "completed", model]);
      assert.equal((await client.responses.retrieve(answer.id)).output_text, "ab\r\n😀");
    });

    test("the tools loop: calls side by side, their outputs, the answer", async () => {
      rig.fake.script([
        { text: "Let me see." },
        { call: { name: "get_weather", id: "call_1", pieces: ['{"city"', ':"Be', 'rn"}'] } },
        { call: { name: "get_weather", id: "call_2", arguments: { city: "Basel" } } },
      ]);
      const stream = client.responses.stream({ model, input: "Weather?", tools: [weather] });
      const ended: string[] = [];
      stream.on("response.function_call_arguments.done", (it) => ended.push(it.arguments));
      const first = await stream.finalResponse();
      const calls = first.output.filter((it) => it.type === "function_call");
      assert.deepEqual(
        calls.map((it) => [it.name, JSON.parse(it.arguments)]),
        [
          ["get_weather", { city: "Bern" }],
          ["get_weather", { city: "Basel" }],
        ],
      );
      assert.equal(ended.length, 2);
      rig.fake.script([{ text: "Sunny and rainy." }]);
      const outputs = calls.map(({ call_id, arguments: asked }) => ({
        ...{ type: "function_call_output" as const, call_id },
        output: asked.includes("Bern") ? "20 °C" : "10 °C",
      }));
      const stateless = await client.responses.create({
        ...{ model, tools: [weather], store: false },
        input: [{ role: "user", content: "Weather?" }, ...(first.output as never[]), ...outputs],
      });
      assert.equal(stateless.output_text, "Sunny and rainy.");
      const sent = JSON.stringify(rig.lastSent());
      for (const it of ["Let me see.", "20 °C", "10 °C", "Basel"]) assert.ok(sent.includes(it), it);
      await client.responses.create({
        model,
        tools: [weather],
        input: outputs,
        previous_response_id: first.id,
      });
      const byStore = JSON.stringify(rig.lastSent());
      for (const it of ["Let me see.", "20 °C", "10 °C", "Basel"]) assert.ok(byStore.includes(it), it);
    });

    test("structured output, parsed by the SDK", async () => {
      rig.fake.script([{ text: JSON.stringify(bern) }]);
      const answer = await client.responses.parse({
        ...{ model, input: "Bern?", text: { format: zodTextFormat(place, "place") } },
      });
      assert.deepEqual(answer.output_parsed, bern);
      assert.match(JSON.stringify(rig.lastSent()), /"people"/, "the schema reaches the provider");
      const stream = client.responses.stream({
        ...{ model, input: "Bern?", text: { format: zodTextFormat(place, "place") } },
      });
      assert.deepEqual((await stream.finalResponse()).output_parsed, bern);
    });

    test("a picture reaches the provider", async () => {
      rig.fake.script([{ text: "seen" }]);
      const answer = await client.responses.create({
        model,
        input: [
          {
            role: "user",
            content: [
              { type: "input_text", text: "What is this?" },
              { type: "input_image", image_url: `data:image/png;base64,${pixel}`, detail: "auto" },
            ],
          },
        ],
      });
      assert.equal(answer.output_text, "seen");
      assert.ok(JSON.stringify(rig.lastSent()).includes(pixel));
    });

    test("too little room is told as an incomplete response", async () => {
      rig.fake.script([{ text: "half" }, { finish: "length" }]);
      for (const stream of [false, true]) {
        const ask = { model, input: "hi", max_output_tokens: 16 };
        const answer = stream
          ? await client.responses.stream(ask).finalResponse()
          : await client.responses.create(ask);
        assert.equal(answer.status, "incomplete");
        assert.equal(answer.incomplete_details!.reason, "max_output_tokens");
        assert.equal(answer.output_text, "half");
      }
    });

    test("a caller that leaves closes the upstream socket", async () => {
      rig.fake.script([{ text: "a" }, { hang: true }]);
      const index = rig.fake.requests.length;
      const stream = await client.responses.create({ model, input: "hi", stream: true });
      for await (const event of stream) if (event.type === "response.output_text.delta") break;
      await until(() => rig.fake.requests[index]!.aborted, "the stream's upstream socket closes");

      rig.fake.script([{ hang: true }]);
      const leaving = new AbortController();
      const plain = client.responses.create({ model, input: "hi" }, { signal: leaving.signal });
      await until(() => rig.fake.requests.length === index + 2, "the provider is asked");
      leaving.abort();
      await assert.rejects(plain, OpenAI.APIUserAbortError);
      await until(() => rig.fake.requests[index + 1]!.aborted, "the plain call's upstream socket closes");
    });

    test("what the provider fails with comes as the SDK's own classes", async () => {
      const fails = (status: number, stream: boolean) => {
        const headers = { "retry-after": "0" };
        rig.fake.script([{ status, headers, body: { error: { message: "no such toy", type: "x" } } }]);
        return failureOf(client.responses.create({ model, input: "hi", stream }) as Promise<unknown>);
      };
      for (const stream of [false, true]) {
        const bad = await fails(400, stream);
        assert.ok(bad instanceof OpenAI.BadRequestError);
        assert.match(bad.message, /no such toy/);
        assert.deepEqual([bad.code, bad.type], ["invalid_request", "invalid_request"]);
        assert.equal((await fails(401, stream)).status, 502, "our key is never the caller's 401");
        assert.ok((await fails(404, stream)) instanceof OpenAI.NotFoundError);
        const slow = await fails(429, stream);
        assert.ok(slow instanceof OpenAI.RateLimitError);
        assert.equal(slow.type, "too_many_requests");
        assert.equal((await fails(500, stream)).status, 502);
      }
    });

    test("what fails midway is an error of the stream", async () => {
      rig.fake.script([{ text: "a" }, { cut: true }]);
      const stream = client.responses.stream({ model, input: "hi" });
      let text = "";
      stream.on("response.output_text.delta", ({ delta }) => {
        text += delta;
      });
      await assert.rejects(stream.finalResponse(), (error) => {
        assert.ok(error instanceof OpenAI.APIError);
        assert.equal(error.code, "upstream_error");
        return true;
      });
      assert.equal(text, "a");
    });

    test("a conversation is compacted, and goes on from there", async () => {
      rig.fake.script(({ path }) =>
        path.endsWith("/compact")
          ? [
              {
                status: 200,
                body: {
                  ...{ id: "resp_c", object: "response.compaction", created_at: 1 },
                  output: [{ id: "cmp_1", type: "compaction", encrypted_content: "theirs" }],
                  usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
                },
              },
            ]
          : [{ text: "They spoke of cobalt." }],
      );
      const input = [
        { role: "user" as const, content: "The word is cobalt." },
        { role: "assistant" as const, content: "OK." },
      ];
      const { output, object } = await client.responses.compact({ model, input } as never);
      assert.equal(object, "response.compaction");
      assert.ok(output.some((it) => it.type === "compaction"));
      await client.responses.create({
        ...{ model, input: [...(output as never[]), { role: "user", content: "Which word?" }] },
      });
      const sent = JSON.stringify(rig.lastSent());
      assert.match(sent, model === wireModels.responses ? /theirs/ : /They spoke of cobalt/);
      assert.match(sent, /Which word\?/);
      assert.doesNotMatch(sent, /The word is cobalt/);
    });

    test("Chat Completions: stream, parse and runTools", async () => {
      const messages = [{ role: "user" as const, content: "Bern?" }];
      rig.fake.script([{ text: "Hel" }, { text: "lo" }]);
      const stream = client.chat.completions.stream({ model, messages });
      assert.equal(await stream.finalContent(), "Hello");

      rig.fake.script([{ text: JSON.stringify(bern) }]);
      const parsed = await client.chat.completions.parse({
        ...{ model, messages, response_format: zodResponseFormat(place, "place") },
      });
      assert.deepEqual(parsed.choices[0]!.message.parsed, bern);

      for (const streamed of [false, true]) {
        const from = rig.fake.requests.length;
        rig.fake.script((_request, count) =>
          count === from
            ? [{ call: { name: "get_weather", arguments: { city: "Bern" }, id: "call_1" } }]
            : [{ text: "Sunny." }],
        );
        const asked: unknown[] = [];
        const { name, description, parameters } = weather;
        const run = {
          type: "function" as const,
          function: {
            ...{ name, description, parameters, parse: JSON.parse },
            function(given: object) {
              asked.push(given);
              return "20 °C";
            },
          },
        };
        const ask = { model, messages, tools: [run] };
        const runner = streamed
          ? client.chat.completions.runTools({ ...ask, stream: true })
          : client.chat.completions.runTools(ask);
        assert.equal(await runner.finalContent(), "Sunny.");
        assert.deepEqual(asked, [{ city: "Bern" }]);
        assert.match(JSON.stringify(rig.lastSent()), /20 °C/);
      }
    });
  });
}

test("messages in all their forms are turns of one conversation", async () => {
  rig.fake.script([{ text: "ok" }]);
  await client.responses.create({
    model: wireModels.chat,
    input: [
      { role: "developer", content: "Be kind." },
      { role: "user", content: "one" },
      { role: "assistant", content: "two", phase: "commentary" },
      { type: "message", role: "user", content: [{ type: "input_text", text: "three" }] },
      {
        ...{ type: "message", role: "assistant", id: "msg_1", status: "completed" },
        content: [{ type: "output_text", text: "four", annotations: [] }],
      },
      { role: "user", content: "five" },
    ] as never,
  });
  assert.deepEqual(turnsOf(rig.lastSent()), [
    ...["user: one", "assistant: two", "user: three", "assistant: four", "user: five"],
  ]);
  assert.match(JSON.stringify(rig.lastSent()), /Be kind/);
});
