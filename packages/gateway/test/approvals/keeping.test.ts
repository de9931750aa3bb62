import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteOldDecisions, insertDecision, listDecisions } from "../../src/storage/decisions.ts";
import { startGate } from "./gate-rig.ts";

test("decisions go when they are too old or too many, a bounded number at a time", async () => {
  const { db, close } = await startGate();
  try {
    const row = (decided_at: number) => ({
      approval_id: null,
      run_id: "r",
      session_key: "s",
      agent_id: "a",
      tool_call_id: "c",
      tool: "exec",
      call_json: "{}",
      decision: "deny",
      reason: "",
      decided_by: null,
      decided_at,
    });
    for (let at = 1; at <= 20; at++) await db.write((tx) => insertDecision(tx, row(at)));
    const gone: number[] = [];
    do gone.push(await db.write((tx) => deleteOldDecisions(tx, { since: 6, atMost: 8 }, 4)));
    while (gone.at(-1) !== 0);
    assert.deepEqual(gone, [4, 1, 4, 3, 0]);
    const left = await listDecisions(db.read, { limit: 100, before: undefined });
    assert.deepEqual(
      left.map((it) => it.decided_at),
      [20, 19, 18, 17, 16, 15, 14, 13],
    );
  } finally {
    await close();
  }
});
