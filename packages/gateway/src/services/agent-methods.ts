import type { AgentConfig, AgentRow, Config, ParsedParamsOf, ResultOf } from "openclaw-protocol";
import { ConfigError } from "../config/config-error.ts";
import { normaliseModelChoice } from "../config/model-choice.ts";
import { protectVariables } from "../config/substitute.ts";
import type { ConfigEdit, ConfigFile } from "../config/write.ts";
import { GatewayError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Caller } from "./access.ts";
import { requireGrant } from "./agent-grants.ts";
import { type Agent, type EditableAgents, implicitAgent, isAlias } from "./agents/agents.ts";
import type { Events } from "./events.ts";

/** Looking at agents and changing them. They are kept in the config file, under `agents.list`. */
export interface AgentMethods {
  list(): ResultOf<"agent.list">;
  get(agentId: string): AgentRow;
  create(wish: ParsedParamsOf<"agent.create">, caller: Caller): Promise<AgentRow>;
  update(change: ParsedParamsOf<"agent.update">, caller: Caller): Promise<AgentRow>;
  delete(agentId: string, caller: Caller): Promise<ResultOf<"agent.delete">>;
}

export interface AgentMethodsDeps {
  agents: EditableAgents;
  file: ConfigFile;
  models: { resolve(id: string): Promise<unknown> };
  events: Events;
  log: Log;
  /** Forgets what the agent might do unasked. */
  forget(agentId: string): Promise<void>;
}

const agentsAtMost = 200;
const listPath = ["agents", "list"];

export function createAgentMethods(deps: AgentMethodsDeps): AgentMethods {
  const { agents, file, models, events, log } = deps;

  function view(agent: Agent): AgentRow {
    const { id, tools, sandbox } = agent;
    return {
      agentId: id,
      id,
      name: agent.name,
      default: agents.get() === agent,
      model: agent.model ?? null,
      fallbacks: [...agent.fallbacks],
      thinking: agent.thinking ?? null,
      workspace: agent.workspace,
      tools: {
        profile: tools.profile ?? null,
        only: tools.only ? [...tools.only] : null,
        allow: [...tools.allow],
        deny: [...tools.deny],
        policy: { ...tools.policy },
      },
      sandbox: { ...sandbox },
      skills: agent.skills ? [...agent.skills] : null,
      instructions: agent.instructions ?? null,
      contextTokens: agent.contextTokens ?? null,
      maxCostPerDay: agent.maxCostPerDay ?? null,
    };
  }

  /** The file as it is now decides, not what is in memory: somebody may have written in it by hand. */
  async function edit(
    plan: (list: readonly AgentConfig[], isListed: boolean) => readonly ConfigEdit[],
  ): Promise<void> {
    let config: Config;
    try {
      config = await file.edit(({ agents: { list } }) =>
        plan(list.length > 0 ? list : [implicitAgent], list.length > 0),
      );
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      log.warn({ err: error }, "the agents could not be written into the config file");
      throw new GatewayError(
        "conflict",
        "The config file could not be changed; nothing was. It may be wrong or closed: see the gateway's log.",
        { cause: error },
      );
    }
    agents.replace(config.agents.list);
    events.publish({ type: "config.changed", data: { paths: [listPath.join(".")] } });
  }

  /** Refuses models that nobody knows; one whose key is missing may get it later. */
  async function checkModels(model: AgentConfig["model"] | null): Promise<void> {
    const choice = normaliseModelChoice(model ?? undefined);
    if (!choice) return;
    await checkModel(
      choice.primary,
      typeof model === "object" && model && "primary" in model ? "model.primary" : "model",
    );
    for (const [index, id] of choice.fallbacks.entries()) await checkModel(id, `model.fallbacks[${index}]`);
  }

  async function checkModel(id: string, param: string): Promise<void> {
    try {
      await models.resolve(id);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      if (error.code === "service_unavailable") return;
      throw new GatewayError(error.code, error.message, { param, cause: error });
    }
  }

  return {
    list: () => ({ agents: agents.list().map(view) }),
    get: (agentId) => view(agents.get(agentId)),

    async create(wish, caller) {
      const own = wish as AgentConfig; // the method's settings are those of the config, only stricter
      const { id } = own;
      const refuseTaken = (ids: readonly string[]) => {
        if (!ids.includes(id) && !isAlias(id)) return;
        const text = `There is an agent "${id}" already. Choose another id, or change that one.`;
        throw new GatewayError("conflict", text, { param: "id" });
      };
      refuseTaken(agents.list().map((it) => it.id));
      requireGrant(caller, agents.describe({ id }), agents.describe(own));
      await checkModels(own.model);
      await edit((list, isListed) => {
        refuseTaken(list.map((it) => it.id));
        if (list.length >= agentsAtMost) {
          throw new GatewayError("conflict", `There are ${agentsAtMost} agents already. Delete one first.`);
        }
        const entry = protectVariables(own);
        // The first in the list would be the default agent: the one that is must stay it.
        if (!isListed) return [{ path: listPath, value: [implicitAgent, entry] }];
        return [{ path: [...listPath, list.length], value: entry }];
      });
      return view(agents.get(id));
    },

    async update({ agentId, ...change }, caller) {
      const { id } = agents.get(agentId);
      await checkModels(change.model);
      await edit((list, isListed) => {
        const { index, own } = entryOf(list, id);
        const changed = { ...own, ...withoutNulls(change) };
        requireGrant(caller, agents.describe(own), agents.describe(changed));
        if (!isListed)
          return [
            { path: listPath, value: [{ ...own, ...(protectVariables(withoutNulls(change)) as object) }] },
          ];
        return Object.entries(change).map(([key, value]) => ({
          path: [...listPath, index, key],
          value: value === null ? undefined : protectVariables(value),
        }));
      });
      return view(agents.get(id));
    },

    async delete(agentId, caller) {
      const agent = agents.get(agentId);
      const { id } = agent;
      if (agent === agents.get()) {
        const text = `"${id}" is the default agent and must stay. Make another one the default first, in the config file.`;
        throw new GatewayError("conflict", text, { param: "agentId" });
      }
      await edit((list) => {
        const { index, own } = entryOf(list, id);
        // Anybody who may delete it could make it anew, without what holds it back now.
        requireGrant(caller, agents.describe(own), agents.describe({ id }));
        return [{ path: [...listPath, index], value: undefined }];
      });
      await deps.forget(id);
      return { deleted: true, agentId: id };
    },
  };
}

function entryOf(list: readonly AgentConfig[], id: string): { index: number; own: AgentConfig } {
  const index = list.findIndex((it) => it.id === id);
  const own = list[index];
  if (own) return { index, own };
  throw new GatewayError("not_found", `The config file has no agent "${id}" any more.`, { param: "agentId" });
}

/** A null stands for "as if it were not set". */
function withoutNulls(change: object): Partial<AgentConfig> {
  return Object.fromEntries(Object.entries(change).map(([key, value]) => [key, value ?? undefined]));
}
