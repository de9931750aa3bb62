import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { command, failsWith, owner, risky, withGate } from "./gate-rig.ts";

describe("asking", () => {
  test("a person sees exactly what would run, and it runs only once they allow it", () =>
    withGate({}, async (rig) => {
      const played = rig.play(command("/usr/bin/df", "-h"), { params: { argv: ["df", "-h"] } });
      await played.question;
      const [approval] = rig.approvals.list();
      assert.deepEqual(approval, {
        approvalId: played.asked(),
        runId: "run-1",
        sessionKey: "s",
        tool: "exec",
        params: { argv: ["df", "-h"] },
        toolCallId: "call-1",
        agentId: "default",
        facts: { argv: ["/usr/bin/df", "-h"], cwd: "/w", env: {} },
        reasons: ["it runs a command outside of a sandbox"],
        canAlways: true,
        createdAt: "1970-01-01T00:00:01.000Z",
        expiresAt: "1970-01-01T00:05:01.000Z",
      });
      assert.deepEqual(played.pauses, { count: 1, now: 1 });
      const approvalId = played.asked()!;
      assert.deepEqual(await rig.approvals.resolve({ approvalId, decision: "allow" }, owner), {
        approvalId,
        decision: "allow",
      });
      assert.deepEqual(await played.verdict, { allowed: true });
      assert.deepEqual(played.events.at(-1), {
        type: "approval.resolved",
        data: { approvalId, decision: "allow" },
      });
      assert.equal(played.pauses.now, 0);
      assert.deepEqual(rig.approvals.list(), []);
    }));

  test("a no is told to the model, with what to do instead", () =>
    withGate({}, async (rig) => {
      const { verdict } = await rig.answered("deny", command("/bin/ls"));
      assert.deepEqual(verdict, {
        allowed: false,
        reason:
          "The user was asked and said no. Do not try to get the same by another way; ask what to do instead.",
      });
    }));

  test("an unknown approval is not_found, and one that is decided a conflict", () =>
    withGate({}, async (rig) => {
      const unknown = rig.approvals.resolve({ approvalId: "x", decision: "allow" }, owner);
      await assert.rejects(unknown, failsWith("not_found", "approvalId"));
      const played = rig.play(command("/bin/ls"));
      await played.question;
      const approvalId = played.asked()!;
      const answers = await Promise.allSettled([
        rig.approvals.resolve({ approvalId, decision: "deny" }, owner),
        rig.approvals.resolve({ approvalId, decision: "allow" }, owner),
      ]);
      assert.deepEqual(
        answers.map((it) => it.status),
        ["fulfilled", "rejected"],
      );
      assert.equal((await played.verdict).allowed, false);
      const again = rig.approvals.resolve({ approvalId, decision: "allow" }, owner);
      await assert.rejects(again, failsWith("conflict", "approvalId"));
      assert.equal((await rig.decisions()).length, 1);
    }));

  test("the first answer counts and is told once, though the run ends while it is stored", () =>
    withGate({}, async (rig) => {
      const played = rig.play(command("/bin/ls"));
      await played.question;
      const resolved = rig.approvals.resolve({ approvalId: played.asked()!, decision: "deny" }, owner);
      played.end();
      await resolved;
      await played.verdict;
      assert.deepEqual(
        played.events.map((it) => it.type),
        ["approval.requested", "approval.resolved"],
      );
      assert.equal((await rig.decisions())[0]?.decidedBy, "gateway");
    }));

  test("no answer within the time is a no", () =>
    withGate({ approvals: { timeout: 5 } }, async (rig) => {
      const played = rig.play(command("/bin/ls"));
      const verdict = await played.verdict;
      assert.ok(!verdict.allowed);
      assert.match(verdict.reason, /nobody answered within 0\.005 s/);
      const { type, data } = played.events.at(-1)!;
      assert.deepEqual(
        [type, (data as { reason: string }).reason],
        ["approval.resolved", "nobody answered within 0.005 s"],
      );
      assert.deepEqual((await rig.decisions())[0]?.decidedBy, null);
    }));

  test("the run's end answers no, at once", () =>
    withGate({}, async (rig) => {
      const played = rig.play(command("/bin/ls"));
      await played.question;
      played.end();
      assert.equal(
        played.events.at(-1)?.type,
        "approval.resolved",
        "published while the run's log is still open",
      );
      assert.deepEqual(rig.approvals.list(), []);
      assert.equal((await played.verdict).allowed, false);
      assert.equal((await rig.decisions())[0]?.reason, "the run ended");
    }));

  test("the gateway's end answers no, and nobody is asked after it", () =>
    withGate({}, async (rig) => {
      const played = rig.play(command("/bin/ls"));
      await played.question;
      await rig.approvals.close();
      assert.equal((await rig.decisions()).length, 1, "kept before close resolves");
      assert.equal((await played.verdict).allowed, false);
      assert.equal(await rig.outcome(command("/bin/ls")), "refused");
    }));

  test("where approvals are off, what would need one is refused", () =>
    withGate({ approvals: { enabled: false } }, async (rig) => {
      const verdict = await rig.play(command("/bin/ls")).verdict;
      assert.ok(!verdict.allowed);
      assert.match(verdict.reason, /approvals are switched off/);
      assert.equal(await rig.outcome(risky("file-write")), "runs");
    }));

  test("at most ten calls of a session wait, fifty of guests, and a hundred in all", () =>
    withGate({}, async (rig) => {
      const ask = async (sessionId: number, trust: "owner" | "guest" = "owner") => {
        const played = rig.play(command("/bin/ls"), { scope: rig.scope({ sessionId, trust }) });
        return Promise.race([played.verdict, played.question]);
      };
      for (let i = 0; i < 10; i++) assert.equal(await ask(1), "asked");
      assert.notEqual(await ask(1), "asked");
      for (let i = 0; i < 50; i++) assert.equal(await ask(100 + i, "guest"), "asked");
      assert.notEqual(await ask(99, "guest"), "asked");
      for (let i = 0; i < 40; i++) assert.equal(await ask(200 + i), "asked");
      assert.notEqual(await ask(300), "asked");
      assert.equal(rig.approvals.list().length, 100);
    }));
});

