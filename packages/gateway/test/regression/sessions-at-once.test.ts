import assert from "node:assert/strict";
import { test } from "node:test";
import { createIds } from "../../src/lib/ids.ts";
import { createEvents } from "../../src/services/events.ts";
import { createSessions } from "../../src/services/sessions/sessions.ts";
import { insertEvents } from "../../src/storage/runs.ts";
import { findSession, purgeBuried } from "../../src/storage/sessions.ts";
import {
  caller,
  eventsOf,
  forever,
  hangs,
  type Script,
  says,
  startRuns,
} from "../support/runs-in-process.ts";

async function startSessions(script: Script = () => says("ok")) {
  const made = await startRuns(script);
  const sessions = createSessions({
    db: made.db,
    runs: made.runs,
    contexts: { forget: () => {} },
    onGone: () => {},
    models: { resolve: () => Promise.reject(new Error("not asked for here")) },
    events: createEvents(),
    ids: createIds(),
    clock: { now: () => 1_000 },
    purge: () => {},
  });
  return { ...made, sessions };
}

test("resets and deletes of one session at once each do their work or say that it is gone", async () => {
  const { sessions, runs, db, close } = await startSessions();
  try {
    for (let round = 0; round < 5; round++) {
      await runs.answer({ caller, message: "x", sessionKey: "s" }, forever);
      const results = await Promise.allSettled([
        sessions.reset("s", caller),
        sessions.reset("s", caller),
        runs.answer({ caller, message: "y", sessionKey: "s" }, forever),
        sessions.delete("s", caller),
        sessions.reset("s", caller),
        sessions.delete("s", caller),
      ]);
      for (const result of results) {
        if (result.status === "rejected") assert.match(result.reason.code, /^(not_found|aborted)$/);
      }
    }
    await runs.answer({ caller, message: "z", sessionKey: "s" }, forever);
    assert.ok(await findSession(db.read, "s"));
  } finally {
    await close();
  }
});

test("a run that comes in while its session is being deleted does not go on unseen", async () => {
  const { sessions, runs, close } = await startSessions(hangs);
  try {
    const first = await runs.start({ caller, message: "first", sessionKey: "s" });
    const second = runs.start({ caller, message: "second", sessionKey: "s" });
    await sessions.delete("s", caller);
    const { follow, runId } = await second;
    const ended = (await eventsOf(await first.follow())).at(-1);
    assert.equal(ended?.type, "chat.aborted");
    const isThere = await runs.get(runId, caller).then(
      () => true,
      () => false,
    );
    // Either it belongs to the session that was deleted and is aborted, or it has made a new one and runs.
    if (!isThere) assert.equal((await eventsOf(await follow())).at(-1)?.type, "chat.aborted");
    assert.deepEqual(runs.stats(), { active: isThere ? 1 : 0, queued: 0 });
  } finally {
    await close();
  }
});

test("a run that has just ended can still be followed: whoever comes late gets the end", async () => {
  const { runs, close } = await startSessions();
  try {
    const { follow, runId } = await runs.start({ caller, message: "x", sessionKey: "s" });
    const live = await eventsOf(await follow());
    assert.deepEqual(await eventsOf(await follow()), live);
    assert.deepEqual(
      (await eventsOf(await runs.follow({ caller, runId }))).map((it) => it.type),
      live.map((it) => it.type),
    );
  } finally {
    await close();
  }
});

test("events of a run whose session was purged are dropped without an error", async () => {
  const { sessions, runs, db, close } = await startSessions();
  try {
    const { runId } = await runs.answer({ caller, message: "x", sessionKey: "s" }, forever);
    await sessions.delete("s", caller);
    while (await db.write((tx) => purgeBuried(tx, 100)));
    await db.write((tx) => insertEvents(tx, runId, 99, "[]"));
  } finally {
    await close();
  }
});
