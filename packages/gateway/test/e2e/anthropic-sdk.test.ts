import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import {
  hello,
  type MessagesRig,
  max_tokens,
  startMessagesRig,
  textOf,
  weather,
} from "../dialects/messages-rig.ts";
import { until } from "../support/until.ts";

/** The official SDK of Anthropic against the gateway: the vendor's own wire, and those of others. */

let rig: MessagesRig;
let fake: MessagesRig["fake"];
let client: Anthropic;

before(async () => {
  rig = await startMessagesRig();
  ({ fake, client } = rig);
});

after(() => rig.close());

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";

/** One model of each wire; all have to look alike to the SDK. */
const models = ["anthropic/claude-sonnet-4-5", "openai/gpt-4o", "google/gemini-2.5-pro"];

for (const model of models) {
  describe(model, () => {
    test("a plain message", async () => {
      fake.script([
        { text: "Hello" },
        { text: " there" },
        { usage: { prompt: 7, completion: 3, cached: 2 } },
      ]);
      const answer = await client.messages.create({ model, max_tokens, messages: hello, system: "Be kind." });
      assert.equal(textOf(answer), "Hello there");
      assert.equal(answer.type, "message");
      assert.equal(answer.stop_reason, "end_turn");
      assert.equal(answer.model, model);
      assert.match(answer.id, /^msg_/);
      const { input_tokens, output_tokens, cache_read_input_tokens } = answer.usage;
      assert.deepEqual([input_tokens, output_tokens, cache_read_input_tokens], [5, 3, 2]);
      assert.match(JSON.stringify(fake.requests.at(-1)!.body), /Be kind\./);
    });

    test("a stream: one event per delta, the model in its beginning, the usage in its end", async () => {
      fake.script([
        { text: "a" },
        { text: "b\r\n" },
        { text: "😀" },
        { usage: { prompt: 7, completion: 3 } },
      ]);
      const stream = client.messages.stream({ model, max_tokens, messages: hello });
      const events: Anthropic.MessageStreamEvent[] = [];
      for await (const event of stream) events.push(event);
      assert.deepEqual(
        events.map((it) => it.type),
        [
          "message_start",
          "content_block_start",
          ...["content_block_delta", "content_block_delta", "content_block_delta"],
          "content_block_stop",
          "message_delta",
          "message_stop",
        ],
      );
      const [first] = events;
      assert.ok(first?.type === "message_start");
      assert.equal(first.message.model, model);
      const answer = await stream.finalMessage();
      assert.equal(textOf(answer), "ab\r\n😀");
      assert.match(answer.id, /^msg_/);
      assert.deepEqual([answer.usage.input_tokens, answer.usage.output_tokens], [7, 3]);
    });

    test("the tools loop, as the SDK runs it", async () => {
      const from = fake.requests.length;
      fake.script((_request, count) =>
        count === from
          ? [
              { text: "Let me see." },
              { call: { name: "get_weather", arguments: { city: "Bern" }, id: "toolu_1" } },
            ]
          : [{ text: "Sunny." }],
      );
      const asked: unknown[] = [];
      const run = (input: unknown) => {
        asked.push(input);
        return "sunny, 20 °C";
      };
      const runner = client.beta.messages.toolRunner({
        model,
        max_tokens,
        messages: [{ role: "user", content: "Weather in Bern?" }],
        tools: [{ ...weather, type: "custom", run, parse: (it: unknown) => it }],
      });
      const answer = await runner.runUntilDone();
      assert.equal(textOf(answer), "Sunny.");
      assert.deepEqual(asked, [{ city: "Bern" }]);
      // The SDK first asks for a thread that the provider keeps; only the vendor is asked for one.
      const threads = fake.requests.slice(from).map((it) => it.body.thread !== undefined);
      assert.deepEqual(threads, model.startsWith("anthropic/") ? [true, true] : [false, false]);
      assert.match(JSON.stringify(fake.requests.at(-1)!.body), /sunny, 20 °C/);
    });

    test("streamed calls are put together by the SDK", async () => {
      const pieces = ['{"city"', ':"Be', 'rn"}'];
      fake.script([
        { call: { name: "get_weather", id: "toolu_1", pieces } },
        { call: { name: "get_weather", id: "toolu_2", arguments: { city: "Basel" } } },
      ]);
      const stream = client.messages.stream({ model, max_tokens, messages: hello, tools: [weather] });
      const answer = await stream.finalMessage();
      assert.equal(answer.stop_reason, "tool_use");
      const inputs = answer.content.flatMap((it) => (it.type === "tool_use" ? [it.input] : []));
      assert.deepEqual(inputs, [{ city: "Bern" }, { city: "Basel" }]);
    });

    test("pictures and documents reach the provider", async () => {
      fake.script([{ text: "seen" }]);
      const source = { type: "base64" as const, media_type: "image/png" as const, data: pixel };
      const pdf = { type: "base64" as const, media_type: "application/pdf" as const, data: "JVBERi0xLjQK" };
      const content: Anthropic.ContentBlockParam[] = [
        { type: "image", source },
        { type: "document", source: pdf, title: "a.pdf" },
        { type: "text", text: "What is this?" },
      ];
      const answer = await client.messages.create({
        model,
        max_tokens,
        messages: [{ role: "user", content }],
      });
      assert.equal(textOf(answer), "seen");
      const sent = JSON.stringify(fake.requests.at(-1)!.body);
      for (const it of [pixel, "JVBERi0xLjQK", "What is this?"]) assert.ok(sent.includes(it));
    });

    test("thoughts come as blocks with a signature", async () => {
      fake.script([{ reasoning: "Hm" }, { reasoning: "m." }, { text: "Yes." }]);
      const stream = client.messages.stream({
        ...{ model, max_tokens: 4096, messages: hello },
        thinking: { type: "enabled", budget_tokens: 2048 },
      });
      const thoughts: string[] = [];
      stream.on("thinking", (delta) => thoughts.push(delta));
      const { content } = await stream.finalMessage();
      assert.deepEqual(thoughts, ["Hm", "m."]);
      assert.deepEqual(
        content.map((it) => it.type),
        ["thinking", "text"],
      );
      const [thought] = content;
      assert.ok(thought?.type === "thinking");
      assert.equal(thought.thinking, "Hmm.");
      assert.notEqual(thought.signature, "");
    });

    test("a caller that leaves closes the upstream socket", async () => {
      fake.script([{ text: "a" }, { hang: true }]);
      const index = fake.requests.length;
      const stream = client.messages.stream({ model, max_tokens, messages: hello });
      for await (const event of stream) if (event.type === "content_block_delta") break;
      await until(() => fake.requests[index]!.aborted, "the stream's upstream socket closes");

      fake.script([{ hang: true }]);
      const leaving = new AbortController();
      const plain = client.messages.create(
        { model, max_tokens, messages: hello },
        { signal: leaving.signal },
      );
      await until(() => fake.requests.length === index + 2, "the provider is asked");
      leaving.abort();
      await assert.rejects(plain, Anthropic.APIUserAbortError);
      await until(() => fake.requests[index + 1]!.aborted, "the plain call's upstream socket closes");
    });

    test("what the provider fails with comes as the SDK's own error classes", async () => {
      const fails = async (
        status: number,
        text: string,
      ): Promise<InstanceType<typeof Anthropic.APIError>> => {
        const error = { type: "error", error: { type: "x", message: text }, message: text };
        fake.script([{ status, headers: { "retry-after": "0" }, body: error }]);
        const failure: unknown = await client.messages.create({ model, max_tokens, messages: hello }).then(
          () => assert.fail("it did not fail"),
          (thrown: unknown) => thrown,
        );
        assert.ok(failure instanceof Anthropic.APIError, String(failure));
        return failure;
      };
      const bad = await fails(400, "no such toy");
      assert.ok(bad instanceof Anthropic.BadRequestError);
      assert.equal(bad.type, "invalid_request_error");
      assert.match(bad.message, /no such toy/);
      const key = await fails(401, "bad key");
      assert.equal(key.status, 502, "our key is never the caller's 401");
      assert.equal(key.type, "api_error");
      assert.ok((await fails(404, "no such model")) instanceof Anthropic.NotFoundError);
      const slow = await fails(429, "slow down");
      assert.ok(slow instanceof Anthropic.RateLimitError);
      assert.equal(slow.type, "rate_limit_error");
    });

    test("what fails midway is an error of the stream", async () => {
      fake.script([{ text: "a" }, { cut: true }]);
      const stream = client.messages.stream({ model, max_tokens, messages: hello });
      let text = "";
      stream.on("text", (delta) => {
        text += delta;
      });
      await assert.rejects(stream.finalMessage(), (error) => {
        assert.ok(error instanceof Anthropic.APIError);
        assert.equal(error.type, "api_error");
        return true;
      });
      assert.equal(text, "a");
    });

    test("tokens are counted", async () => {
      fake.script([{ status: 200, body: { input_tokens: 42 } }]);
      const from = fake.requests.length;
      const counted = await client.messages.countTokens({ model, messages: hello, tools: [weather] });
      if (model.startsWith("anthropic/")) {
        assert.equal(counted.input_tokens, 42, "by the provider itself");
        assert.equal(fake.requests[from]!.path.split("?")[0], "/v1/messages/count_tokens");
      } else {
        assert.ok(counted.input_tokens > 20 && counted.input_tokens < 200, String(counted.input_tokens));
        assert.equal(fake.requests.length, from, "nobody is asked");
      }
    });

    test("what nobody could answer is refused in the vendor's envelope, in streams and in counts too", async () => {
      for (const stream of [false, true]) {
        const ask = client.messages.create({ model, max_tokens: -1, messages: hello, stream });
        await assert.rejects(ask, (error) => {
          assert.ok(error instanceof Anthropic.BadRequestError);
          assert.deepEqual(error.error, {
            type: "error",
            error: {
              type: "invalid_request_error",
              message: (error.error as Anthropic.ErrorResponse).error.message,
              code: "invalid_request",
              param: "max_tokens",
              requestId: error.headers?.get("x-request-id"),
            },
            request_id: error.headers?.get("x-request-id"),
          });
          return true;
        });
      }
      await assert.rejects(client.messages.countTokens({ model, messages: [] }), Anthropic.BadRequestError);
    });
  });
}
