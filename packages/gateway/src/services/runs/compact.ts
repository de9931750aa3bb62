import { GatewayError } from "../../lib/errors.ts";
import { onAbort } from "../../lib/signals.ts";
import type { Database } from "../../storage/database.ts";
import { addUsage, type SessionRow } from "../../storage/sessions.ts";
import type { Caller } from "../access.ts";
import type { Agents } from "../agents/agents.ts";
import type { Instructions } from "../agents/instructions.ts";
import type { Asking, AskPlan } from "../models/asking.ts";
import type { Models } from "../models/models.ts";
import { createSummarise, windowOf } from "./asked.ts";
import type { Contexts } from "./context.ts";
import type { Lanes } from "./lanes.ts";
import { addUsages, noUsage } from "./types.ts";

/** The longest that a compaction by hand may take, its turn in the session's line included, ms. */
const limitMs = 300_000;

/** About how long what the model is sent was and is, in tokens. */
export interface Compacted {
  before: number;
  after: number;
  /** False: there was nothing to sum up, or no summary was shorter. */
  summarised: boolean;
}

export interface CompactionDeps {
  db: Database;
  agents: Agents;
  models: Models;
  asking: Asking;
  contexts: Contexts;
  instructions: Pick<Instructions, "system">;
  lanes: Lanes;
}

/** Sums a session up by hand, in its turn: no run of it goes on meanwhile. What it costs is the session's. */
export function createCompaction(deps: CompactionDeps) {
  return async (session: SessionRow, caller: Caller, signal: AbortSignal): Promise<Compacted> => {
    const turn = deps.lanes.enter(session.key);
    turn.handedOver(); // there is no message of it to be stored
    const late = AbortSignal.timeout(limitMs);
    const stop = AbortSignal.any([signal, late]);
    const stopped = Promise.withResolvers<never>();
    stopped.promise.catch(() => undefined); // it may come when nothing waits any more
    const stopListening = onAbort(stop, () => stopped.reject(stop.reason));
    try {
      await Promise.race([turn.ready, stopped.promise]);
      return await compact(session, caller, stop);
    } catch (error) {
      if (!late.aborted || signal.aborted) throw error;
      throw new GatewayError("timeout", `The session could not be summed up within ${limitMs / 1000} s.`);
    } finally {
      stopListening();
      turn.leave();
    }
  };

  async function compact(session: SessionRow, caller: Caller, signal: AbortSignal): Promise<Compacted> {
    const agent = deps.agents.get(session.agent_id);
    const id = session.model ?? agent.model ?? (await deps.models.defaultModel());
    const model = await deps.models.resolve(id);
    const system = await deps.instructions.system(session.id, agent);
    const plan: AskPlan = {
      candidates: [model.id, ...(session.model === null ? agent.fallbacks : [])],
      thinking: "off",
      agentId: agent.id,
      callerId: caller.id,
      tokenLimit: caller.limits.maxCostPerDay,
      agentLimit: agent.maxCostPerDay,
      sessionId: session.id,
      purpose: "compaction",
    };
    let usage = noUsage;
    let cost = 0;
    const summarise = createSummarise(deps.asking, plan, model, (more, dollars) => {
      usage = addUsages(usage, more);
      cost += dollars;
    });
    try {
      const { contextTokens } = agent;
      const window = windowOf(model.facts, { system, contextTokens });
      return await deps.contexts.compact(session.id, { ...window, summarise, signal });
    } finally {
      if (usage.totalTokens > 0) await deps.db.write((tx) => addUsage(tx, session.id, usage, cost));
    }
  }
}
