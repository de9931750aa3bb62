import type { FinishReason } from "openclaw-protocol";
import type { Clock } from "../../lib/clock.ts";
import type { MakeId } from "../../lib/ids.ts";
import { createKits, type Kit } from "../../runtime/kits.ts";
import { runLoop } from "../../runtime/loop.ts";
import type { ModelRequest } from "../../runtime/models/types.ts";
import type { FilePort } from "../../runtime/tools/ports.ts";
import type { Agent } from "../agents/agents.ts";
import type { Instructions } from "../agents/instructions.ts";
import type { Gate } from "../gate.ts";
import type { Asking, AskPlan } from "../models/asking.ts";
import type { BindPorts, Inherited } from "../run-scope.ts";
import { createSummarise, windowOf } from "./asked.ts";
import type { Contexts } from "./context.ts";
import { publishProgress } from "./progress.ts";
import type { Record } from "./record.ts";
import { scopeOf } from "./scope.ts";
import type { TimeLimit } from "./time-limit.ts";
import { type LiveRun, noUsage } from "./types.ts";

const stepsAtMost = 32;
const compactCommand = /^\s*\/compact\s*$/;

export interface ConverseDeps {
  ids: MakeId;
  clock: Clock;
  contexts: Contexts;
  asking: Asking;
  instructions: Pick<Instructions, "system">;
  gate: Gate;
  bindPorts: BindPorts;
  filesOf(agent: Agent): Promise<FilePort>;
  toolsOf(run: LiveRun, inherited?: Inherited): readonly string[];
}

/** A run's conversation with the model, from its first request to its last answer. */
export type Converse = (run: LiveRun, record: Record, limit: TimeLimit) => Promise<FinishReason>;

export function createConverse(deps: ConverseDeps): Converse {
  const kitOf = createKits();

  return async (run, record, limit) => {
    const { agent, model, thinking, options, log, controller, inbox } = run;
    const { signal } = controller;
    log.append("chat.started", { model: model.id, agentId: agent.id, thinking });
    if (compactCommand.test(run.message.text)) return sumUp(run, record);
    const scope = scopeOf(run, deps.toolsOf);
    const kit = await kitOf(scope.tools);
    const files = await deps.filesOf(agent);
    const ports = deps.bindPorts(scope);
    const plan = planOf(run);
    const settings: Omit<ModelRequest, "model" | "thinking" | "messages"> = {
      temperature: options.temperature,
      maxTokens: options.maxTokens,
      tools: kit.schemas,
    };
    const progress = publishProgress(log);
    const conversation = await deps.contexts.open(
      { ...(await windowFor(run, kit)), sessionId: run.sessionId, runId: run.id, input: model.facts.input },
      createSummarise(deps.asking, plan, model, record.spent),
    );
    const events = runLoop({
      conversation,
      tools: kit.tools,
      ask: (messages) => deps.asking.ask(plan, { ...settings, messages }, { signal }),
      steering: (isEnding) => inbox.take(isEnding),
      authorise: ({ tool, params, prepared, context, tainted }) =>
        deps.gate({
          scope,
          toolCallId: context.toolCallId,
          tool,
          params,
          prepared,
          tainted,
          signal,
          publish: ({ type, data }) => log.append(type, data as never), // the gate's events are pairs of the log's own
          waiting: (until) => limit.pauseFor(until),
        }),
      contextOf: ({ id, name }) => ({
        signal,
        runId: run.id,
        sessionKey: run.sessionKey,
        agentId: agent.id,
        toolCallId: id,
        trust: scope.trust,
        files,
        ports,
        now: () => deps.clock.now(),
        progress: (update) => progress(id, name, update),
      }),
      newMessageId: () => deps.ids("msg"),
      signal,
      maxSteps: stepsAtMost,
    });
    let finishReason: FinishReason = "stop";
    for await (const event of events) {
      signal.throwIfAborted();
      if (event.type === "end") finishReason = event.finishReason;
      else await record.take(event);
    }
    if (run.listed) conversation.keep();
    else deps.contexts.forget(run.sessionId);
    return finishReason;
  };

  function planOf(run: LiveRun): AskPlan {
    const { agent, model, options } = run;
    return {
      candidates: [model.id, ...(options.fallbacks ?? [])],
      thinking: run.thinking,
      agentId: agent.id,
      callerId: run.callerId,
      tokenLimit: options.tokenLimit,
      agentLimit: agent.maxCostPerDay,
      sessionId: run.sessionId,
      purpose: "answer",
      onModel(answering) {
        run.answering = answering;
      },
    };
  }

  async function windowFor({ sessionId, agent, model, options }: LiveRun, kit: Kit) {
    const kept = await deps.instructions.system(sessionId, agent);
    return windowOf(model.facts, {
      system: options.system === undefined ? kept : `${kept}\n\n${options.system}`,
      maxTokens: options.maxTokens,
      contextTokens: agent.contextTokens,
      kitCharacters: kit.characters,
    });
  }

  /** `/compact`: the conversation so far is summed up, and the answer says what that has brought. */
  async function sumUp(run: LiveRun, record: Record): Promise<FinishReason> {
    const { signal } = run.controller;
    const system = await deps.instructions.system(run.sessionId, run.agent);
    const window = windowOf(run.model.facts, { system, contextTokens: run.agent.contextTokens });
    const summarise = createSummarise(deps.asking, planOf(run), run.model, record.spent);
    const { before, after, summarised } = await deps.contexts.compact(run.sessionId, {
      ...window,
      summarise,
      signal,
    });
    signal.throwIfAborted();
    const text = summarised
      ? `Summed up: what I am sent of this conversation is about ${after} tokens long now, and was ${before}.`
      : "There was nothing to sum up that would have made this conversation shorter.";
    const messageId = deps.ids("msg");
    await record.take({ type: "text", messageId, delta: text });
    await record.take({ type: "step", step: { messageId, text, reasoning: [], calls: [], usage: noUsage } });
    return "stop";
  }
}
