import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Embedded, ModelWire } from "../../src/runtime/models/types.ts";
import { createEmbedding } from "../../src/services/models/embedding.ts";
import { startAskingRig, startBudgets } from "../models/asking-rig.ts";
import { failure, setUp } from "../models/wire-under-test.ts";
import { fakeVector } from "../support/fake-model-embeddings.ts";

const signal = new AbortController().signal;

const clock = { now: Date.now };

/** A model whose wire embeds as told, for USD 1 a token, on a budget of 10 a day. */
async function costly(test: TestContext, wire: Partial<ModelWire>) {
  const { budgets } = await startBudgets(test, clock);
  const rig = await startAskingRig(test, { providers: { own: {} } });
  const own = await rig.models.resolve("own/m");
  const cost = { input: 1_000_000, output: 0 };
  const model = { ...own, price: "known" as const, facts: { ...own.facts, cost } };
  const set: number[] = [];
  const embedding = createEmbedding({
    cache: undefined,
    metrics: undefined,
    first: async (_ids, begin, options) => ({ model, begun: await begin(model, model.keys[0]!, options) }),
    wireOf: async () => ({ stream: () => assert.fail("it shall embed"), ...wire }),
    meterOf(spender, priced, size) {
      const held = budgets.reserve({ ...spender, tokenLimit: 10 }, priced, size)!;
      const settle = (tokens: number) => {
        set.push(tokens);
        held.settle(tokens);
      };
      const { promptTokens } = size();
      let counted = promptTokens;
      return {
        received: () => {},
        counted(usage) {
          counted = usage.promptTokens;
        },
        settle: () => settle(counted),
        broke: (calledOff) => settle(calledOff ? promptTokens : 0),
      };
    },
  });
  const embed = (texts: string[], options = { signal }) =>
    embedding.embed({ model: "own/m", callerId: "c" }, { texts, dimensions: 2 }, options);
  return { embed, set };
}

test("what a wire embeds is paid for by what the provider has counted", async (t) => {
  const asked: unknown[] = [];
  const embedded: Embedded = { vectors: [[1, 0]], promptTokens: 7 };
  const { embed, set } = await costly(t, {
    async embed(request) {
      asked.push(request);
      return embedded;
    },
  });
  assert.deepEqual(await embed(["a text"]), embedded);
  assert.deepEqual(asked, [{ model: "m", texts: ["a text"], dimensions: 2 }]);
  await embed(["another"]);
  assert.deepEqual(set, [7, 7]);
  assert.equal((await failure(embed(["one too many"]))).code, "budget_exceeded");
});

test("a failed call costs nothing, one that was called off what was sent", async (t) => {
  const leaving = new AbortController();
  const { embed, set } = await costly(t, {
    async embed(_request, options) {
      options.signal.throwIfAborted();
      throw new Error("broken");
    },
  });
  await assert.rejects(embed(["a text"]), /broken/);
  leaving.abort(new Error("gone"));
  await assert.rejects(embed(["a text of 24 characters"], leaving), /gone/);
  assert.deepEqual(set, [0, 6]);
});

test("a wire without embeddings is the wrong model, and nothing is set aside", async (t) => {
  const { embed, set } = await costly(t, {});
  const error = await failure(embed(["a"]));
  assert.deepEqual([error.code, error.param], ["invalid_request", "model"]);
  assert.deepEqual(set, []);
});

test("a second key embeds where the first one fails", async (t) => {
  const { asking, fakes } = await startAskingRig(t, {
    providers: { own: { apiKeys: ["key-one", "key-two"] } },
  });
  fakes.own!.script(({ headers }) => (headers.authorization === "Bearer key-one" ? [{ status: 401 }] : []));
  const plan = { model: "own/m", dialect: "embeddings" as const, callerId: "c" };
  const answer = await asking.complete(plan, { model: "own/m", input: "a" }, { signal });
  assert.deepEqual((answer.data as { embedding: number[] }[])[0]!.embedding, fakeVector("a"));
  assert.equal(fakes.own!.requests.length, 2);
});

test("an answer that never ends is an upstream_error, not the end of the memory", async (t) => {
  const { wire, fake } = await setUp(t, "openai");
  const piece = "0,".repeat(512 * 1024);
  fake.serve((response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"data":[{"embedding":[');
    response.on("drain", () => void response.write(piece));
    response.write(piece);
  });
  const call = wire.passThrough!.embeddings!.complete({ model: "m", input: "a" }, { signal });
  const error = await failure(call);
  assert.equal(error.code, "upstream_error");
  assert.match(error.message, /too large/);
});

test("an answer that breaks off is an upstream_error", async (t) => {
  const { wire, fake } = await setUp(t, "openai", {
    script: [{ raw: '{"data":[{"embedding":[1,2' }, { pause: 20 }, { cut: true }],
  });
  const call = () => wire.passThrough!.embeddings!.complete({ model: "m", input: "a" }, { signal });
  assert.match((await failure(call())).message, /broke off/);
  fake.script([{ status: 200, body: { error: { message: "no credit", code: 402 } } }]);
  assert.match((await failure(call())).message, /no credit/);
});
