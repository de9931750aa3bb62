import type { ErrorDetail, FinishReason, ToolCall } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import { toGatewayError } from "../../lib/errors.ts";
import type { MakeId } from "../../lib/ids.ts";
import type { Log } from "../../lib/log.ts";
import { createKits } from "../../runtime/kits.ts";
import { type LoopEvent, readable, runLoop, type Step } from "../../runtime/loop.ts";
import { costOf } from "../../runtime/models/cost.ts";
import type { ModelEvent, ModelRequest, PromptMessage } from "../../runtime/models/types.ts";
import { systemPrompt } from "../../runtime/prompt.ts";
import type { Database } from "../../storage/database.ts";
import { insertMessage, type NewMessage, placeQueued, setToolCalls } from "../../storage/messages.ts";
import { endRun, insertEvents, markRunning } from "../../storage/runs.ts";
import { addUsage, deleteSession } from "../../storage/sessions.ts";
import { answered, Interrupted, timedOut } from "./endings.ts";
import { type History, userParts } from "./history.ts";
import { addUsages, type LiveRun, noUsage, type RunOutcome } from "./types.ts";

const stepsAtMost = 32;
/** Tokens kept free for the answer when a session's past is measured against the context window. */
const answerAtMost = 16_384;
const charactersPerToken = 4;

export interface ExecutorDeps {
  db: Database;
  history: History;
  ids: MakeId;
  clock: Clock;
  log: Log;
  /** Most time of a run, ms; 0 = off. */
  timeoutMs: number;
}

/** What a run has said and spent so far. */
interface Progress {
  /** The user's message stands behind the transcript still. */
  queued: boolean;
  /** The message that is being written. */
  partial: { messageId: string; text: string } | undefined;
  /** The last whole answer, not on disk yet. */
  last: Step | undefined;
  /** A step on disk whose tools are running. */
  waiting: { messageId: string; calls: ToolCall[] } | undefined;
  usage: typeof noUsage;
  cost: number;
  response: string;
}

