import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import {
  failureOf,
  models,
  type ResponsesRig,
  startResponsesRig,
  turnsOf,
  wireModels,
} from "./responses-rig.ts";

/** What is kept of responses: chains, references, and who may have them. */

let rig: ResponsesRig;
let client: OpenAI;

before(async () => {
  rig = await startResponsesRig();
  client = rig.client;
});

after(() => rig.close());

/** Each answer says which one it is. */
function counting(): void {
  let count = 0;
  rig.fake.script(() => [{ text: `answer ${++count}` }]);
}

for (const model of models) {
  describe(model, () => {
    test("a chain of three: the provider gets everything said before, in order and once", async () => {
      counting();
      const one = await client.responses.create({ model, input: "first", instructions: "Be kind." });
      const two = await client.responses.create({ model, input: "second", previous_response_id: one.id });
      const streamed = client.responses.stream({ model, input: "third", previous_response_id: two.id });
      const three = await streamed.finalResponse();
      assert.deepEqual(turnsOf(rig.lastSent()), [
        "user: first",
        "assistant: answer 1",
        "user: second",
        "assistant: answer 2",
        "user: third",
      ]);
      assert.doesNotMatch(JSON.stringify(rig.lastSent()), /Be kind/, "instructions are not carried over");
      assert.equal(three.previous_response_id, two.id);
      assert.equal(three.output_text, "answer 3");
      assert.equal(new Set([one.id, two.id, three.id]).size, 3);
    });

    test("a conversation may fork, and go on with another wire", async () => {
      counting();
      const one = await client.responses.create({ model, input: "root" });
      await client.responses.create({ model, input: "left", previous_response_id: one.id });
      const other = model === wireModels.messages ? wireModels.chat : wireModels.messages;
      await client.responses.create({ model: other, input: "right", previous_response_id: one.id });
      assert.deepEqual(turnsOf(rig.lastSent()), ["user: root", "assistant: answer 1", "user: right"]);
    });

    test("what was kept is what was answered", async () => {
      counting();
      const made = await client.responses.create({ model, input: "hello", metadata: { a: "b" } });
      const { output_text, _request_id, ...answered } = made as OpenAI.Responses.Response & {
        _request_id?: string;
      };
      const kept = await rig.gateway.api("GET", `/v1/responses/${made.id}`);
      assert.equal(kept.status, 200);
      assert.deepEqual(kept.body, { ...answered });
      assert.equal(output_text, "answer 1");
    });

    test("with store: false there is nothing to fetch and nothing to continue", async () => {
      counting();
      for (const stream of [false, true]) {
        const { id } = stream
          ? await client.responses.stream({ model, input: "a", store: false }).finalResponse()
          : await client.responses.create({ model, input: "a", store: false });
        assert.ok((await failureOf(client.responses.retrieve(id))) instanceof OpenAI.NotFoundError);
        const asked = rig.fake.requests.length;
        const next = await failureOf(
          client.responses.create({ model, input: "b", previous_response_id: id }),
        );
        assert.equal(next.code, "previous_response_not_found");
        assert.equal(next.param, "previous_response_id");
        assert.equal(rig.fake.requests.length, asked, "nobody is asked");
      }
    });
  });
}

describe("items of a stored answer", () => {
  const model = wireModels.messages;

  test("can be referred to instead of being sent again", async () => {
    counting();
    const one = await client.responses.create({ model, input: "who?" });
    const answer = one.output[0]!.id!;
    const { input_tokens } = await client.responses.inputTokens.count({ model, input: "who?" });
    assert.ok(input_tokens > 0);
    await client.responses.create({
      model,
      input: [
        { role: "user", content: "who?" },
        { type: "item_reference", id: answer },
        { role: "user", content: "why?" },
      ],
    });
    assert.deepEqual(turnsOf(rig.lastSent()), ["user: who?", "assistant: answer 1", "user: why?"]);
  });

  test("are found again when what referred to them is continued", async () => {
    counting();
    const one = await client.responses.create({ model, input: "who?" });
    const two = await client.responses.create({
      model,
      input: [
        { role: "user", content: "who?" },
        { type: "item_reference", id: one.output[0]!.id! },
        { role: "user", content: "why?" },
      ],
    });
    await client.responses.create({ model, input: "so?", previous_response_id: two.id });
    assert.deepEqual(turnsOf(rig.lastSent()), [
      ...["user: who?", "assistant: answer 1", "user: why?", "assistant: answer 2", "user: so?"],
    ]);
  });

  test("that are not there are refused by their place", async () => {
    const gone = await failureOf(
      client.responses.create({
        model,
        input: [
          { role: "user", content: "a" },
          { type: "item_reference", id: "msg_nowhere" },
        ],
      }),
    );
    assert.equal(gone.status, 400);
    assert.equal(gone.param, "input[1].id");
  });
});

