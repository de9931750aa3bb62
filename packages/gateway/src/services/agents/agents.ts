import { join, resolve } from "node:path";
import type { AgentConfig, AgentsConfig, ThinkingLevel, ToolPolicy, ToolProfile } from "openclaw-protocol";
import { normaliseModelChoice } from "../../config/model-choice.ts";
import { GatewayError } from "../../lib/errors.ts";

/** Which tools an agent has and what their calls need, from the defaults and its own settings. */
export interface AgentToolRules {
  readonly profile: ToolProfile | undefined;
  /** Exactly these, where the config lists names. */
  readonly only: readonly string[] | undefined;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly policy: Readonly<Record<string, ToolPolicy>>;
}

export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly instructions: string | undefined;
  /** `provider/model`; undefined: the gateway's default model. */
  readonly model: string | undefined;
  /** What to try when it fails, in order. */
  readonly fallbacks: readonly string[];
  readonly thinking: ThinkingLevel | undefined;
  /** The folder that it works in, absolute. */
  readonly workspace: string;
  readonly tools: AgentToolRules;
  readonly sandbox: {
    readonly mode: "off" | "non-main" | "all";
    readonly backend: "auto" | "bubblewrap" | "docker";
  };
  readonly contextTokens: number | undefined;
  /** USD per day. */
  readonly maxCostPerDay: number | undefined;
  /** The names of its skills; undefined: nothing was chosen. */
  readonly skills?: readonly string[] | undefined;
}

export interface Agents {
  list(): readonly Agent[];
  /** The agent of that id; the default one without an id, or for `default` and `main`. Throws `not_found`. */
  get(id?: string): Agent;
}

/** The same, for whoever changes them. */
export interface EditableAgents extends Agents {
  /** What a setting would come to. */
  describe(own: AgentConfig): Agent;
  /** From now on these are the agents; those that stay as they are stay the same objects. */
  replace(list: readonly AgentConfig[]): void;
}

export interface AgentsPlaces {
  stateDir: string;
  homeDir: string;
}

/** The agent of a config that lists none. */
export const implicitAgent: AgentConfig = { id: "default", name: "Assistant", default: true };

/** The agents of the config; that of an empty config is `default`. */
export function createAgents(config: AgentsConfig, places: AgentsPlaces): EditableAgents {
  let agents: readonly Agent[] = [];
  let standard: Agent;
  replace(config.list);

  function replace(given: readonly AgentConfig[]): void {
    const list = given.length > 0 ? given : [implicitAgent];
    const first = list.find((it) => it.default) ?? list[0]!; // never empty
    agents = list.map((it) => {
      const agent = describe(it, config.defaults, it === first, places);
      const before = agents.find((old) => old.id === agent.id);
      return before && JSON.stringify(before) === JSON.stringify(agent) ? before : agent;
    });
    standard = agents[list.indexOf(first)]!;
  }

  return {
    list: () => agents,
    replace,
    describe: (own) => describe(own, config.defaults, own.id === standard.id, places),
    get(id) {
      const found = agents.find((agent) => agent.id === id);
      if (found) return found;
      if (id === undefined || isAlias(id)) return standard;
      throw new GatewayError(
        "not_found",
        `There is no agent "${id}". Known: ${agents.map((it) => it.id).join(", ")}.`,
        { param: "agentId" },
      );
    },
  };
}

/** Whether the id stands for the default agent where no agent has it. */
export function isAlias(id: string): boolean {
  return id === "default" || id === "main";
}

function describe(
  own: AgentConfig,
  defaults: AgentsConfig["defaults"],
  isDefault: boolean,
  places: AgentsPlaces,
): Agent {
  const choice = normaliseModelChoice(own.model ?? defaults.model);
  const usual = own.model === undefined ? (defaults.fallbacks ?? []) : [];
  return {
    id: own.id,
    name: own.name ?? own.id,
    instructions: own.instructions,
    model: choice?.primary,
    fallbacks: [
      ...(choice?.fallbacks ?? []),
      ...usual.map((it) => (typeof it === "string" ? it : `${it.provider}/${it.model}`)),
    ],
    thinking: own.thinking ?? defaults.thinking,
    workspace: workspaceOf(own, defaults, isDefault, places),
    tools: toolRulesOf(own.tools, defaults.tools),
    sandbox: {
      mode: own.sandbox?.mode ?? defaults.sandbox?.mode ?? "non-main",
      backend: own.sandbox?.backend ?? defaults.sandbox?.backend ?? "auto",
    },
    contextTokens: own.contextTokens ?? defaults.contextTokens,
    maxCostPerDay: own.maxCostPerDay ?? defaults.maxCostPerDay,
    skills: own.skills ?? defaults.skills,
  };
}

function workspaceOf(
  own: AgentConfig,
  defaults: AgentsConfig["defaults"],
  isDefault: boolean,
  { stateDir, homeDir }: AgentsPlaces,
): string {
  const shared = defaults.workspace ?? join(stateDir, "workspace");
  const path = own.workspace ?? (isDefault ? shared : `${shared}-${encodeURIComponent(own.id)}`);
  return resolve(path.replace(/^~(?=$|\/)/, homeDir));
}

function toolRulesOf(own: AgentConfig["tools"], defaults: AgentConfig["tools"]): AgentToolRules {
  const general = asRules(defaults);
  const special = asRules(own);
  return {
    profile: special.profile ?? general.profile,
    only: special.only ?? (own === undefined ? general.only : undefined),
    allow: [...general.allow, ...special.allow],
    deny: [...general.deny, ...special.deny],
    policy: { ...general.policy, ...special.policy },
  };
}

function asRules(rules: AgentConfig["tools"]): AgentToolRules {
  const isList = Array.isArray(rules);
  const given = isList || rules === undefined ? {} : rules;
  return {
    profile: given.profile,
    only: isList ? rules : undefined,
    allow: given.allow ?? [],
    deny: given.deny ?? [],
    policy: given.policy ?? {},
  };
}

/** The agent that a model id stands for: `openclaw`, `openclaw/<agentId>` or `agent:<agentId>`; undefined: it names a model. */
export function agentInModel(model: string): { agentId: string | undefined } | undefined {
  if (model === "openclaw") return { agentId: undefined };
  const [, agentId] = /^(?:openclaw\/|agent:)(.+)$/.exec(model) ?? [];
  return agentId === undefined ? undefined : { agentId };
}