describe("always", () => {
  test("lets the very same words of the same agent and tool run from then on", () =>
    withGate({ agents: { list: [{ id: "a" }, { id: "b" }] } }, async (rig) => {
      const same = () => command("/usr/bin/du", "-C", "x");
      const { verdict } = await rig.answered("always", same());
      assert.deepEqual(verdict, { allowed: true });
      assert.equal(await rig.outcome(same()), "runs");
      assert.equal(await rig.outcome(command("/usr/bin/du", "-C")), "asked");
      assert.equal(await rig.outcome(command("/usr/bin/du", "-C", "x", "y")), "asked");
      assert.equal(await rig.outcome(command("/usr/bin/du", "-C x")), "asked");
      assert.equal(await rig.outcome(same(), { tool: "process" }), "asked");
      assert.equal(await rig.outcome(same(), { scope: rig.scope({ agent: rig.agents.get("b") }) }), "asked");
      const { entries } = await rig.approvals.allowlist();
      assert.deepEqual(
        entries.map(({ agentId, tool, words, decidedBy }) => ({ agentId, tool, words, decidedBy })),
        [{ agentId: "a", tool: "exec", words: ["/usr/bin/du", "-C", "x"], decidedBy: "gateway" }],
      );
      await rig.approvals.forget(entries[0]!.entryId);
      assert.equal(await rig.outcome(same()), "asked");
      await assert.rejects(rig.approvals.forget(entries[0]!.entryId), failsWith("not_found", "entryId"));
    }));

  test("for what is handed over in the browser is for that site and those things alone", () =>
    withGate({}, async (rig) => {
      const submit = (...words: string[]) => ({
        prepared: { ...risky("network-request", "form-submit"), words: ["browser", ...words] },
        tool: "browser_click",
      });
      const outcome = ({ prepared, tool }: ReturnType<typeof submit>) =>
        rig.outcome(prepared, { tool, tainted: true });
      const shop = submit("shop.example", "password");
      await rig.answered("always", shop.prepared, { tool: shop.tool });
      assert.equal(await outcome(shop), "runs");
      assert.equal(await outcome(submit("other.example", "password")), "asked");
      assert.equal(await outcome(submit("shop.example", "to", "other.example", "password")), "asked");
      assert.equal(await outcome(submit("shop.example", "password", "payment")), "asked");
    }));

  test("is not to be had for programs that run what files say: those may say something else by the next time", () =>
    withGate({}, async (rig) => {
      for (const words of [["/usr/bin/git", "status"], ["/bin/sh", "build.sh"], ["/usr/bin/make"]]) {
        const played = rig.play(command(...words));
        await played.question;
        assert.equal(rig.approvals.list()[0]?.canAlways, false, words.join(" "));
        await rig.approvals.resolve({ approvalId: played.asked()!, decision: "deny" }, owner);
        await played.verdict;
      }
    }));

  test("is refused where words do not tell the call, and the question stays open", () =>
    withGate({}, async (rig) => {
      const played = rig.play(risky("system-command"));
      await played.question;
      const approvalId = played.asked()!;
      assert.equal(rig.approvals.list()[0]?.canAlways, false);
      const always = rig.approvals.resolve({ approvalId, decision: "always" }, owner);
      await assert.rejects(always, failsWith("invalid_request", "decision"));
      await rig.approvals.resolve({ approvalId, decision: "allow" }, owner);
      assert.deepEqual(await played.verdict, { allowed: true });
    }));
});

describe("the policies allowlist and deny", () => {
  const tools = { policy: { exec: "allowlist" }, allowlist: ["git status"] };

  test("only what is on the list runs, and nobody is asked", () =>
    withGate({ tools }, async (rig) => {
      assert.equal(await rig.outcome(command("/usr/bin/git", "status")), "runs");
      assert.equal(await rig.outcome(command("/usr/bin/git", "push")), "refused");
      assert.equal(await rig.outcome(risky("system-command")), "refused");
    }));

  test("deny refuses what is on the list, too", () =>
    withGate({ tools: { ...tools, policy: { exec: "deny" } } }, async (rig) => {
      assert.equal(await rig.outcome(command("/usr/bin/git", "status")), "refused");
    }));

  test("the list of the config is one of commands, and of no other tool's words", () =>
    withGate({ tools: { policy: { "*": "allowlist" }, allowlist: ["git status"] } }, async (rig) => {
      const words = ["/usr/bin/git", "status"];
      assert.equal(await rig.outcome({ ...risky("message-send"), words }), "refused");
    }));
});