/** Runs an admitted run whose turn has come, to its end. Never throws: every failure is an end, too. */
export function createExecutor(deps: ExecutorDeps): (run: LiveRun) => Promise<RunOutcome> {
  const { db, clock } = deps;
  const kitOf = createKits();

  return async (run) => {
    const progress: Progress = {
      queued: run.status === "queued",
      partial: undefined,
      last: undefined,
      waiting: undefined,
      usage: noUsage,
      cost: 0,
      response: "",
    };
    const { timeoutMs } = run.options;
    const limit = Math.min(timeoutMs ?? Infinity, deps.timeoutMs || Infinity);
    const timer =
      Number.isFinite(limit) && setTimeout(() => run.controller.abort(timedOut(run, limit)), limit);
    let outcome: RunOutcome;
    run.status = "running"; // before anything is waited for: from here on a drain waits for its end
    try {
      run.controller.signal.throwIfAborted();
      if (progress.queued) {
        await db.write(async (tx) => {
          await markRunning(tx, run.id, clock.now());
          await placeQueued(tx, run.sessionId, run.id);
        });
        progress.queued = false;
      }
      const finishReason = await converse(run, progress);
      outcome = await finish(run, progress, "done", finishReason, undefined);
    } catch (thrown) {
      const reason = run.controller.signal.aborted ? run.controller.signal.reason : thrown;
      outcome = await finishBroken(run, progress, reason);
    } finally {
      if (timer) clearTimeout(timer);
    }
    return outcome;
  };

  async function converse(run: LiveRun, progress: Progress): Promise<FinishReason> {
    const { agent, model, thinking, options, log } = run;
    log.append("chat.started", { model: model.id, agentId: agent.id, thinking });
    const { tools, schemas } = await kitOf(agent.tools);
    const messages = await promptFor(run);
    const wire = await model.wire();
    const request: Omit<ModelRequest, "messages"> = {
      model: model.name,
      thinking,
      temperature: options.temperature,
      maxTokens: options.maxTokens,
      tools: schemas,
    };
    const { signal } = run.controller;
    let finishReason: FinishReason = "stop";
    const events = runLoop({
      messages,
      tools,
      ask: (all): AsyncIterable<ModelEvent> => wire.stream({ ...request, messages: all }, { signal }),
      newMessageId: () => deps.ids("msg"),
      context: { signal, sessionKey: run.sessionKey, now: () => clock.now() },
      maxSteps: stepsAtMost,
    });
    for await (const event of events) {
      signal.throwIfAborted();
      if (event.type === "end") finishReason = event.finishReason;
      else await take(run, progress, event);
    }
    deps.history.keep(run.sessionId, messages.slice(1), roomFor(run));
    return finishReason;
  }

  /** Publishes what happened and puts finished steps on disk. Returns nothing to wait for unless it wrote. */
  function take(
    run: LiveRun,
    progress: Progress,
    event: Exclude<LoopEvent, { type: "end" }>,
  ): Promise<void> | undefined {
    const { log } = run;
    switch (event.type) {
      case "thinking":
        log.append("chat.thinking", { delta: event.delta });
        return undefined;
      case "text":
        if (progress.partial?.messageId !== event.messageId) {
          progress.partial = { messageId: event.messageId, text: "" };
        }
        progress.partial.text += event.delta;
        log.append("chat.delta", { messageId: event.messageId, delta: event.delta });
        return undefined;
      case "step":
        return endStep(run, progress, event.step);
      case "tool.call":
        log.append("tool.call", {
          toolCallId: event.call.toolCallId,
          tool: event.call.tool,
          params: event.call.params,
        });
        return undefined;
      case "tool.result": {
        const { toolCallId, tool, result, isError = false } = event.call;
        const waiting = progress.waiting?.calls ?? [];
        waiting[waiting.findIndex((it) => it.toolCallId === toolCallId)] = event.call;
        log.append("tool.result", { toolCallId, tool, result, isError });
        return undefined;
      }
      case "results": {
        progress.waiting = undefined;
        const events = keepEvents(run);
        return db.write(async (tx) => {
          await setToolCalls(tx, event.messageId, event.calls);
          await events?.(tx);
        });
      }
    }
  }

  async function endStep(run: LiveRun, progress: Progress, step: Step): Promise<void> {
    progress.usage = addUsages(progress.usage, step.usage);
    progress.cost += costOf(step.usage, run.model.facts.cost);
    progress.partial = undefined;
    progress.response = step.text;
    if (step.calls.length === 0) {
      progress.last = step; // stored together with the run's end
      return;
    }
    const calls = step.calls.map((call) => ({
      toolCallId: call.id,
      tool: call.name,
      params: readable(call.arguments),
    }));
    progress.waiting = { messageId: step.messageId, calls };
    const events = keepEvents(run);
    await db.write(async (tx) => {
      await insertMessage(
        tx,
        messageOf(run, step.messageId, step.text, { toolCalls: calls, reasoning: step.reasoning }),
      );
      await events?.(tx);
    });
  }

  async function promptFor(run: LiveRun): Promise<PromptMessage[]> {
    const past = await deps.history.load(run.sessionId, roomFor(run), run.id);
    const { system } = run.options;
    const instructions = [run.agent.instructions, system].filter((text) => text !== undefined).join("\n\n");
    const { text, attachments } = run.message;
    return [
      { role: "system", content: systemPrompt(instructions || undefined) },
      ...past,
      { role: "user", content: userParts(text, attachments) },
    ];
  }

  async function finishBroken(run: LiveRun, progress: Progress, thrown: unknown): Promise<RunOutcome> {
    deps.history.forget(run.sessionId);
    const error = toGatewayError(thrown);
    if (error.code === "internal_error")
      deps.log.error({ err: error.cause ?? error, runId: run.id }, "run failed");
    const detail: ErrorDetail = { ...error.toDetail(), runId: run.id };
    const status =
      error.code === "aborted" ? "aborted" : error instanceof Interrupted ? "interrupted" : "failed";
    return finish(run, progress, status, status === "aborted" ? "aborted" : undefined, detail);
  }

  async function finish(
    run: LiveRun,
    progress: Progress,
    status: RunOutcome["status"],
    finishReason: FinishReason | undefined,
    error: ErrorDetail | undefined,
  ): Promise<RunOutcome> {
    const broken = status === "done" ? null : status;
    const { last, partial, waiting, usage, cost } = progress;
    const response = partial?.text ?? progress.response;
    const lastSeq = run.log.lastSeq + 1;
    const now = clock.now();
    const events = keepEvents(run);
    const store = db.write(async (tx) => {
      if (!run.listed) {
        await deleteSession(tx, run.sessionId);
        return;
      }
      if (last && (last.text !== "" || last.reasoning.length > 0)) {
        await insertMessage(
          tx,
          messageOf(run, last.messageId, last.text, { reasoning: last.reasoning, status: broken }),
        );
      } else if (partial && partial.text !== "") {
        await insertMessage(tx, messageOf(run, partial.messageId, partial.text, { status: broken }));
      }
      if (waiting) await setToolCalls(tx, waiting.messageId, waiting.calls.map(answered), broken);
      if (progress.queued) await placeQueued(tx, run.sessionId, run.id);
      await events?.(tx);
      await endRun(tx, run.id, { status, finishReason, usage, cost, error, lastSeq, now });
      await addUsage(tx, run.sessionId, usage, cost);
    });
    const outcome = { status, response, finishReason, usage, cost, model: run.model.id, error };
    try {
      await store;
      return publishEnd(run, outcome);
    } catch (failure) {
      // What is not on disk has not happened: to say "done" would be a promise that the next start breaks.
      deps.log.error({ err: failure, runId: run.id }, "a run's end could not be stored");
      deps.history.forget(run.sessionId);
      const unstored = { ...toGatewayError(failure).toDetail(), runId: run.id };
      return publishEnd(run, { ...outcome, status: "failed", finishReason: undefined, error: unstored });
    }
  }

  function publishEnd(run: LiveRun, outcome: RunOutcome): RunOutcome {
    const { status, finishReason, usage, model, cost, response, error } = outcome;
    const ending = { usage, model, cost, response };
    if (status === "done") run.log.append("chat.done", { finishReason: finishReason ?? "stop", ...ending });
    else if (status === "aborted") run.log.append("chat.aborted", { finishReason: "aborted", ...ending });
    else run.log.append("chat.error", { error: error! }); // failed and interrupted runs have one
    run.status = status;
    return outcome;
  }

  function messageOf(
    run: LiveRun,
    id: string,
    content: string,
    more: Pick<NewMessage, "toolCalls" | "reasoning" | "status">,
  ): NewMessage {
    return {
      sessionId: run.sessionId,
      id,
      runId: run.id,
      role: "assistant",
      content,
      now: clock.now(),
      ...more,
    };
  }
}

/** Puts the run's new events on disk, with whatever else its transaction does. To be called outside of the write job, which may be run twice. */
export function keepEvents(run: LiveRun) {
  const unsaved = run.log.takeUnsaved();
  if (!unsaved) return undefined;
  return (tx: Parameters<typeof insertEvents>[0]) => insertEvents(tx, run.id, unsaved.lastSeq, unsaved.json);
}

function roomFor(run: LiveRun): number {
  const { contextWindow, maxTokens } = run.model.facts;
  const answer = Math.min(run.options.maxTokens ?? maxTokens, answerAtMost, contextWindow / 2);
  const said = run.message.text.length / charactersPerToken;
  return Math.max(0, Math.floor((contextWindow - answer - said) * charactersPerToken));
}
