import type {
  AllowedCall,
  Approval,
  ApprovalDecision,
  CallDecision,
  ParsedParamsOf,
  ResultOf,
} from "openclaw-protocol";
import { isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import {
  type AllowedCallRow,
  countAllowedCalls,
  deleteAllowedCall,
  listAllowedCalls,
} from "../../storage/allowed-calls.ts";
import { type DecisionRow, listDecisions } from "../../storage/decisions.ts";
import type { Caller } from "../access.ts";
import type { Gate } from "../gate.ts";
import { decodeCursor, encodeCursor } from "../sessions/views.ts";
import { createCommandList } from "./command-list.ts";
import { createGate, type GateDeps } from "./deciding.ts";
import { createQuestions } from "./questions.ts";

const pageUnlessTold = 100;
/** Most calls that `always` keeps. */
const allowedAtMost = 1_000;

/** Who decides on tool calls: the policy, the allow-lists, people; and what was decided. */
export interface Approvals {
  readonly gate: Gate;
  /** Sentences for the owner about the config's allow-list. */
  readonly warnings: readonly string[];
  list(): Approval[];
  /** Answers for a waiting call; resolves once the answer is kept. `always` also puts the call on the allow-list. */
  resolve(
    answer: ParsedParamsOf<"approval.resolve">,
    caller: Pick<Caller, "id">,
  ): Promise<ResultOf<"approval.resolve">>;
  log(query: ParsedParamsOf<"approval.log">): Promise<ResultOf<"approval.log">>;
  allowlist(): Promise<ResultOf<"approval.allowlist">>;
  forget(entryId: string): Promise<ResultOf<"approval.forget">>;
  /** Answers everything that waits with no. */
  close(): Promise<void>;
}

export function createApprovals(deps: GateDeps): Approvals {
  const { db } = deps;
  const commands = createCommandList(deps.tools.allowlist);
  const questions = createQuestions({ timeoutMs: deps.config.timeout });

  return {
    gate: createGate(deps, questions, commands),
    warnings: commands.warnings,
    list: () => questions.list(),

    async resolve({ approvalId, decision }, caller) {
      const { canAlways, tool } = questions.get(approvalId);
      if (decision === "always" && !canAlways)
        throw new GatewayError(
          "invalid_request",
          `This call of ${tool} cannot be allowed for good. Allow it this once, or deny it.`,
          { param: "decision" },
        );
      if (decision === "always" && (await countAllowedCalls(db.read)) >= allowedAtMost)
        throw new GatewayError(
          "conflict",
          `The allow-list is full (${allowedAtMost} calls). Forget some of them first.`,
          { param: "decision" },
        );
      await questions.answer(approvalId, { decision, by: caller.id });
      return { approvalId, decision };
    },

    async log({ limit = pageUnlessTold, cursor }) {
      const before = cursor === undefined ? undefined : decodeCursor(cursor, 1, "cursor")[0];
      const rows = await listDecisions(db.read, { limit: limit + 1, before });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        decisions: page.map(decisionView),
        ...(rows.length > limit && last && { nextCursor: encodeCursor([last.id]) }),
      };
    },

    async allowlist() {
      return { entries: (await listAllowedCalls(db.read)).map(entryView) };
    },

    async forget(entryId) {
      if (!(await db.write((tx) => deleteAllowedCall(tx, entryId))))
        throw new GatewayError("not_found", `There is no entry "${entryId}" on the allow-list.`, {
          param: "entryId",
        });
      return { forgotten: true, entryId };
    },

    close: () => questions.close(),
  };
}

function decisionView(row: DecisionRow): CallDecision {
  return {
    approvalId: row.approval_id,
    runId: row.run_id,
    sessionKey: row.session_key,
    agentId: row.agent_id,
    toolCallId: row.tool_call_id,
    tool: row.tool,
    call: JSON.parse(row.call_json),
    decision: row.decision as ApprovalDecision, // written from one
    reason: row.reason,
    decidedBy: row.decided_by,
    decidedAt: isoTime(row.decided_at),
  };
}

function entryView(row: AllowedCallRow): AllowedCall {
  return {
    entryId: row.id,
    agentId: row.agent_id,
    tool: row.tool,
    words: JSON.parse(row.words_json) as string[], // written from words
    decidedBy: row.decided_by,
    createdAt: isoTime(row.created_at),
  };
}
