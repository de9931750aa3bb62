import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { all, begun, ended } from "../dialects/responses-background-rig.ts";
import {
  failureOf,
  type ResponsesRig,
  startResponsesRig,
  turnsOf,
  weather,
  wireModels,
} from "../dialects/responses-rig.ts";
import { until } from "../support/until.ts";

/** Responses that are made while nobody waits, by OpenAI's official SDK. */

type Event = OpenAI.Responses.ResponseStreamEvent;

let rig: ResponsesRig;
let client: OpenAI;

before(async () => {
  rig = await startResponsesRig();
  client = rig.client;
});

after(() => rig.close());

for (const model of [wireModels.chat, wireModels.messages, wireModels.responses]) {
  describe(model, () => {
    test("is queued at once, in progress while it is made, and completed then", async () => {
      const gate = Promise.withResolvers<void>();
      rig.fake.script([{ text: "so " }, { pause: gate.promise }, { text: "slow" }]);
      const asked = rig.fake.requests.length;
      const made = await client.responses.create({ model, input: "go", background: true });
      assert.equal(made.status, "queued");
      assert.equal(made.background, true);
      await until(() => rig.fake.requests.length > asked, "the provider is asked");
      assert.equal((await client.responses.retrieve(made.id)).status, "in_progress");
      gate.resolve();
      const done = await ended(made.id, client);
      assert.deepEqual([done.status, done.output_text, done.id], ["completed", "so slow", made.id]);
      assert.ok(done.usage!.total_tokens > 0);
      assert.equal(done.model, model);
    });

    test("may be continued, and continue others", async () => {
      let count = 0;
      rig.fake.script(() => [{ text: `answer ${++count}` }]);
      const one = await client.responses.create({ model, input: "first" });
      const made = await client.responses.create({
        ...{ model, input: "second", background: true, previous_response_id: one.id },
      });
      await ended(made.id, client);
      await client.responses.create({ model, input: "third", previous_response_id: made.id });
      assert.deepEqual(turnsOf(rig.lastSent()), [
        ...["user: first", "assistant: answer 1", "user: second", "assistant: answer 2", "user: third"],
      ]);
    });

    test("calls are kept like words", async () => {
      rig.fake.script([{ call: { name: "get_weather", arguments: { city: "Bern" }, id: "call_w" } }]);
      const made = await client.responses.create({
        ...{ model, input: "Weather?", background: true, tools: [weather] },
      });
      const call = (await ended(made.id, client)).output.find((it) => it.type === "function_call");
      assert.deepEqual(JSON.parse(call!.arguments), { city: "Bern" });
      rig.fake.script([{ text: "Sunny." }]);
      const next = await client.responses.create({
        ...{ model, tools: [weather], previous_response_id: made.id },
        input: [{ type: "function_call_output", call_id: call!.call_id, output: "20 °C" }],
      });
      assert.equal(next.output_text, "Sunny.");
      assert.match(JSON.stringify(rig.lastSent()), /20 °C/);
    });

    test("a stream can be left, and followed again from where it was left", async () => {
      const gate = Promise.withResolvers<void>();
      rig.fake.script([{ text: "one " }, { pause: gate.promise }, { text: "two" }]);
      const first = await client.responses.create({ model, input: "go", background: true, stream: true });
      const seen: Event[] = [];
      for await (const event of first) {
        seen.push(event);
        if (event.type === "response.output_text.delta") break;
      }
      assert.ok(seen[0]?.type === "response.created");
      const { id } = seen[0].response;
      assert.equal(seen[1]?.type, "response.queued");
      const following = client.responses.retrieve(id, {
        stream: true,
        starting_after: seen.at(-1)!.sequence_number,
      });
      const rest = all(await following);
      gate.resolve();
      const whole = [...seen, ...(await rest)];
      assert.deepEqual(
        whole.map((it) => it.sequence_number),
        whole.map((_, index) => index),
      );
      const said = whole.flatMap((it) => (it.type === "response.output_text.delta" ? [it.delta] : []));
      assert.deepEqual(said, ["one ", "two"]);
      const last = whole.at(-1);
      assert.ok(last?.type === "response.completed");
      assert.equal(last.response.id, id);

      const again = await all(await client.responses.retrieve(id, { stream: true }));
      assert.deepEqual(again, whole, "the same once more, from what is kept");
      const helped = client.responses.stream({ response_id: id, starting_after: 3 });
      assert.deepEqual(
        (await all(helped)).map((it) => it.sequence_number),
        whole.slice(4).map((it) => it.sequence_number),
      );
    });

    test("cancelling it breaks off the provider and the stream, and stays", async () => {
      rig.fake.script([{ text: "half" }, { hang: true }]);
      const index = rig.fake.requests.length;
      const stream = await client.responses.create({ model, input: "go", background: true, stream: true });
      const [id, watching] = await begun(stream);
      await until(() => rig.fake.requests.length > index, "the provider is asked");
      const cancelled = await client.responses.cancel(id);
      assert.equal(cancelled.status, "cancelled");
      const last = (await all(await client.responses.retrieve(id, { stream: true }))).at(-1)!;
      assert.ok(last.type === "response.incomplete", "the stream has an end, now and later");
      assert.equal(last.response.status, "cancelled");
      await until(() => rig.fake.requests[index]!.aborted, "the upstream socket closes");
      await watching;
      assert.equal((await client.responses.retrieve(id)).status, "cancelled");
      assert.equal((await client.responses.cancel(id)).status, "cancelled", "once more changes nothing");
    });

    test("what the provider fails with is what it fails with", async () => {
      rig.fake.script([{ text: "half" }, { cut: true }]);
      const made = await client.responses.create({ model, input: "go", background: true });
      const done = await ended(made.id, client);
      assert.equal(done.status, "failed");
      assert.equal(done.error!.code, "server_error");
      assert.ok(done.error!.message.length > 10);

      rig.fake.script([{ status: 400, body: { error: { message: "no such toy", type: "x" } } }]);
      const refused = await client.responses.create({ model, input: "go", background: true });
      const failed = await ended(refused.id, client);
      assert.deepEqual([failed.status, failed.error!.code], ["failed", "invalid_prompt"]);
      assert.match(failed.error!.message, /no such toy/);
    });
  });
}

