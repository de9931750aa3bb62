import type {
  Attachment,
  ErrorDetail,
  FinishReason,
  RunOptions,
  RunStatus,
  Scope,
  ThinkingLevel,
  Usage,
} from "openclaw-protocol";
import type { Caller } from "../access.ts";
import type { Agent } from "../agents/agents.ts";
import type { ResolvedModel } from "../models/models.ts";
import type { Inherited } from "../run-scope.ts";
import type { Inbox } from "./inbox.ts";
import type { Turn } from "./lanes.ts";
import type { RunLog } from "./run-log.ts";

/** What a run is asked to do, by whom. */
export interface RunRequest {
  caller: Caller;
  message: string;
  sessionKey?: string | undefined;
  agentId?: string | undefined;
  attachments?: readonly Attachment[] | undefined;
  options?: RunOptions | undefined;
  idempotencyKey?: string | undefined;
  /** Instructions for this run alone. */
  system?: string | undefined;
  /** What was said before, for a session that does not exist yet. */
  past?: readonly { role: "user" | "assistant"; content: string }[] | undefined;
  /** Whether the session shows in lists; a throw-away one is deleted with its run. */
  listed?: boolean | undefined;
  /** What the run that starts this one hands on: it gets at most that. */
  inherited?: Inherited | undefined;
  /** What is said comes from outside, or was made of what does. */
  tainted?: boolean | undefined;
  /** Where a new session belongs; `webchat` unless told. */
  channel?: string | undefined;
  /** What a new session is called after; the message unless told. */
  title?: string | undefined;
  /** Who may speak here was decided already: the session may be anybody's. */
  letIn?: boolean | undefined;
  /** The idempotency key alone says that it is the same request, whatever else it holds. */
  keyDecides?: boolean | undefined;
  /** A run that was cut off: this one answers its message in its stead, where it had done nothing yet. */
  takesOver?: string | undefined;
}

/** What a run keeps on disk of its request, to begin after a restart. */
export interface KeptOptions extends RunOptions {
  system?: string | undefined;
  attachments?: number | undefined;
  inherited?: Inherited | undefined;
  tainted?: boolean | undefined;
  /** What the caller might do when it asked. */
  scopes?: readonly Scope[] | undefined;
  /** USD per day that the caller's token may cost. */
  tokenLimit?: number | undefined;
  /** What to try when the model fails, in order. */
  fallbacks?: readonly string[] | undefined;
}

/** How a run ended. */
export interface RunOutcome {
  status: Exclude<RunStatus, "queued" | "running">;
  response: string;
  finishReason: FinishReason | undefined;
  usage: Usage;
  cost: number;
  model: string;
  error: ErrorDetail | undefined;
}

/** A run in this process, from admission to end. */
export interface LiveRun {
  readonly id: string;
  readonly sessionId: number;
  readonly sessionKey: string;
  readonly channel: string;
  /** The credential that made the session. */
  readonly owner: string;
  /** The credential that asked for the run. */
  readonly callerId: string;
  readonly listed: boolean;
  readonly agent: Agent;
  /** The model that was chosen; `answering` tells which one it was in the end. */
  readonly model: ResolvedModel;
  answering: ResolvedModel;
  readonly thinking: ThinkingLevel;
  readonly options: KeptOptions;
  readonly message: { id: string; text: string };
  readonly log: RunLog;
  readonly turn: Turn;
  /** What the user says to it while it runs. */
  readonly inbox: Inbox;
  readonly controller: AbortController;
  status: RunStatus;
  readonly ended: Promise<RunOutcome>;
  settle(outcome: RunOutcome): void;
}

export const noUsage: Usage = { promptTokens: 0, completionTokens: 0, totalTokens: 0 };

export function addUsages(a: Usage, b: Usage): Usage {
  const reasoning = (a.reasoningTokens ?? 0) + (b.reasoningTokens ?? 0);
  const cached = (a.cachedTokens ?? 0) + (b.cachedTokens ?? 0);
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    totalTokens: a.totalTokens + b.totalTokens,
    ...(reasoning > 0 && { reasoningTokens: reasoning }),
    ...(cached > 0 && { cachedTokens: cached }),
  };
}
