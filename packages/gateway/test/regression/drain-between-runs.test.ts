import assert from "node:assert/strict";
import { test } from "node:test";
import { findRun } from "../../src/storage/runs.ts";
import { caller, forever, says, startRuns } from "../support/runs-in-process.ts";

test("a run whose turn has come in the moment of a shutdown is waited for, and not called queued", async () => {
  const { runs, db, close } = await startRuns(() => says("ok"));
  try {
    const first = runs.answer({ caller, message: "a", sessionKey: "s" }, forever);
    const second = runs.answer({ caller, message: "b", sessionKey: "s" }, forever);
    await first;
    await runs.drain(10_000);
    const { runId, response } = await second;
    assert.equal(response, "ok");
    assert.equal((await findRun(db.read, runId))?.status, "done");
  } finally {
    await close();
  }
});
