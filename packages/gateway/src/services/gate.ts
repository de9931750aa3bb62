import type { Approval, ApprovalDecision } from "openclaw-protocol";
import type { PreparedCall } from "../runtime/tools/types.ts";
import type { RunScope } from "./run-scope.ts";

/** A call that is ready to run, before the policy. */
export interface GateRequest {
  readonly scope: RunScope;
  readonly toolCallId: string;
  readonly tool: string;
  /** As the model wrote them, validated. */
  readonly params: unknown;
  readonly prepared: PreparedCall;
  /** Whether this turn has read what strangers wrote. */
  readonly tainted: boolean;
  readonly signal: AbortSignal;
  /** Puts an event into the run's log. */
  publish(event: ApprovalEvent): void;
  /** While somebody is being asked, the run's own clock stands still. */
  waiting<T>(until: Promise<T>): Promise<T>;
}

export type ApprovalEvent =
  | { type: "approval.requested"; data: Approval }
  | {
      type: "approval.resolved";
      data: { approvalId: string; decision: ApprovalDecision; reason?: string };
    };

/** `reason` is for the model: what was decided and what to do instead. */
export type Verdict = { allowed: true } | { allowed: false; reason: string };

/** Decides whether a call runs: the policy, the allow-list, and where need be a person. */
export type Gate = (request: GateRequest) => Promise<Verdict>;
