import assert from "node:assert/strict";
import { test } from "node:test";
import type { LoopEvent, Steering } from "../../src/runtime/loop.ts";
import { ContextOverflow } from "../../src/runtime/models/context-overflow.ts";
import { playLoop, toolOf } from "./scripted-loop.ts";

const results = (events: readonly LoopEvent[]) =>
  events.flatMap((it) => (it.type === "tool.result" ? [it.call] : []));
const endOf = (events: readonly LoopEvent[]) => events.at(-1);

test("Calls that change nothing run beside each other, others one after another", async () => {
  let running = 0;
  let most = 0;
  const busy = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return "done";
  };
  const look = toolOf("look", busy, { parallel: true });
  const act = toolOf("act", busy);
  await playLoop([[{ name: "look" }, { name: "look" }, { name: "look" }], "ok"], [look, act]);
  assert.equal(most, 3);
  most = 0;
  await playLoop([[{ name: "act" }, { name: "act" }], "ok"], [look, act]);
  assert.equal(most, 1);
  most = 0;
  await playLoop([[{ name: "look" }, { name: "act" }, { name: "look" }], "ok"], [look, act]);
  assert.equal(most, 1);
});

test("Results reach the model in the order of the calls, whichever ended first", async () => {
  const waits = toolOf(
    "look",
    async (params) => {
      const { ticks } = params as { ticks: number }; // as the script below writes it
      for (let i = 0; i < ticks; i++) await new Promise((resolve) => setImmediate(resolve));
      return ticks;
    },
    { parallel: true },
  );
  const calls = [3, 1, 2].map((ticks) => ({ name: "look", arguments: { ticks } }));
  const { events, requests } = await playLoop([calls, "ok"], [waits]);
  assert.deepEqual(
    results(events).map((it) => it.result),
    [1, 2, 3],
  );
  const sent = requests[1]!.flatMap((it) => (it.role === "tool" ? [it.result] : []));
  assert.deepEqual(sent, ["3", "1", "2"]);
});

test("A call that is not allowed is a result that says why, and its tool never runs", async () => {
  let ran = false;
  const tool = toolOf("act", () => {
    ran = true;
  });
  const { events } = await playLoop([[{ name: "act" }], "ok"], [tool], {
    authorise: async () => ({ allowed: false, reason: "Denied by the owner." }),
  });
  assert.deepEqual(results(events)[0]?.result, { error: "Denied by the owner." });
  assert.equal(results(events)[0]?.isError, true);
  assert.equal(ran, false);
});

test("Nobody is asked about a call whose arguments are wrong", async () => {
  let asked = false;
  const { z } = await import("zod");
  const tool = toolOf("act", () => "ran", { params: z.strictObject({ path: z.string() }) });
  const { events } = await playLoop([[{ name: "act", arguments: { path: 7 } }], "ok"], [tool], {
    authorise: async () => {
      asked = true;
      return { allowed: true };
    },
  });
  assert.match(JSON.stringify(results(events)[0]?.result), /Invalid arguments: path/);
  assert.equal(asked, false);
});

test("Once a page from outside has been read, later calls of the run are marked as tainted", async () => {
  const seen: boolean[] = [];
  const page = toolOf("page", () => "text", { outside: true });
  const act = toolOf("act", () => "done");
  await playLoop([[{ name: "act" }], [{ name: "page" }], [{ name: "act" }], "ok"], [page, act], {
    authorise: async ({ tainted, tool }) => {
      if (tool === "act") seen.push(tainted);
      return { allowed: true };
    },
  });
  assert.deepEqual(seen, [false, true]);
});

test("The same call with the same result again and again is refused, then ends the run", async () => {
  let runs = 0;
  const tool = toolOf("act", () => {
    runs += 1;
    return "the same";
  });
  const { events } = await playLoop(
    Array.from({ length: 20 }, () => [{ name: "act" }]),
    [tool],
    {
      maxSteps: 20,
    },
  );
  assert.equal(runs, 4);
  assert.match(JSON.stringify(results(events)[4]?.result), /made 4 times with the same result/);
  assert.deepEqual(endOf(events), { type: "end", finishReason: "max_steps" });
  assert.equal(results(events).length, 7);
});

test("A call whose results differ may be made as often as it takes", async () => {
  let runs = 0;
  const tool = toolOf("act", () => ++runs);
  const { events } = await playLoop([...Array.from({ length: 9 }, () => [{ name: "act" }]), "ok"], [tool]);
  assert.equal(runs, 9);
  assert.deepEqual(endOf(events), { type: "end", finishReason: "stop" });
});

test("What the user says meanwhile reaches the model with the next request", async () => {
  const said: Steering[] = [{ messageId: "m", parts: [{ type: "text", text: "rather this" }] }];
  const { events, requests } = await playLoop([[{ name: "act" }], "ok"], [toolOf("act", () => 1)], {
    steering: async () => said.splice(0),
  });
  assert.deepEqual(
    events.map((it) => it.type),
    ["step", "tool.call", "tool.result", "results", "steered", "text", "step", "end"],
  );
  assert.deepEqual(requests[1]?.at(-1), { role: "user", content: [{ type: "text", text: "rather this" }] });
});

test("What the user says while the last answer comes is answered, too", async () => {
  const said: Steering[] = [{ messageId: "m", parts: [{ type: "text", text: "and this?" }] }];
  const { events, requests } = await playLoop(["first", "second"], [], {
    steering: async () => said.splice(0),
  });
  assert.equal(requests.length, 2);
  assert.deepEqual(endOf(events), { type: "end", finishReason: "stop" });
});

test("A request that the provider finds too long is made again, until it cannot be made shorter", async () => {
  let asked = 0;
  let shorter = 2;
  const messages = [{ role: "user" as const, content: [{ type: "text" as const, text: "go" }] }];
  const play = playLoop([], [], {
    conversation: {
      messages,
      toolsUsed: () => new Set<string>(),
      request: async () => messages,
      learned: () => {},
      tooLong: () => shorter-- > 0,
    },
    // biome-ignore lint/correctness/useYield: it always fails
    async *ask() {
      asked += 1;
      throw new ContextOverflow("too long");
    },
  });
  await assert.rejects(play, ContextOverflow);
  assert.equal(asked, 3);
});
