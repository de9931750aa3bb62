import assert from "node:assert/strict";
import { test } from "node:test";
import type { PricedModel } from "../../src/services/budgets.ts";
import { deleteSpendingBefore, spentOn } from "../../src/storage/spending.ts";
import type { FakeStep } from "../support/fake-model.ts";
import { until } from "../support/until.ts";
import { startAskingRig, startBudgets } from "./asking-rig.ts";
import { failure } from "./wire-under-test.ts";

const noon = Date.parse("2026-11-24T12:00:00Z");
const at = (time: number) => ({ now: () => time });
/** A dollar for a million tokens, of either kind. */
const priced: PricedModel = { id: "a/m", price: "known", facts: { cost: { input: 1, output: 1 } } };
const small = () => ({ promptTokens: 10, completionTokens: 10 });
const refusal = { code: "budget_exceeded", param: "budget" };
const agent = { callerId: "gateway", agentId: "writer", agentLimit: 1 };

test("where no budget applies nothing is set aside, measured or written", async (t) => {
  const { db, budgets } = await startBudgets(t, at(noon));
  const size = () => assert.fail("it was measured");
  assert.equal(budgets.reserve({ callerId: "gateway", agentId: "writer" }, priced, size), undefined);
  assert.equal((await spentOn(db.read, "2026-11-24")).size, 0);
});

test("a budget refuses once it is spent, naming itself, what was spent, its limit and when it begins anew", async (t) => {
  const { budgets } = await startBudgets(t, at(noon));
  budgets.reserve(agent, priced, small)!.settle(0.99);
  budgets.reserve(agent, priced, small)!.settle(0.5);
  assert.throws(
    () => budgets.reserve(agent, priced, small),
    (error: Error) => {
      assert.match(error.message, /agent writer.*\$1\.49 of \$1\.00.*2026-11-25T00:00:00\.000Z/);
      return true;
    },
  );
  assert.throws(() => budgets.reserve(agent, priced, small), refusal);
  assert.ok(budgets.reserve({ ...agent, agentId: "other" }, priced, small));
});

test("each of model, agent and token has its own budget, and every one of them is asked", async (t) => {
  const { budgets } = await startBudgets(t, at(noon), { "a/m": { maxCostPerDay: 3 } });
  const token = { callerId: "token:t1", tokenLimit: 2, agentId: "writer", agentLimit: 1 };
  budgets.reserve(token, priced, small)!.settle(1);
  assert.throws(() => budgets.reserve(token, priced, small), /agent writer/);
  const direct = { callerId: "token:t1", tokenLimit: 2 };
  budgets.reserve(direct, priced, small)!.settle(1);
  assert.throws(() => budgets.reserve(direct, priced, small), /budget of the token/);
  budgets.reserve({ callerId: "gateway" }, priced, small)!.settle(1);
  assert.throws(() => budgets.reserve({ callerId: "gateway" }, priced, small), /model a\/m/);
});

test("what calls under way have set aside counts: of many at once, one at most goes over", async (t) => {
  const { budgets } = await startBudgets(t, at(noon));
  const half = () => ({ promptTokens: 500_000, completionTokens: 0 });
  const first = budgets.reserve(agent, priced, half)!;
  const second = budgets.reserve(agent, priced, half)!;
  assert.throws(() => budgets.reserve(agent, priced, half), /set aside for calls under way/);
  first.settle(0.1);
  first.settle(0.1); // settling twice gives nothing back
  const third = budgets.reserve(agent, priced, half)!;
  assert.throws(() => budgets.reserve(agent, priced, half), refusal);
  second.settle(0);
  third.settle(0);
  assert.ok(budgets.reserve(agent, priced, half));
});

test("a limit of 0 allows nothing but models that cost nothing", async (t) => {
  const { budgets } = await startBudgets(t, at(noon));
  const none = { ...agent, agentLimit: 0 };
  assert.throws(() => budgets.reserve(none, priced, small), refusal);
  assert.equal(budgets.reserve(none, { ...priced, price: "none" }, small), undefined);
});

test("a model whose price nobody knows is refused under a budget", async (t) => {
  const { budgets } = await startBudgets(t, at(noon));
  assert.throws(() => budgets.reserve(agent, { ...priced, price: "unknown" }, small), /not known/);
});

test("what was spent survives a restart", async (t) => {
  const { db, budgets, again } = await startBudgets(t, at(noon));
  for (let count = 0; count < 3; count++) budgets.reserve(agent, priced, small)!.settle(0.25);
  await db.write(async () => {}); // writes keep their order
  assert.deepEqual([...(await spentOn(db.read, "2026-11-24"))], [["agent:writer", 0.75]]);
  const next = await again();
  next.reserve(agent, priced, small)!.settle(0.25);
  assert.throws(() => next.reserve(agent, priced, small), refusal);
});

