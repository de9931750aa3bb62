import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApprovalRequestedData, OpenClawClient } from "openclaw-client";
import { createQuestions } from "../../src/cli/commands/questions.ts";
import type { Context } from "../../src/cli/context.ts";
import { onAbort } from "../../src/lib/signals.ts";
import { until } from "../support/until.ts";

const requested: ApprovalRequestedData = {
  approvalId: "approval-1",
  runId: "run-1",
  sessionKey: "s",
  seq: 3,
  tool: "exec",
  params: { argv: ["ls"] },
  toolCallId: "call-1",
  agentId: "default",
  facts: { argv: ["/usr/bin/ls", "\u001b[2J\u202egnp.exe"] },
  reasons: ["it runs a command outside of a sandbox"],
  canAlways: true,
  createdAt: "2026-01-01T00:00:00.000Z",
  expiresAt: "2026-01-01T00:05:00.000Z",
};

/** Questions at a terminal where `answer` is typed; nobody sits there without one. */
function atTerminal(answer?: (question: string, signal: AbortSignal) => Promise<string>) {
  const decided: string[] = [];
  let said = "";
  const ask = answer && ((question: string, { signal }: { signal: AbortSignal }) => answer(question, signal));
  const context = {
    signal: new AbortController().signal,
    terminal: { program: "openclaw", ...(ask && { ask }) },
  } as unknown as Context; // all that questions look at
  const client = {
    approvals: { resolve: async (id: string, decision: string) => decided.push(`${id} ${decision}`) },
  } as unknown as OpenClawClient; // the same
  const questions = createQuestions(context, client, (text) => {
    said += text;
  });
  return { questions, decided, said: () => said };
}

test("what is typed decides: y once, a for good, and anything else is no", async () => {
  for (const [typed, decision] of [
    ["y", "allow"],
    ["YES ", "allow"],
    ["a", "always"],
    ["", "deny"],
    ["n", "deny"],
    ["yep", "deny"],
  ] as const) {
    const { questions, decided } = atTerminal(async () => typed);
    questions.ask(requested);
    await until(() => decided.length === 1, "an answer is sent");
    assert.equal(decided[0], `approval-1 ${decision}`);
  }
});

test("for good is not offered where it cannot be, and means this once", async () => {
  let question = "";
  const { questions, decided } = atTerminal(async (text) => {
    question = text;
    return "a";
  });
  questions.ask({ ...requested, canAlways: false });
  await until(() => decided.length === 1, "an answer is sent");
  assert.equal(decided[0], "approval-1 allow");
  assert.doesNotMatch(question, /always/);
});

test("a question that is answered elsewhere is taken back", async () => {
  let wasTakenBack = false;
  const { questions, decided, said } = atTerminal(
    (_, signal) =>
      new Promise((_resolve, reject) => {
        onAbort(signal, () => {
          wasTakenBack = true;
          reject(signal.reason);
        });
      }),
  );
  questions.ask(requested);
  await new Promise((resolve) => setImmediate(resolve));
  questions.close({ ...requested, decision: "deny", reason: "nobody decided in time" });
  await until(() => wasTakenBack, "the question is taken back");
  assert.deepEqual(decided, []);
  assert.match(said(), /denied: nobody decided in time/);
});

test("where nobody sits at the terminal, it says how else to answer", () => {
  const { questions, said } = atTerminal();
  questions.ask(requested);
  assert.match(said(), /openclaw approvals allow approval-1, or openclaw approvals deny approval-1/);
});

test("what would run is shown without anything that commands the terminal", () => {
  const { questions, said } = atTerminal();
  questions.ask(requested);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
  assert.doesNotMatch(said(), /[\u001b\u202e]/);
  assert.match(said(), /202e/);
});
