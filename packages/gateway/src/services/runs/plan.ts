import type { ThinkingLevel } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";
import { nearestThinking } from "../../runtime/models/thinking.ts";
import type { Database } from "../../storage/database.ts";
import { findSession, type SessionRow } from "../../storage/sessions.ts";
import { maySee } from "../access.ts";
import type { Agent, Agents } from "../agents/agents.ts";
import type { Instructions, PreparedInstructions } from "../agents/instructions.ts";
import type { Models, ResolvedModel } from "../models/models.ts";
import type { KeptOptions, RunRequest } from "./types.ts";

/** What a request comes to: by whom it is answered, how, and what they are told. */
export interface Plan {
  key: string;
  agent: Agent;
  model: ResolvedModel;
  thinking: ThinkingLevel;
  options: KeptOptions;
  instructions: PreparedInstructions;
}

export interface PlanDeps {
  db: Database;
  agents: Agents;
  models: Models;
  instructions: Pick<Instructions, "prepare">;
}

/** Works out what a request asks for. Throws what is wrong with it. */
export function createPlanner(deps: PlanDeps): (request: RunRequest, key: string) => Promise<Plan> {
  return async (request, key) => {
    const { options = {}, caller } = request;
    const session = await findSession(deps.db.read, key);
    if (session) requireAccess(session, request);
    const agent = deps.agents.get(request.agentId ?? session?.agent_id);
    const own = options.model ?? session?.model;
    const model = await modelFor(own ?? agent.model, options.model !== undefined);
    const levels = model.facts.thinking;
    const usual = (session?.thinking ?? agent.thinking ?? "off") as ThinkingLevel; // stored from a validated level
    // Only a caller who asks for xhigh here and now is refused where the model lacks it.
    const possible = usual === "xhigh" && !levels.includes(usual) ? "high" : usual;
    const thinking = nearestThinking(options.thinking ?? possible, levels);
    const kept: KeptOptions = {
      ...options,
      scopes: request.inherited?.scopes ?? [...caller.scopes],
      // Who names a model means that one.
      ...(own === undefined && agent.fallbacks.length > 0 && { fallbacks: agent.fallbacks }),
      ...(request.system !== undefined && { system: request.system }),
      ...(request.inherited && { inherited: request.inherited }),
      ...(request.tainted && { tainted: true }),
      ...(caller.limits.maxCostPerDay !== undefined && { tokenLimit: caller.limits.maxCostPerDay }),
    };
    const instructions = await deps.instructions.prepare(session, agent);
    return { key, agent, model, thinking, options: kept, instructions };
  };

  async function modelFor(id: string | undefined, asked: boolean): Promise<ResolvedModel> {
    try {
      return await deps.models.resolve(id ?? (await deps.models.defaultModel()));
    } catch (error) {
      if (!asked || !(error instanceof GatewayError)) throw error;
      throw new GatewayError(error.code, error.message, { param: "options.model", cause: error });
    }
  }
}

/** A session of somebody else is not there for a caller without `read`. */
export function requireAccess(session: SessionRow, request: RunRequest): void {
  if (request.letIn || maySee(request.caller, session)) return;
  throw new GatewayError("not_found", "There is no such session.", { param: "sessionKey" });
}