test("at midnight, UTC, a budget begins anew; a clock that is set back brings nothing", async (t) => {
  let time = Date.parse("2026-11-24T23:59:59Z");
  const { budgets } = await startBudgets(t, { now: () => time });
  budgets.reserve(agent, priced, small)!.settle(1);
  assert.throws(() => budgets.reserve(agent, priced, small), refusal);
  time += 1_000;
  budgets.reserve(agent, priced, small)!.settle(1);
  time -= 1_000;
  assert.throws(() => budgets.reserve(agent, priced, small), refusal);
});

test("days that are long past are forgotten, a bounded number at a time", async (t) => {
  const { db } = await startBudgets(t, at(noon));
  for (const day of ["2026-10-01", "2026-10-02", "2026-10-03", "2026-11-24"]) {
    await db.write(async (tx) => {
      await tx.insertInto("spending").values({ day, budget: "agent:x", cost: 1 }).execute();
    });
  }
  const gone: number[] = [];
  do gone.push(await db.write((tx) => deleteSpendingBefore(tx, "2026-10-20", 2)));
  while (gone.at(-1) !== 0);
  assert.deepEqual(gone, [2, 1, 0]);
  assert.equal((await spentOn(db.read, "2026-11-24")).size, 1);
});

const cost = { input: 1, output: 1 };
const paid = { models: [{ id: "m", cost }] };
const clock = at(noon);

/** What the agent has spent so far, USD. */
async function setUp(t: Parameters<typeof startBudgets>[0], script: FakeStep[]) {
  const { db, budgets } = await startBudgets(t, clock);
  const rig = await startAskingRig(t, { providers: { a: { ...paid, script }, free: {} }, budgets });
  const spent = async () => {
    await db.write(async () => {});
    return (await spentOn(db.read, "2026-11-24")).get("agent:writer") ?? 0;
  };
  return { rig, spent, say: (ids = ["a/m"], more = {}) => rig.say(ids, { ...agent, ...more }) };
}

test("a call costs what its provider counted, silent ones included", async (t) => {
  const { spent, say } = await setUp(t, [{ text: "x" }, { usage: { prompt: 300_000, completion: 200_000 } }]);
  await say();
  assert.equal(await spent(), 0.5);
  await say(["a/m"], { purpose: "compaction" });
  assert.equal(await spent(), 1);
  assert.equal((await failure(say())).code, "budget_exceeded");
});

test("an answer that is broken off costs what was sent and has come, one that fails before costs nothing", async (t) => {
  const { rig, spent } = await setUp(t, [{ text: "x".repeat(4_000) }, { hang: true }]);
  for await (const event of rig.ask(["a/m"], { ...agent, text: "y".repeat(8_000) })) {
    assert.equal(event.type, "text");
    break;
  }
  const estimate = await spent();
  assert.ok(estimate > 0.003 && estimate < 0.0032, `${estimate}`);
  rig.fakes.a!.script([{ status: 500 }]);
  await failure(rig.say(["a/m"], agent));
  assert.equal(await spent(), estimate);
});

test("a call that is called off before its first word costs what was sent", async (t) => {
  const { rig, spent } = await setUp(t, [{ hang: true }]);
  const abort = new AbortController();
  const call = rig.say(["a/m"], { ...agent, text: "y".repeat(40_000), signal: abort.signal });
  await until(() => rig.seen().a === 1, "the request");
  abort.abort(new Error("gone"));
  await assert.rejects(call, /gone/);
  const estimate = await spent();
  assert.ok(estimate > 0.01 && estimate < 0.0102, `${estimate}`);
});

test("a provider that counts nothing does not make calls free", async (t) => {
  const usage = { prompt: 0, completion: 0 };
  const { spent, say } = await setUp(t, [{ text: "x".repeat(4_000) }, { usage }]);
  await say();
  assert.ok((await spent()) > 0.001);
});

test("where a model's budget is used up the next candidate answers, one that costs nothing even without any", async (t) => {
  const { rig, say } = await setUp(t, [{ text: "x" }, { usage: { prompt: 2_000_000, completion: 0 } }]);
  await say();
  assert.equal((await failure(say())).code, "budget_exceeded");
  assert.equal(await say(["a/m", "free/m"]), "free speaks");
  assert.deepEqual(rig.seen(), { a: 1, free: 1 });
  assert.equal(rig.counts.refusals, 2);
});

test("many calls at once stay within what one call may go over", async (t) => {
  const { rig, spent, say } = await setUp(t, [
    { pause: 20 },
    { text: "x" },
    { usage: { prompt: 600_000, completion: 0 } },
  ]);
  const text = "y".repeat(4 * 600_000);
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => say(["a/m"], { text })));
  assert.equal(results.filter((it) => it.status === "fulfilled").length, 2);
  assert.equal(rig.seen().a, 2);
  assert.equal(await spent(), 1.2);
});
