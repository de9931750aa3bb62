import type { ToolCall, Usage } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import { readable } from "../../runtime/calls.ts";
import type { LoopEvent, Step } from "../../runtime/loop.ts";
import { costOf } from "../../runtime/models/cost.ts";
import type { Database, Tx } from "../../storage/database.ts";
import { insertMessage, type NewMessage, placeMessage, setToolCalls } from "../../storage/messages.ts";
import { insertEvents } from "../../storage/runs.ts";
import { answered } from "./endings.ts";
import { addUsages, type LiveRun, noUsage } from "./types.ts";

type Taken = Exclude<LoopEvent, { type: "end" }>;
type Status = NewMessage["status"];

/** What a run has said and spent so far, and the way of it to readers and to the disk. */
export interface Record {
  /** Publishes what happened and puts finished steps on disk. Returns nothing to wait for unless it wrote. */
  take(event: Taken): Promise<void> | undefined;
  /** Something was spent that is no step of the conversation. */
  spent(usage: Usage, cost: number): void;
  readonly usage: Usage;
  readonly cost: number;
  /** The last answer, as far as it has come. */
  response(): string;
  /** Puts what is not on disk yet there, in the transaction of the run's end; `broken`: why it did not end well. */
  storeRest(tx: Tx, broken: Status): Promise<void>;
}

export function createRecord(run: LiveRun, { db, clock }: { db: Database; clock: Clock }): Record {
  const { log } = run;
  let usage: Usage = noUsage;
  let cost = 0;
  let response = "";
  /** The message that is being written. */
  let partial: { messageId: string; text: string } | undefined;
  /** The last whole answer, not on disk yet. */
  let last: Step | undefined;
  /** A step on disk whose tools are running. */
  let waiting: { messageId: string; calls: ToolCall[] } | undefined;

  function spent(more: Usage, dollars: number): void {
    usage = addUsages(usage, more);
    cost += dollars;
  }

  function take(event: Taken): Promise<void> | undefined {
    switch (event.type) {
      case "thinking":
        log.append("chat.thinking", { delta: event.delta });
        return undefined;
      case "text":
        if (partial?.messageId !== event.messageId) partial = { messageId: event.messageId, text: "" };
        partial.text += event.delta;
        log.append("chat.delta", { messageId: event.messageId, delta: event.delta });
        return undefined;
      case "step":
        return endStep(event.step);
      case "tool.call": {
        const { toolCallId, tool, params } = event.call;
        log.append("tool.call", { toolCallId, tool, params });
        return undefined;
      }
      case "tool.result":
        return endCall(event.call);
      case "results":
        waiting = undefined;
        return undefined;
      case "steered": {
        const said = last;
        last = undefined;
        return write(async (tx) => {
          if (said) await insertMessage(tx, answerOf(said, null));
          for (const { messageId } of event.messages) await placeMessage(tx, run.sessionId, messageId);
        });
      }
    }
  }

  function endStep(step: Step): Promise<void> | undefined {
    spent(step.usage, costOf(step.usage, run.answering.facts.cost));
    partial = undefined;
    response = step.text;
    if (step.calls.length === 0) {
      last = step; // stored together with the run's end, or with what the user says next
      return undefined;
    }
    const calls = step.calls.map((call) => ({
      toolCallId: call.id,
      tool: call.name,
      params: readable(call.arguments),
    }));
    waiting = { messageId: step.messageId, calls };
    return write((tx) => insertMessage(tx, { ...answerOf(step, null), toolCalls: calls }));
  }

  function endCall(call: ToolCall): Promise<void> | undefined {
    const { toolCallId, tool, result, isError = false } = call;
    log.append("tool.result", { toolCallId, tool, result, isError });
    if (!waiting) return undefined;
    const { messageId, calls } = waiting;
    calls[calls.findIndex((it) => it.toolCallId === toolCallId && it.result === undefined)] = call;
    const soFar = [...calls];
    return write((tx) => setToolCalls(tx, messageId, soFar));
  }

  /** One transaction with the events that led to it. */
  function write(job: (tx: Tx) => Promise<void>): Promise<void> {
    const events = keepEvents(run);
    return db.write(async (tx) => {
      await job(tx);
      await events?.(tx);
    });
  }

  function answerOf({ messageId, text, reasoning }: Step, status: Status): NewMessage {
    return { ...messageOf(messageId, text, status), reasoning };
  }

  function messageOf(id: string, content: string, status: Status = null): NewMessage {
    const { sessionId, id: runId } = run;
    return { sessionId, id, runId, role: "assistant", content, now: clock.now(), status };
  }

  return {
    take,
    spent,
    get usage() {
      return usage;
    },
    get cost() {
      return cost;
    },
    response: () => partial?.text ?? response,
    async storeRest(tx, broken) {
      if (last && (last.text !== "" || last.reasoning.length > 0)) {
        await insertMessage(tx, answerOf(last, broken));
      } else if (partial && partial.text !== "") {
        await insertMessage(tx, messageOf(partial.messageId, partial.text, broken));
      }
      if (waiting) await setToolCalls(tx, waiting.messageId, waiting.calls.map(answered), broken);
    },
  };
}

/** Puts the run's new events on disk, with whatever else its transaction does. To be called outside of the write job, which may be run twice. */
export function keepEvents(run: LiveRun): ((tx: Tx) => Promise<void>) | undefined {
  const unsaved = run.log.takeUnsaved();
  if (!unsaved) return undefined;
  return (tx) => insertEvents(tx, run.id, unsaved.lastSeq, unsaved.json);
}
