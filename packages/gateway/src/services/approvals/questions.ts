import type { Approval, ApprovalDecision } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import { onAbort } from "../../lib/signals.ts";

/** Most calls that wait for somebody at once: in all, for guests' runs, and in one session. */
const openAtMost = 100;
const guestsAtMost = 50;
const ofSessionAtMost = 10;
/** How many answered questions are remembered, to tell a second answer from a wrong id. */
const rememberedAtMost = 1_000;

export interface Answer {
  readonly decision: ApprovalDecision;
  /** The credential; null: nobody answered. */
  readonly by: string | null;
  /** Where nobody answered: why it is no. */
  readonly reason?: string | undefined;
}

export interface Question {
  readonly approval: Approval;
  readonly sessionId: number;
  readonly isGuests: boolean;
  /** Aborted when the run ends: nobody need answer any more. */
  readonly signal: AbortSignal;
  waiting<T>(until: Promise<T>): Promise<T>;
  /** The first answer is there; called at once, while the run is still alive. */
  onAnswer(answer: Answer): void;
  /** Keeps the answer for good, before anything is done on it. */
  store(answer: Answer): Promise<void>;
}

/** Questions to people, from asking to the first answer. */
export interface Questions {
  /** Why nobody can be asked now; undefined when somebody can. */
  refusal(sessionId: number, isGuests: boolean): string | undefined;
  /** Resolves with the first answer once it is stored; a time limit, the run's end and `close` answer no. */
  ask(question: Question): Promise<Answer>;
  list(): Approval[];
  /** Throws `not_found`, or `conflict` where it has been answered. */
  get(approvalId: string): Approval;
  /** Answers; resolves once that is stored. Throws as `get` does. */
  answer(approvalId: string, answer: Answer): Promise<void>;
  /** Answers everything with no; resolves once that is stored. */
  close(): Promise<void>;
}

interface Open {
  question: Question;
  settle(answer: Answer): void;
  stored: Promise<void>;
}

export function createQuestions({ timeoutMs }: { timeoutMs: number }): Questions {
  const open = new Map<string, Open>();
  const answered = new Set<string>();
  let isClosed = false;

  function find(approvalId: string): Open {
    const found = open.get(approvalId);
    if (found) return found;
    if (answered.has(approvalId))
      throw new GatewayError("conflict", `The approval "${approvalId}" is already decided.`, {
        param: "approvalId",
      });
    throw new GatewayError("not_found", `No approval "${approvalId}" is waiting.`, { param: "approvalId" });
  }

  function remember(approvalId: string): void {
    answered.add(approvalId);
    if (answered.size <= rememberedAtMost) return;
    for (const oldest of answered) {
      answered.delete(oldest);
      break;
    }
  }

  return {
    refusal(sessionId, isGuests) {
      if (isClosed) return "The gateway is stopping, so nobody can be asked";
      const all = [...open.values()].map((it) => it.question);
      const isFull =
        all.length >= openAtMost ||
        (isGuests && all.filter((it) => it.isGuests).length >= guestsAtMost) ||
        all.filter((it) => it.sessionId === sessionId).length >= ofSessionAtMost;
      return isFull ? "Too many calls wait for a decision already" : undefined;
    },

    async ask(question) {
      const { approvalId } = question.approval;
      const first = Promise.withResolvers<Answer>();
      const stored = Promise.withResolvers<void>();
      stored.promise.catch(() => undefined); // the asker gets the same failure
      const settle = (answer: Answer): void => {
        if (!open.delete(approvalId)) return;
        remember(approvalId);
        question.onAnswer(answer);
        first.resolve(answer);
      };
      const no = (reason: string) => () => settle({ decision: "deny", by: null, reason });
      open.set(approvalId, { question, settle, stored: stored.promise });
      const timer = setTimeout(no(`nobody answered within ${timeoutMs / 1000} s`), timeoutMs);
      const stopListening = onAbort(question.signal, no("the run ended"));
      try {
        const answer = await question.waiting(first.promise);
        await question.store(answer);
        stored.resolve();
        return answer;
      } catch (error) {
        stored.reject(error);
        throw error;
      } finally {
        clearTimeout(timer);
        stopListening();
      }
    },

    list: () => [...open.values()].map((it) => it.question.approval),
    get: (approvalId) => find(approvalId).question.approval,

    async answer(approvalId, answer) {
      const { settle, stored } = find(approvalId);
      settle(answer);
      await stored;
    },

    async close() {
      isClosed = true;
      const all = [...open.values()];
      for (const { settle } of all) settle({ decision: "deny", by: null, reason: "the gateway was stopped" });
      await Promise.allSettled(all.map((it) => it.stored));
    },
  };
}