describe("in the background", () => {
  const model = wireModels.chat;

  test("a response that is being made can be deleted, and its provider is left", async () => {
    rig.fake.script([{ text: "half" }, { hang: true }]);
    const index = rig.fake.requests.length;
    const made = await client.responses.create({ model, input: "go", background: true });
    await until(() => rig.fake.requests.length > index, "the provider is asked");
    await client.responses.delete(made.id);
    await until(() => rig.fake.requests[index]!.aborted, "the upstream socket closes");
    assert.ok((await failureOf(client.responses.retrieve(made.id))) instanceof OpenAI.NotFoundError);
  });

  test("a response goes on when nobody watches its stream any more", async () => {
    const gate = Promise.withResolvers<void>();
    rig.fake.script([{ text: "one " }, { pause: gate.promise }, { text: "two" }]);
    const stream = await client.responses.create({ model, input: "go", background: true, stream: true });
    const [id] = await begun(stream);
    stream.controller.abort();
    gate.resolve();
    assert.equal((await ended(id, client)).output_text, "one two");
  });

  test("a failure midway is told to those who watch, and to those who come later", async () => {
    rig.fake.script([{ text: "half" }, { cut: true }]);
    const { text } = await rig.gateway.api("POST", "/v1/responses", {
      ...{ model, input: "go", background: true, stream: true },
    });
    const told = eventsIn(text);
    assert.deepEqual(
      told.map((it) => it.sequence_number),
      told.map((_, index) => index),
    );
    assert.deepEqual(
      told.slice(-2).map((it) => it.type),
      ["error", "response.failed"],
    );
    const { id, status } = told.at(-1)!.response;
    assert.equal(status, "failed");
    const later = await rig.gateway.api("GET", `/v1/responses/${id}?stream=true`);
    assert.deepEqual(eventsIn(later.text), told);
    const end = await rig.gateway.api(
      "GET",
      `/v1/responses/${id}?stream=true&starting_after=${told.length - 2}`,
    );
    assert.deepEqual(eventsIn(end.text), told.slice(-1));
  });

  test("nothing else can be cancelled or streamed again", async () => {
    rig.fake.script([{ text: "a" }]);
    const plain = await client.responses.create({ model, input: "a" });
    const cancel = await failureOf(client.responses.cancel(plain.id));
    assert.deepEqual([cancel.status, cancel.param], [400, "response_id"]);
    const again = await failureOf(client.responses.retrieve(plain.id, { stream: true }) as Promise<unknown>);
    assert.deepEqual([again.status, again.param], [400, "stream"]);
    const unkept = await failureOf(
      client.responses.create({ model, input: "a", background: true, store: false }),
    );
    assert.deepEqual([unkept.status, unkept.param], [400, "store"]);
    const made = await client.responses.create({ model, input: "a", background: true, stream: true });
    const [id, rest] = await begun(made);
    await rest;
    const bad = await rig.gateway.api("GET", `/v1/responses/${id}?stream=true&starting_after=x`);
    assert.deepEqual([bad.status, bad.body.error.param], [400, "starting_after"]);
  });

  test("what could never be made is refused at once", async () => {
    const refused = async (body: object) => failureOf(client.responses.create({ model, ...body } as never));
    const asked = rig.fake.requests.length;
    const background = true;
    const unknown = await refused({ model: "nobody/model", input: "a", background });
    assert.deepEqual([unknown.status, unknown.param], [404, "model"]);
    const previous = await refused({ input: "a", background, previous_response_id: "resp_nowhere" });
    assert.equal(previous.code, "previous_response_not_found");
    const prompt = await refused({ input: "a", background, prompt: { id: "pmpt_1" } });
    assert.deepEqual([prompt.status, prompt.param], [400, "prompt"]);
    const output = [{ type: "function_call_output", call_id: "c", output: "x" }];
    const lost = await refused({ input: output, background });
    assert.deepEqual([lost.status, lost.param], [400, "input[0].call_id"]);
    assert.equal(rig.fake.requests.length, asked);
  });

  test("another credential neither sees, follows nor cancels it", async () => {
    rig.fake.script([{ text: "half" }, { hang: true }]);
    const stranger = await rig.as("chat");
    const made = await client.responses.create({ model, input: "go", background: true });
    for (const attempt of [
      () => stranger.responses.retrieve(made.id),
      () => stranger.responses.retrieve(made.id, { stream: true }) as Promise<unknown>,
      () => stranger.responses.cancel(made.id),
      () => stranger.responses.delete(made.id),
    ]) {
      assert.ok((await failureOf(attempt())) instanceof OpenAI.NotFoundError);
    }
    assert.equal((await client.responses.cancel(made.id)).status, "cancelled");
  });

  test("one that has not ended cannot be continued yet", async () => {
    rig.fake.script([{ text: "half" }, { hang: true }]);
    const made = await client.responses.create({ model, input: "go", background: true });
    const next = await failureOf(
      client.responses.create({ model, input: "b", previous_response_id: made.id }),
    );
    assert.deepEqual([next.status, next.param], [409, "previous_response_id"]);
    await client.responses.cancel(made.id);
  });

  test("no more than 32 at a time, and what is refused leaves nothing behind", async () => {
    rig.fake.script([{ hang: true }]);
    const one = await rig.as("chat");
    const make = () => one.responses.create({ model, input: "go", background: true });
    const made = await Promise.all(Array.from({ length: 32 }, make));
    const tooMany = await failureOf(make());
    assert.ok(tooMany instanceof OpenAI.RateLimitError);
    await Promise.all(made.map(({ id }) => one.responses.cancel(id)));
    rig.fake.script([{ text: "room" }]);
    assert.equal((await ended((await make()).id, one)).output_text, "room");
  });

  test("an agent answers in the background too", async () => {
    const made = await client.responses.create({ model: "openclaw", input: "Hello!", background: true });
    const done = await ended(made.id, client);
    assert.equal(done.status, "completed");
    assert.match(done.output_text, /You said: "Hello!"/);
  });
});

function eventsIn(text: string) {
  return text
    .split("\n\n")
    .filter((it) => it.startsWith("event: "))
    .map((it) => JSON.parse(it.slice(it.indexOf("data: ") + 6)));
}