describe("another credential", () => {
  const model = wireModels.chat;

  test("without read finds none of it; with read it may look and continue", async () => {
    counting();
    const owner = await rig.as("chat");
    const stranger = await rig.as("chat");
    const reader = await rig.as("chat", "read");
    const mine = await owner.responses.create({ model, input: "secret" });
    const item = mine.output[0]!.id!;
    const { id } = mine;
    for (const attempt of [
      () => stranger.responses.retrieve(id),
      () => stranger.responses.delete(id),
      () => stranger.responses.cancel(id),
      () => stranger.responses.inputItems.list(id),
    ]) {
      assert.ok((await failureOf(attempt())) instanceof OpenAI.NotFoundError);
    }
    const asked = rig.fake.requests.length;
    const next = await failureOf(stranger.responses.create({ model, input: "b", previous_response_id: id }));
    assert.equal(next.code, "previous_response_not_found");
    const count = await failureOf(
      stranger.responses.inputTokens.count({ model, input: "b", previous_response_id: id }),
    );
    assert.equal(count.code, "previous_response_not_found");
    const summary = await failureOf(
      stranger.responses.compact({ model, input: "b", previous_response_id: id } as never),
    );
    assert.equal(summary.code, "previous_response_not_found");
    const input = [
      { type: "item_reference" as const, id: item },
      { role: "user" as const, content: "b" },
    ];
    assert.equal((await failureOf(stranger.responses.create({ model, input }))).param, "input[0].id");
    assert.equal(rig.fake.requests.length, asked, "nobody is asked");

    assert.equal((await owner.responses.retrieve(id)).id, id);
    assert.equal((await reader.responses.retrieve(id)).id, id);
    await reader.responses.create({ model, input: "go on", previous_response_id: id });
    assert.deepEqual(turnsOf(rig.lastSent()), ["user: secret", "assistant: answer 1", "user: go on"]);
  });

  test("that may only look can fetch and do nothing else", async () => {
    counting();
    const looker = await rig.as("read");
    const { id } = await client.responses.create({ model, input: "a" });
    assert.equal((await looker.responses.retrieve(id)).id, id);
    for (const attempt of [
      () => looker.responses.delete(id),
      () => looker.responses.cancel(id),
      () => looker.responses.create({ model, input: "a" }),
    ]) {
      assert.ok((await failureOf(attempt())) instanceof OpenAI.PermissionDeniedError);
    }
  });

  test("cannot continue by way of a response of its own that hangs on another's", async () => {
    counting();
    const reader = await rig.as("chat", "read");
    const { id } = await client.responses.create({ model, input: "theirs" });
    const own = await reader.responses.create({ model, input: "mine", previous_response_id: id });
    await client.responses.delete(id);
    const cut = await failureOf(reader.responses.create({ model, input: "x", previous_response_id: own.id }));
    assert.equal(cut.code, "previous_response_not_found");
  });
});

describe("deletion and restarts", () => {
  const model = wireModels.responses;

  test("what is deleted is gone for good, for references too", async () => {
    counting();
    const made = await client.responses.create({ model, input: "a" });
    await client.responses.delete(made.id);
    assert.ok((await failureOf(client.responses.retrieve(made.id))) instanceof OpenAI.NotFoundError);
    assert.ok((await failureOf(client.responses.delete(made.id))) instanceof OpenAI.NotFoundError);
    const input = [{ type: "item_reference" as const, id: made.output[0]!.id! }];
    assert.equal((await failureOf(client.responses.create({ model: wireModels.chat, input }))).status, 400);
  });

  test("a response outlives the gateway, killed without warning", async () => {
    counting();
    const { id } = await client.responses.create({ model, input: "before" });
    await rig.gateway.kill("SIGKILL");
    await rig.gateway.restart();
    const again = new OpenAI({ baseURL: `${rig.gateway.url}/v1`, apiKey: rig.gateway.token, maxRetries: 0 });
    assert.equal((await again.responses.retrieve(id)).output_text, "answer 1");
    await again.responses.create({ model, input: "after", previous_response_id: id });
    assert.deepEqual(turnsOf(rig.lastSent()), ["user: before", "assistant: answer 1", "user: after"]);
    client = again;
  });
});
