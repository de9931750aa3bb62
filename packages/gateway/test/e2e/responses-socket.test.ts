import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ResponsesWS } from "openai/resources/responses/ws";
import {
  type ResponsesRig,
  startResponsesRig,
  turnsOf,
  weather,
  wireModels,
} from "../dialects/responses-rig.ts";
import { ends, openTurns, textOf } from "../dialects/responses-socket-rig.ts";
import type { Json } from "../support/gateway.ts";
import { until } from "../support/until.ts";

/** The Responses dialect over a WebSocket, by OpenAI's official SDK. */

let rig: ResponsesRig;

before(async () => {
  rig = await startResponsesRig();
});

after(() => rig.close());

for (const model of [wireModels.chat, wireModels.messages, wireModels.responses]) {
  describe(model, () => {
    test("answers one after the other, each by the events of a stream from 0 on", async (t) => {
      rig.fake.script([{ text: "Hel" }, { text: "lo" }]);
      const socket = openTurns(t, rig.client);
      for (let turn = 0; turn < 2; turn++) {
        const events = await socket.ask({ model, input: "hi" });
        assert.deepEqual(
          events.map((it) => it.sequence_number),
          events.map((_, index) => index),
        );
        assert.deepEqual(
          events.map((it) => it.type),
          [
            ...["response.created", "response.in_progress", "response.output_item.added"],
            ...["response.content_part.added", "response.output_text.delta", "response.output_text.delta"],
            ...["response.output_text.done", "response.content_part.done", "response.output_item.done"],
            "response.completed",
          ],
        );
        assert.equal(textOf(events), "Hello");
        assert.equal(events[0]!.response.model, model);
      }
    });

    test("goes on from what is not stored, on the same socket alone", async (t) => {
      let count = 0;
      rig.fake.script(() => [{ text: `answer ${++count}` }]);
      const socket = openTurns(t, rig.client);
      const ask = async (input: string, previous?: string) => {
        const events = await socket.ask({
          ...{ model, input, store: false },
          ...(previous && { previous_response_id: previous }),
        });
        textOf(events);
        return events.at(-1)!.response.id as string;
      };
      const one = await ask("first");
      const two = await ask("second", one);
      const three = await ask("third", two);
      assert.deepEqual(turnsOf(rig.lastSent()), [
        ...["user: first", "assistant: answer 1", "user: second", "assistant: answer 2", "user: third"],
      ]);
      const other = openTurns(t, rig.client);
      const [error] = await other.ask({ model, input: "x", store: false, previous_response_id: three });
      assert.equal(error!.error.code, "previous_response_not_found");
      assert.equal(textOf(await other.ask({ model, input: "anew", store: false })), "answer 4");
      assert.equal((await rig.gateway.api("GET", `/v1/responses/${three}`)).status, 404);
    });

    test("a stored answer is there for HTTP, and the other way round", async (t) => {
      rig.fake.script([{ text: "kept" }]);
      const socket = openTurns(t, rig.client);
      const events = await socket.ask({ model, input: "over the socket" });
      const { id } = events.at(-1)!.response;
      assert.equal((await rig.client.responses.retrieve(id)).output_text, "kept");
      const next = await rig.client.responses.create({ model, input: "over HTTP", previous_response_id: id });
      await socket.ask({ model, input: "over the socket again", previous_response_id: next.id });
      assert.deepEqual(turnsOf(rig.lastSent()), [
        ...["user: over the socket", "assistant: kept", "user: over HTTP", "assistant: kept"],
        "user: over the socket again",
      ]);
    });

    test("the tools loop, without storing anything", async (t) => {
      rig.fake.script([{ call: { name: "get_weather", arguments: { city: "Bern" }, id: "call_w" } }]);
      const socket = openTurns(t, rig.client);
      const base = { model, store: false, tools: [weather] };
      const first = (await socket.ask({ ...base, input: "Weather?" })).at(-1)!.response;
      const call = first.output.find((it: Json) => it.type === "function_call");
      assert.deepEqual(JSON.parse(call.arguments), { city: "Bern" });
      rig.fake.script([{ text: "Sunny." }]);
      const output = { type: "function_call_output", call_id: call.call_id, output: "20 °C" };
      const second = await socket.ask({ ...base, input: [output], previous_response_id: first.id });
      assert.equal(textOf(second), "Sunny.");
      assert.match(JSON.stringify(rig.lastSent()), /20 °C/);
    });

    test("a failure midway has one end, and the socket stays open", async (t) => {
      rig.fake.script([{ text: "half" }, { cut: true }]);
      const socket = openTurns(t, rig.client);
      const events = await socket.ask({ model, input: "hi" });
      const error = events.at(-1)!;
      assert.deepEqual([error.type, error.status, error.error.code], ["error", 502, "upstream_error"]);
      assert.equal(error.sequence_number, events.length - 1);
      rig.fake.script([{ text: "well" }]);
      assert.equal(textOf(await socket.ask({ model, input: "again" })), "well");
      assert.equal(socket.frames.filter((it) => ends.has(it.type)).length, 2, "no second end came late");
    });

    test("a failed continuation is forgotten", async (t) => {
      rig.fake.script([{ text: "ok" }]);
      const socket = openTurns(t, rig.client);
      const base = { model, store: false };
      const { id } = (await socket.ask({ ...base, input: "a" })).at(-1)!.response;
      if (model === wireModels.responses) {
        rig.fake.script([{ status: 400, body: { error: { message: "No tool call found", type: "x" } } }]);
      }
      const lost = { type: "function_call_output", call_id: "call_nowhere", output: "x" };
      const [failed] = await socket.ask({ ...base, input: [lost], previous_response_id: id });
      assert.equal(failed!.type, "error");
      assert.ok(failed!.status >= 400 && failed!.status < 500);
      const [gone] = await socket.ask({ ...base, input: "b", previous_response_id: id });
      assert.equal(gone!.error.code, "previous_response_not_found");
    });

    test("closing the socket breaks off the provider", async (t) => {
      rig.fake.script([{ text: "a" }, { hang: true }]);
      const index = rig.fake.requests.length;
      const socket = openTurns(t, rig.client);
      socket.ws.send({ type: "response.create", model, input: "hi" });
      await until(() => socket.frames.some((it) => it.type === "response.output_text.delta"), "a delta");
      socket.ws.close();
      await until(() => rig.fake.requests[index]!.aborted, "the upstream socket closes");
    });
  });
}

