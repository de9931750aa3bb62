import type { RunEvent } from "openclaw-protocol";
import type { Subscription } from "../../src/services/subscription.ts";

/** A subscription that a test feeds by hand. */
export interface Feed {
  subscription: Subscription;
  push(event: RunEvent): void;
  /** The run is over: no more events. */
  end(): void;
  fail(error: unknown): void;
  /** How many events the reader has taken. */
  taken(): number;
  closed(): boolean;
}

export function createFeed(runId: string, sessionKey = "s"): Feed {
  const waiting: RunEvent[] = [];
  let state: "open" | "ended" | "closed" = "open";
  let failure: unknown;
  let taken = 0;
  let wake = () => {};
  async function* events(): AsyncGenerator<RunEvent> {
    for (;;) {
      const event = waiting.shift();
      if (failure !== undefined) throw failure;
      if (event) {
        taken++;
        yield event;
      } else if (state !== "open") return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const become = (next: "ended" | "closed") => {
    if (state !== "closed") state = next;
    wake();
  };
  return {
    subscription: {
      ...{ runId, sessionKey, status: "running", lastSeq: 0, events: events() },
      onOverflow: () => {},
      close: () => become("closed"),
    },
    push(event) {
      waiting.push(event);
      wake();
    },
    end: () => become("ended"),
    fail(error) {
      failure = error;
      wake();
    },
    taken: () => taken,
    closed: () => state === "closed",
  };
}

export function delta(runId: string, seq: number, text = `text ${seq}`): RunEvent {
  return { type: "chat.delta", data: { runId, sessionKey: "s", seq, messageId: "m", delta: text } };
}

export function done(runId: string, seq: number): RunEvent {
  const usage = { promptTokens: 1, completionTokens: 1, totalTokens: 2 };
  return {
    type: "chat.done",
    data: {
      runId,
      sessionKey: "s",
      seq,
      finishReason: "stop",
      usage,
      model: "p/m",
      cost: 0,
      response: "text",
    },
  };
}
