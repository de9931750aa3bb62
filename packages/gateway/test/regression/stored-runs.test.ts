import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelEvent } from "../../src/runtime/models/types.ts";
import { firstOfRun, messagesWithCalls, pageForwards } from "../../src/storage/messages.ts";
import { findRun, latestRun } from "../../src/storage/runs.ts";
import { findSession } from "../../src/storage/sessions.ts";
import {
  caller,
  eventsOf,
  forever,
  hangs,
  saidTo,
  says,
  startRuns,
  usage,
} from "../support/runs-in-process.ts";
import { until } from "../support/until.ts";

async function* callsClock(): AsyncGenerator<ModelEvent> {
  yield { type: "text", delta: "I look. " };
  yield { type: "tool.call", index: 0, call: { id: "c1", name: "clock", arguments: "{}" } };
  yield { type: "finish", reason: "tool_calls", usage };
}

test("events survive when a neighbour in their write batch fails", async () => {
  const made = await startRuns(({ messages }) =>
    messages.at(-1)?.role === "tool" ? says("Done.") : callsClock(),
  );
  const { db, runs } = made;
  let busy = true;
  const neighbours = (async () => {
    while (busy) {
      await db.write(() => Promise.reject(new Error("a neighbour fails"))).catch(() => {});
    }
  })();
  try {
    for (let count = 0; count < 10; count++) {
      const { runId, follow } = await runs.start({ caller, message: "what time is it?" });
      const live = await eventsOf(await follow());
      const replayed = await eventsOf(await runs.follow({ caller, runId }));
      assert.deepEqual(
        replayed.map((it) => it.type),
        live.map((it) => it.type),
      );
    }
  } finally {
    busy = false;
    await neighbours;
    await made.close();
  }
});

test("a run whose end cannot be stored does not say that it is done", async () => {
  let broken = false;
  const made = await startRuns(
    () => says("An answer that no disk has."),
    (db) => ({ ...db, write: (job) => (broken ? Promise.reject(new Error("disk full")) : db.write(job)) }),
  );
  try {
    const { follow } = await made.runs.start({ caller, message: "x", sessionKey: "s" });
    broken = true;
    const end = (await eventsOf(await follow())).at(-1)!;
    assert.equal(end.type, "chat.error");
    assert.equal(end.type === "chat.error" && end.data.error.code, "internal_error");
    assert.doesNotMatch(JSON.stringify(end), /disk full/);
    broken = false;
    assert.equal(
      (await made.runs.answer({ caller, message: "y", sessionKey: "s" }, forever)).finishReason,
      "stop",
    );
  } finally {
    await made.close();
  }
});

test("queued runs of one millisecond start after a crash in the order of their coming", async () => {
  const made = await startRuns(hangs);
  try {
    const start = (message: string) => made.runs.start({ caller, message, sessionKey: "s" });
    const { runId: first } = await start("first");
    const expected = Array.from({ length: 20 }, (_, index) => `queued ${index}`);
    for (const message of expected) await start(message);
    const session = (await findSession(made.db.read, "s"))!;
    const latest = await latestRun(made.db.read, session.id);
    assert.equal((await firstOfRun(made.db.read, latest!.id))?.content, "queued 19");

    const asked: string[] = [];
    const next = made.again((request) => {
      asked.push(saidTo(request));
      return says("ok");
    });
    assert.deepEqual(await next.recover(), { interrupted: 1, restarted: 20 });
    await next.answer({ caller, message: "later", sessionKey: "s" }, forever);
    assert.deepEqual(asked, [...expected, "later"]);
    assert.equal((await findRun(made.db.read, first))?.status, "interrupted");
  } finally {
    await made.close();
  }
});

