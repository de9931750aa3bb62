import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Database } from "../../src/storage/database.ts";
import { command, failsWith, owner, risky, startGate, withGate } from "./gate-rig.ts";

describe("the log of decisions", () => {
  test("has every decision that was not simply free, the newest first, page by page", () =>
    withGate({ tools: { policy: { message: "deny" }, allowlist: ["ls"] } }, async (rig) => {
      assert.equal(await rig.outcome(risky("file-write"), { tool: "write" }), "runs");
      assert.equal(
        await rig.outcome(risky("message-send"), { tool: "message", params: { to: "x" } }),
        "refused",
      );
      assert.equal(await rig.outcome(command("/bin/ls")), "runs");
      await rig.answered("deny", command("/bin/df"));
      const { decisions, nextCursor } = await rig.approvals.log({ limit: 2 });
      assert.deepEqual(
        decisions.map(({ tool, decision, reason, decidedBy }) => [tool, decision, reason, decidedBy]),
        [
          ["exec", "deny", "asked because it runs a command outside of a sandbox", "gateway"],
          ["exec", "allow", "tools.allowlist names it", null],
        ],
      );
      const rest = await rig.approvals.log({ limit: 2, cursor: nextCursor });
      assert.deepEqual(
        rest.decisions.map(({ tool, decision, call }) => [tool, decision, call]),
        [["message", "deny", { params: { to: "x" } }]],
      );
      assert.equal(rest.nextCursor, undefined);
      await assert.rejects(rig.approvals.log({ cursor: "!" }), failsWith("invalid_request", "cursor"));
    }));

  test("is on disk before the call may run; a decision that cannot be kept is no", async () => {
    let isBroken = false;
    let committed = 0;
    const rig = await startGate({ tools: { allowlist: ["ls"] } }, (db: Database) => ({
      ...db,
      async write(job) {
        if (isBroken) throw new Error("disk full");
        const result = await db.write(job);
        committed += 1;
        return result;
      },
    }));
    try {
      const allowed = rig.play(command("/bin/ls")).verdict.then(() => committed);
      assert.equal(await allowed, 1);
      isBroken = true;
      const verdict = await rig.play(command("/bin/ls")).verdict;
      assert.ok(!verdict.allowed);
      assert.doesNotMatch(verdict.reason, /disk/);
      const played = rig.play(command("/bin/df"));
      await played.question;
      await assert.rejects(rig.approvals.resolve({ approvalId: played.asked()!, decision: "allow" }, owner));
      assert.equal((await played.verdict).allowed, false);
    } finally {
      isBroken = false;
      await rig.close();
    }
  });

  test("what is shown and kept is bounded and masks secrets; who decides is told that something is cut", () =>
    withGate({}, async (rig) => {
      const env = { GITHUB_TOKEN: "ghp_1", HOME: "/w", DATABASE: "postgres://u:hunter2@db/x" };
      const prepared = {
        ...command("/bin/sh", "-c", "x".repeat(100_000)),
        facts: { env, argv: ["y".repeat(200_000)] },
      };
      const played = rig.play(prepared, { params: { argv: ["z".repeat(200_000)], password: "kept" } });
      await played.question;
      const [approval] = rig.approvals.list();
      assert.deepEqual(approval?.facts?.env, {
        GITHUB_TOKEN: "***",
        HOME: "/w",
        DATABASE: "postgres://***@db/x",
      });
      assert.ok(approval.reasons.includes("it is too long to be shown whole"));
      assert.equal(approval.canAlways, false);
      assert.ok(JSON.stringify(approval).length < 150_000);
      played.end();
      await played.verdict;
      const row = await rig.db.read.selectFrom("decisions").select("call_json").executeTakeFirstOrThrow();
      assert.ok(row.call_json.length < 20_000);
      assert.doesNotMatch(row.call_json, /ghp_1|hunter2/);
    }));
});