describe("a socket", () => {
  const model = wireModels.chat;

  test("takes messages that come at once in turn, those of other lanes beside them", async (t) => {
    const gate = Promise.withResolvers<void>();
    rig.fake.script(({ body }) => {
      const said = JSON.stringify(body.messages);
      return said.includes("slow") ? [{ pause: gate.promise }, { text: "slow" }] : [{ text: "fast" }];
    });
    const socket = openTurns(t, rig.client);
    socket.ws.send({ type: "response.create", model, input: "slow" });
    socket.ws.send({ type: "response.create", model, input: "second" });
    socket.ws.send({ type: "response.create", model, input: "beside", stream_id: "b" } as never);
    const beside = await socket.next();
    assert.deepEqual([...new Set(beside.map((it) => it.stream_id))], ["b"]);
    assert.equal(textOf(beside), "fast");
    gate.resolve();
    assert.equal(textOf(await socket.next()), "slow");
    const second = await socket.next();
    assert.equal(textOf(second), "fast");
    assert.equal(second[0]!.stream_id, undefined);
  });

  test("tells what is wrong by one error each, with the SDK's words", async (t) => {
    const socket = openTurns(t, rig.client);
    const errors: Json[] = [];
    socket.ws.on("error", (error) => void errors.push(error as Json));
    const refused = async (body: Json): Promise<Json> => {
      const events = await socket.ask(body);
      assert.equal(events.length, 1);
      const [it] = events;
      assert.equal(it!.type, "error");
      assert.equal(typeof it!.error.code, "string");
      assert.equal(typeof it!.error.message, "string");
      return { status: it!.status, code: it!.error.code, param: it!.error.param };
    };
    const wrong = { status: 400, code: "invalid_request" };
    assert.deepEqual(await refused({ type: "response.unheard_of" }), { ...wrong, param: "type" });
    assert.deepEqual(await refused({ input: "a" }), { ...wrong, param: "model" });
    assert.deepEqual(await refused({ model, input: [] }), { ...wrong, param: "input" });
    assert.deepEqual(await refused({ model, input: 7 }), { ...wrong, param: "input" });
    assert.deepEqual(await refused({ model, input: "a", background: true }), {
      ...wrong,
      param: "background",
    });
    assert.deepEqual(await refused({ model: "nobody/x", input: "a" }), {
      ...{ status: 404, code: "not_found", param: "model" },
    });
    const prev = { model, input: "a", previous_response_id: "resp_missing" };
    assert.deepEqual(await refused(prev), {
      ...{ status: 404, code: "previous_response_not_found", param: "previous_response_id" },
    });
    assert.equal(errors.length, 7);
    assert.match(String(errors[6]!.message), /previous response/);
    socket.ws.socket.send("not json");
    const [noJson] = await socket.next();
    assert.deepEqual([noJson!.status, noJson!.error.code], [400, "invalid_request"]);
    rig.fake.script([{ text: "fine" }]);
    assert.equal(textOf(await socket.ask({ model, input: "a" })), "fine");
  });

  test("works with agents, and with what was compacted", async (t) => {
    const socket = openTurns(t, rig.client);
    assert.match(textOf(await socket.ask({ model: "openclaw", input: "Hello!" })), /You said: "Hello!"/);
    rig.fake.script([{ text: "They said hello." }]);
    const input = [{ role: "user" as const, content: "hello" }];
    const { output } = await rig.client.responses.compact({ model, input } as never);
    rig.fake.script([{ text: "on we go" }]);
    const next = { type: "message", role: "user", content: "Continue" };
    assert.equal(textOf(await socket.ask({ model, store: false, input: [...output, next] })), "on we go");
    assert.match(JSON.stringify(rig.lastSent()), /They said hello/);
  });

  test("is opened again by the SDK after the gateway was gone, and then knows only what was stored", async (t) => {
    rig.fake.script([{ text: "one" }]);
    const ws = new ResponsesWS(rig.client, {
      reconnect: { initialDelay: 20, maxDelay: 100, maxRetries: 200, onReconnecting: () => undefined },
    });
    t.after(() => ws.close());
    const frames: Json[] = [];
    ws.on("event", (event) => void frames.push(event));
    ws.on("error", () => {});
    const reconnected = new Promise<void>((resolve) => ws.on("reconnected", () => resolve()));
    const turn = async (body: Json) => {
      const from = frames.length;
      ws.send({ type: "response.create", model, ...body } as never);
      await until(() => frames.slice(from).some((it) => ends.has(it.type)), "an end");
      return frames.slice(from).find((it) => ends.has(it.type))!;
    };
    const kept = await turn({ input: "kept" });
    const local = await turn({ input: "local", store: false });
    const { port } = rig.gateway;
    await rig.gateway.kill("SIGKILL");
    await rig.gateway.restart({ config: { ...rig.config, gateway: { ...rig.config.gateway, port } } });
    await reconnected;
    const lost = await turn({ input: "x", store: false, previous_response_id: local.response.id });
    assert.equal(lost.error.code, "previous_response_not_found");
    const found = await turn({ input: "x", previous_response_id: kept.response.id });
    assert.equal(found.type, "response.completed");
  });
});

test("a warm-up asks no model, and can be continued", async (t) => {
  rig.fake.script([{ text: "ok" }]);
  const socket = openTurns(t, rig.client);
  const before = rig.fake.requests.length;
  const warm = { model: wireModels.chat, input: "remember me", store: false, generate: false };
  const { response } = (await socket.ask(warm)).at(-1) as unknown as { response: Json };
  assert.deepEqual([response.status, response.output], ["completed", []]);
  assert.equal(rig.fake.requests.length, before, "no model was asked");
  await socket.ask({ model: wireModels.chat, store: false, previous_response_id: response.id, input: "go" });
  const { messages } = rig.fake.requests.at(-1)!.body as { messages: { content: string }[] };
  assert.deepEqual(
    messages.map((it) => it.content),
    ["remember me", "go"],
  );
});
