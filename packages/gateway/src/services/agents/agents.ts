import type { Config, ThinkingLevel } from "openclaw-protocol";
import { normaliseModelChoice } from "../config/model-choice.ts";
import { GatewayError } from "../lib/errors.ts";
import { toolNames } from "../runtime/tools/index.ts";

export interface Agent {
  id: string;
  name: string;
  instructions: string | undefined;
  /** `provider/model`; undefined: the gateway's default model. */
  model: string | undefined;
  thinking: ThinkingLevel | undefined;
  tools: readonly string[];
}

export interface Agents {
  list(): readonly Agent[];
  /** The agent of that id; the default one without an id, or for `default` and `main`. Throws `not_found`. */
  get(id?: string): Agent;
}

/** The agents of the config; that of an empty config is `default`. */
export function createAgents(config: Config["agents"]): Agents {
  const { defaults } = config;
  const agents: Agent[] = config.list.map((it) => ({
    id: it.id,
    name: it.name ?? it.id,
    instructions: it.instructions,
    model: normaliseModelChoice(it.model ?? defaults.model)?.primary,
    thinking: it.thinking ?? defaults.thinking,
    tools: it.tools ?? toolNames,
  }));
  if (agents.length === 0) {
    agents.push({
      id: "default",
      name: "Assistant",
      instructions: undefined,
      model: normaliseModelChoice(defaults.model)?.primary,
      thinking: defaults.thinking,
      tools: toolNames,
    });
  }
  const first =
    agents[
      Math.max(
        0,
        config.list.findIndex((it) => it.default),
      )
    ]!;
  return {
    list: () => agents,
    get(id) {
      const found = agents.find((agent) => agent.id === id);
      if (found) return found;
      if (id === undefined || id === "default" || id === "main") return first;
      throw new GatewayError(
        "not_found",
        `There is no agent "${id}". Known: ${agents.map((it) => it.id).join(", ")}.`,
        {
          param: "agentId",
        },
      );
    },
  };
}

/** The agent that a model id stands for: `openclaw`, `openclaw/<agentId>` or `agent:<agentId>`; undefined: it names a model. */
export function agentInModel(model: string): { agentId: string | undefined } | undefined {
  if (model === "openclaw") return { agentId: undefined };
  const [, agentId] = /^(?:openclaw\/|agent:)(.+)$/.exec(model) ?? [];
  return agentId === undefined ? undefined : { agentId };
}