test("after a crash in the middle of a tool the call has a result and the session goes on", async () => {
  let writes = 0;
  const made = await startRuns(callsClock, (db) => ({
    ...db,
    // The message and the step reach the disk, the tool's results do not.
    write: (job) => (++writes > 2 ? new Promise(() => {}) : db.write(job)),
  }));
  try {
    const { runId } = await made.runs.start({ caller, message: "time?", sessionKey: "s" });
    await until(() => writes > 2, "the tool has run");
    const [before] = await messagesWithCalls(made.db.read, runId);
    assert.doesNotMatch(before!.tool_calls_json!, /"result"/);
    writes = Number.NEGATIVE_INFINITY; // the next process can write again
    const next = made.again(({ messages }) =>
      says(`I see ${messages.filter((it) => it.role === "tool").length} result.`),
    );
    assert.equal((await next.recover()).interrupted, 1);
    const [after] = await messagesWithCalls(made.db.read, runId);
    assert.equal(after!.status, "interrupted");
    const [call] = JSON.parse(after!.tool_calls_json!);
    assert.ok(call.result);
    assert.equal(call.isError, true);
    const answer = await next.answer({ caller, message: "and now?", sessionKey: "s" }, forever);
    assert.equal(answer.response, "I see 1 result.");
  } finally {
    await made.close();
  }
});

test("a queued run whose agent is gone after a restart fails, and its message gets its place", async () => {
  const made = await startRuns(hangs);
  try {
    await made.runs.start({ caller, message: "first", sessionKey: "s" });
    const { runId } = await made.runs.start({ caller, message: "second", sessionKey: "s" });
    await made.db.write((tx) =>
      tx.updateTable("runs").set({ agent_id: "nobody" }).where("id", "=", runId).execute(),
    );
    const next = made.again(() => says("ok"));
    await next.recover();
    assert.equal((await findRun(made.db.read, runId))?.status, "failed");
    await next.answer({ caller, message: "third", sessionKey: "s" }, forever);
    const session = (await findSession(made.db.read, "s"))!;
    const rows = await pageForwards(made.db.read, session.id, -1, 10);
    assert.deepEqual(
      rows.map((it) => it.content),
      ["first", "second", "third", "ok"],
    );
  } finally {
    await made.close();
  }
});

test("a request that needs longer to be checked is not overtaken by a later one of its session", async () => {
  const made = await startRuns(hangs);
  try {
    const expected = Array.from({ length: 12 }, (_, index) => `number ${index}`);
    await Promise.all(
      expected.map((message, index) =>
        made.runs.start({
          ...{ caller, message, sessionKey: "s" },
          // The first steps of those with a key are more than those of the others.
          idempotencyKey: index % 3 === 0 ? `key ${index}` : undefined,
        }),
      ),
    );
    const session = (await findSession(made.db.read, "s"))!;
    const listed = await pageForwards(made.db.read, session.id, -1, 100);
    assert.deepEqual(
      listed.map((it) => it.content),
      expected,
    );
    const asked: string[] = [];
    const next = made.again((request) => {
      asked.push(saidTo(request));
      return says("ok");
    });
    await next.recover();
    await next.answer({ caller, message: "last", sessionKey: "s" }, forever);
    assert.deepEqual(asked, [...expected.slice(1), "last"]);
  } finally {
    await made.close();
  }
});

test("a message behind queued runs of an earlier process is acknowledged without waiting for them", async () => {
  const made = await startRuns(hangs);
  try {
    for (const message of ["first", "second"]) await made.runs.start({ caller, message, sessionKey: "s" });
    const next = made.again(hangs);
    await next.recover();
    const { status } = await next.start({ caller, message: "third", sessionKey: "s" });
    assert.equal(status, "queued");
  } finally {
    await made.close();
  }
});

test("a request that is refused lets those behind it go", async () => {
  const made = await startRuns(() => says("ok"));
  try {
    const refused = made.runs.start({ caller, message: "x", sessionKey: "s", agentId: "nobody" });
    const behind = made.runs.answer({ caller, message: "y", sessionKey: "s" }, forever);
    await assert.rejects(refused, /nobody/);
    assert.equal((await behind).response, "ok");
  } finally {
    await made.close();
  }
});

test("an idempotency key with another past or other instructions is a conflict, not the old answer", async () => {
  const made = await startRuns(() => says("ok"));
  try {
    const ask = (more: object) =>
      made.runs.answer({ caller, message: "x", idempotencyKey: "k", ...more }, forever);
    const { runId } = await ask({ system: "one" });
    assert.equal((await ask({ system: "one" })).runId, runId);
    await assert.rejects(ask({ system: "two" }), { code: "conflict" });
    await assert.rejects(ask({ system: "one", past: [{ role: "user", content: "y" }] }), {
      code: "conflict",
    });
  } finally {
    await made.close();
  }
});
