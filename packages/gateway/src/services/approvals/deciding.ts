import type { Approval, ApprovalDecision, ApprovalsConfig, ToolsConfig } from "openclaw-protocol";
import { type Clock, isoTime } from "../../lib/clock.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Log } from "../../lib/log.ts";
import { insertAllowedCall } from "../../storage/allowed-calls.ts";
import type { Database, Tx } from "../../storage/database.ts";
import { insertDecision } from "../../storage/decisions.ts";
import type { Gate, GateRequest, Verdict } from "../gate.ts";
import { keyOf, listNaming, wordsOf } from "./allowed.ts";
import type { CommandList } from "./command-list.ts";
import { type Judgement, judge } from "./policy.ts";
import { runsOthers } from "./programs.ts";
import type { Answer, Questions } from "./questions.ts";
import { type Shown, shown } from "./shown.ts";

/** Most characters of a call that is shown to whoever decides, and of one in the log. */
const shownAtMost = 65_536;
const loggedAtMost = 16_384;

export interface GateDeps {
  db: Database;
  config: ApprovalsConfig;
  tools: Pick<ToolsConfig, "policy" | "byChannel" | "allowlist">;
  ids: MakeId;
  clock: Clock;
  log: Log;
}

/** A decision as the log keeps it. */
interface Decided {
  decision: ApprovalDecision;
  reason: string;
  by: string | null;
  approvalId: string | null;
}

/** The gate: decides on each call, and keeps every decision before the call runs. What cannot be kept is no. */
export function createGate(deps: GateDeps, questions: Questions, commands: CommandList): Gate {
  const { db, config, tools, ids, clock } = deps;

  return async (request) => {
    if (request.tainted) request.scope.tainted = true;
    try {
      return await decide(request);
    } catch (error) {
      const { runId } = request.scope;
      deps.log.error({ err: error, runId, tool: request.tool }, "a tool call could not be decided on");
      return refused("The decision on this call could not be stored, so it was not run. Tell the user.");
    }
  };

  async function decide(request: GateRequest): Promise<Verdict> {
    const { scope, tool, prepared } = request;
    const tainted = scope.tainted === true;
    const judgement = judge({ scope, tool, prepared, tainted }, { tools, approvals: config });
    const { policy } = judgement;
    if (policy === "full") return { allowed: true };
    if (policy === "deny")
      return deny(
        request,
        `the policy for ${tool} is "deny"`,
        `The policy of this gateway does not allow this call of ${tool}. Do without it.`,
      );
    const words = judgement.mayMatch ? await wordsOf(request) : undefined;
    const list = words && (await listNaming(request, words, { db, commands }));
    if (list !== undefined) {
      await keep(request, { decision: "allow", reason: list, by: null, approvalId: null });
      return { allowed: true };
    }
    if (policy === "allowlist")
      return deny(
        request,
        "the allow-list does not name it",
        `Only calls of ${tool} on the allow-list run, and this is none of them. Do without it, or tell the user what you would have run.`,
      );
    return ask(request, judgement, words);
  }

  async function ask(
    request: GateRequest,
    { reasons }: Judgement,
    words: readonly string[] | undefined,
  ): Promise<Verdict> {
    const { scope, signal } = request;
    const isGuests = scope.trust === "guest";
    const unaskable = config.enabled
      ? questions.refusal(scope.sessionId, isGuests)
      : "This call needs a person's decision, and approvals are switched off (approvals.enabled)";
    if (unaskable !== undefined)
      return deny(request, unaskable, `${unaskable}. It was not run. Do without it, or tell the user.`);
    // What runs others runs what files say, and those may be other ones by the next time: git, sh, make.
    const isForGood = words !== undefined && !runsOthers(words[0] ?? "");
    const approval = approvalOf(request, reasons, isForGood);
    const { approvalId } = approval;
    request.publish({ type: "approval.requested", data: approval });
    const { decision, by, reason } = await questions.ask({
      approval,
      sessionId: scope.sessionId,
      isGuests,
      signal,
      waiting: (until) => request.waiting(until),
      onAnswer: (answer) =>
        request.publish({
          type: "approval.resolved",
          data: {
            approvalId,
            decision: answer.decision,
            ...(answer.reason !== undefined && { reason: answer.reason }),
          },
        }),
      store: (answer) => keepAnswer(request, approval, answer, words),
    });
    if (decision !== "deny") return { allowed: true };
    return refused(
      by === null
        ? `This call needs a person's decision, and it is no: ${reason}. Do without it, or tell the user.`
        : "The user was asked and said no. Do not try to get the same by another way; ask what to do instead.",
    );
  }

  function approvalOf(request: GateRequest, reasons: readonly string[], canAlways: boolean): Approval {
    const { scope, tool, toolCallId, prepared } = request;
    const now = clock.now();
    const params = shown(request.params, shownAtMost);
    const facts: Shown | undefined = prepared.facts && shown(prepared.facts, shownAtMost);
    const isCut = params.isCut || facts?.isCut === true;
    return {
      approvalId: ids("approval"),
      runId: scope.runId,
      sessionKey: scope.sessionKey,
      tool,
      params: params.value,
      toolCallId,
      agentId: scope.agent.id,
      ...(facts && { facts: facts.value as Record<string, unknown> }), // made of a record
      reasons: [...reasons, ...(isCut ? ["it is too long to be shown whole"] : [])],
      canAlways: canAlways && !isCut,
      createdAt: isoTime(now),
      expiresAt: isoTime(now + config.timeout),
    };
  }

  async function keepAnswer(
    request: GateRequest,
    { approvalId, reasons }: Approval,
    { decision, by, reason = `asked because ${reasons.join(", ")}` }: Answer,
    words: readonly string[] | undefined,
  ): Promise<void> {
    const decided = { decision, reason, by, approvalId };
    if (decision !== "always" || !words || by === null) return keep(request, decided);
    const entry = {
      id: ids("allowed"),
      ...keyOf(request, words),
      decided_by: by,
      created_at: clock.now(),
    };
    await keep(request, decided, (tx) => insertAllowedCall(tx, entry));
  }

  async function deny(request: GateRequest, reason: string, forModel: string): Promise<Verdict> {
    await keep(request, { decision: "deny", reason, by: null, approvalId: null });
    return refused(forModel);
  }

  async function keep(
    { scope, tool, toolCallId, params, prepared: { facts } }: GateRequest,
    decided: Decided,
    also?: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    const row = {
      approval_id: decided.approvalId,
      run_id: scope.runId,
      session_key: scope.sessionKey,
      agent_id: scope.agent.id,
      tool_call_id: toolCallId,
      tool,
      call_json: JSON.stringify(shown({ params, ...(facts && { facts }) }, loggedAtMost).value),
      decision: decided.decision,
      reason: decided.reason,
      decided_by: decided.by,
      decided_at: clock.now(),
    };
    await db.write(async (tx) => {
      await also?.(tx);
      await insertDecision(tx, row);
    });
  }
}

function refused(reason: string): Verdict {
  return { allowed: false, reason };
}
