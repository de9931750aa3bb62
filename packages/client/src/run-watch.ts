import type { ErrorDetail, RunAnswer, RunEvent } from "./contract.gen.ts";
import { OpenClawError } from "./errors.ts";
import { EventQueue } from "./event-queue.ts";

/** One reader: of one run, or, without `runId`, of whatever runs in a session. */
export interface RunWatch {
  readonly runId?: string;
  readonly sessionKey: string;
  readonly events: EventQueue;
  /** The answer of the one run. */
  readonly done: Promise<RunAnswer>;
  /** Hands on an event; true when it was the last one for this reader. */
  push(event: RunEvent): boolean;
  /** Nothing will come any more; without an error the reader just ends. */
  end(error?: unknown): void;
}

export function createRunWatch(key: { runId?: string; sessionKey: string }): RunWatch {
  const events = new EventQueue();
  let resolve!: (answer: RunAnswer) => void;
  let reject!: (error: unknown) => void;
  const done = new Promise<RunAnswer>((...both) => {
    [resolve, reject] = both;
  });
  // Whoever only iterates does not have to await `done` as well.
  done.catch(() => {});
  const end = (error?: unknown) => {
    events.end(error);
    reject(error ?? new Error("The run is no longer watched."));
  };
  return {
    ...key,
    events,
    done,
    end,
    push(event) {
      const last = key.runId !== undefined && isEnd(event);
      if (last && event.type === "chat.error") {
        end(new OpenClawError(errorOf(event.data)));
        return true;
      }
      events.push(event);
      if (!last) return false;
      if (event.type !== "chat.error") resolve(answerOf(event.data as RunAnswer)); // the other two ends carry the answer
      events.end();
      return true;
    },
  };
}

export function isEnd({ type }: RunEvent): boolean {
  return type === "chat.done" || type === "chat.error" || type === "chat.aborted";
}

function errorOf({ runId, error }: { runId: string; error: ErrorDetail }): ErrorDetail {
  return { runId, ...error };
}

function answerOf(data: RunAnswer): RunAnswer {
  const { runId, sessionKey, response, usage, finishReason, model, cost } = data;
  return { runId, sessionKey, response, usage, finishReason, model, cost };
}
