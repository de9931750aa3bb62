import {
  type AgentsConfig,
  type ModelConfig,
  type ModelRow,
  type ThinkingLevel,
  thinkingLevels,
} from "openclaw-protocol";
import { nearest } from "../../config/nearest.ts";
import { isoTime } from "../../lib/clock.ts";
import { GatewayError } from "../../lib/errors.ts";
import { catalog, factsOf, isListed } from "../../runtime/models/catalog.ts";
import { createWire } from "../../runtime/models/index.ts";
import type { ModelFacts, ModelWire, ProviderSettings, WirePorts } from "../../runtime/models/types.ts";
import { type Agents, agentInModel } from "../agents/agents.ts";
import { ollamaModels } from "./ollama.ts";
import { collectProviders, hasAuthorisation, type Provider, type ProviderSources } from "./providers.ts";

/** A model that can be called. */
export interface ResolvedModel {
  /** `provider/model`, as callers name it. */
  id: string;
  /** The provider's own id. */
  name: string;
  providerId: string;
  api: string;
  facts: ModelFacts;
  /** The thinking levels that a caller may ask for by name: any, where nobody knows which the model has. */
  levels: readonly ThinkingLevel[];
  /** Whether a call costs money: not at all, by `facts.cost`, or nobody knows how much. */
  price: "none" | "known" | "unknown";
  /** The provider's keys, in the order of their use; one without a secret where it has none. */
  keys: readonly ModelKey[];
}

/** One key of a provider, for one model. */
export interface ModelKey {
  /** Names the pair of model and key; tells nothing of the key itself. */
  id: string;
  wire(): Promise<ModelWire>;
}

export interface Models {
  /**
   * The model behind an id. Throws `not_found`, `forbidden` where the owner has switched it off, or
   * `service_unavailable` naming the variable of a missing key.
   */
  resolve(id: string): Promise<ResolvedModel>;
  /** The model of agents that name none. */
  defaultModel(): Promise<string>;
  /** The models and agents that can be called now. */
  list(): Promise<ModelRow[]>;
  get(id: string): Promise<ModelRow>;
  close(): Promise<void>;
}

export interface ModelsDeps extends ProviderSources {
  agents: Agents;
  /** What the owner says of single models. */
  choices: AgentsConfig["defaults"]["models"];
  ports: WirePorts;
}

const demo = "builtin/demo";

/** Whose models the providers of an API most likely have. */
const vendors: Readonly<Record<string, string>> = {
  "anthropic-messages": "anthropic",
  "google-generative-ai": "google",
  "openai-responses": "openai",
};

export function createModels(deps: ModelsDeps): Models {
  const providers = collectProviders(deps);
  const wires = new Map<ProviderSettings, Promise<ModelWire>>();
  const since = Math.floor(deps.ports.now() / 1000);
  let local: Promise<string[]> | undefined;

  function ollama(): Promise<string[]> {
    const provider = providers.get("ollama");
    local ??=
      provider && provider.models.length === 0
        ? ollamaModels(provider.accounts[0].baseUrl)
        : Promise.resolve([]);
    return local;
  }

  function wireOf(provider: Provider, account: ProviderSettings): Promise<ModelWire> {
    let wire = wires.get(account);
    if (!wire) {
      wire = createWire(provider.api, account, deps.ports);
      wire.catch(() => wires.delete(account));
      wires.set(account, wire);
    }
    return wire;
  }

  function isOff(id: string): boolean {
    return deps.choices[id]?.enabled === false;
  }

  async function resolve(id: string): Promise<ResolvedModel> {
    const full = id.includes("/") ? id : await spellOut(id);
    const slash = full.indexOf("/");
    const providerId = full.slice(0, slash);
    const name = full.slice(slash + 1);
    const provider = providers.get(providerId);
    if (!provider || name === "" || (providerId === "builtin" && name !== "demo")) throw unknown(id);
    if (provider.missingKey) {
      throw new GatewayError(
        "service_unavailable",
        `${provider.name} has no key: set ${provider.missingKey.join(" or ")} (or models.providers.${providerId}.apiKey) and start the gateway again.`,
        { param: "model" },
      );
    }
    if (isOff(full)) {
      throw new GatewayError(
        "forbidden",
        `The model "${full}" is switched off (agents.defaults.models). Choose another one: GET /v1/models lists them.`,
        { param: "model" },
      );
    }
    const configured = provider.models.find((it) => it.id === name);
    const facts = factsOf(providerId, name, configured);
    const vendor = vendors[provider.api] ?? providerId;
    const isGuess = configured?.reasoning === undefined && !isListed(providerId, name);
    return {
      id: full,
      name,
      providerId,
      api: provider.api,
      facts,
      levels: !isGuess
        ? facts.thinking
        : isListed(vendor, name)
          ? factsOf(vendor, name).thinking
          : thinkingLevels,
      price: priceOf(provider, facts, configured),
      keys: provider.accounts.map((account, index) => ({
        id: `${full}#${index}`,
        wire: () => wireOf(provider, account),
      })),
    };
  }

  /** A bare id works where exactly one provider lists it. */
  async function spellOut(id: string): Promise<string> {
    const rows = await list();
    const matches = rows.filter(
      (row) => row.owned_by !== "openclaw" && row.id.slice(row.id.indexOf("/") + 1) === id,
    );
    if (matches.length === 1) return matches[0]!.id;
    if (matches.length === 0) throw unknown(id);
    throw new GatewayError(
      "not_found",
      `Several providers have "${id}": ${matches.map((it) => it.id).join(", ")}.`,
      {
        param: "model",
      },
    );
  }

  function unknown(id: string): GatewayError {
    const hint = nearest(
      id,
      [...providers.values()].flatMap((it) => idsOf(it)),
    );
    return new GatewayError(
      "not_found",
      `There is no model "${id}"${hint ? `; did you mean "${hint}"?` : "."} GET /v1/models lists what can be called.`,
      { param: "model" },
    );
  }

  async function firstWithKey(): Promise<string> {
    for (const provider of providers.values()) {
      if (provider.id === "builtin" || !canBeCalled(provider)) continue;
      const first = idsOf(provider).find((id) => !isOff(id));
      if (first) return first;
    }
    const found = (await ollama()).map((id) => `ollama/${id}`).find((id) => !isOff(id));
    return found ?? demo;
  }

  function isConfigured(provider: Provider): boolean {
    return deps.config.providers[provider.id] !== undefined && provider.missingKey === undefined;
  }

  function canBeCalled(provider: Provider): boolean {
    return provider.id === "builtin" || hasKey(provider) || isConfigured(provider);
  }

  async function list(): Promise<ModelRow[]> {
    const rows: ModelRow[] = deps.agents.list().map((agent) => ({
      id: `openclaw/${agent.id}`,
      object: "model",
      created: since,
      owned_by: "openclaw",
      name: agent.name,
      ...forOthers(agent.name),
    }));
    for (const provider of providers.values()) {
      if (!canBeCalled(provider)) continue;
      for (const id of idsOf(provider)) rows.push(rowOf(provider, id));
    }
    const ollamaProvider = providers.get("ollama")!; // in the table of known providers
    for (const id of await ollama()) rows.push(rowOf(ollamaProvider, `ollama/${id}`));
    return rows.filter((row) => !isOff(row.id));
  }

  /** What Anthropic's clients read of a row. */
  function forOthers(name: string): Pick<ModelRow, "type" | "display_name" | "created_at"> {
    return { type: "model", display_name: name, created_at: isoTime(since * 1000) };
  }

  function rowOf(provider: Provider, id: string): ModelRow {
    const name = id.slice(provider.id.length + 1);
    const facts = factsOf(
      provider.id,
      name,
      provider.models.find((it) => it.id === name),
    );
    return {
      id,
      object: "model",
      created: since,
      owned_by: provider.id,
      name: facts.name ?? name,
      ...forOthers(facts.name ?? name),
      context_window: facts.contextWindow,
      max_output_tokens: facts.maxTokens,
      input: [...facts.input],
      reasoning: facts.thinking.length > 1,
      thinking: [...facts.thinking],
      cost: facts.cost,
    };
  }

  return {
    resolve,
    list,
    defaultModel: firstWithKey,
    async get(id) {
      const named = agentInModel(id);
      const wanted = named ? `openclaw/${deps.agents.get(named.agentId).id}` : id;
      const row = (await list()).find((it) => it.id === wanted);
      if (row) return { ...row, id };
      const model = await resolve(id);
      return rowOf(providers.get(model.providerId)!, model.id); // resolve found it there
    },
    async close() {
      const open = await Promise.allSettled(wires.values());
      await Promise.all(open.map((wire) => (wire.status === "fulfilled" ? wire.value.close?.() : undefined)));
    },
  };
}

function hasKey(provider: Provider): boolean {
  return provider.accounts[0].apiKey !== undefined;
}

/** Without a key nobody sends a bill; with one, a price that is not known is not nothing. */
function priceOf(
  provider: Provider,
  facts: ModelFacts,
  configured: ModelConfig | undefined,
): ResolvedModel["price"] {
  if (facts.cost.input + facts.cost.output > 0) return "known";
  if (configured?.cost || isListed(provider.id, facts.id)) return "none";
  return hasKey(provider) || hasAuthorisation(provider.accounts[0].headers) ? "unknown" : "none";
}

function idsOf(provider: Provider): string[] {
  const listed = new Set([
    ...provider.models.map((it) => it.id),
    ...(catalog[provider.id] ?? []).map((it) => it.id),
  ]);
  return [...listed].map((id) => `${provider.id}/${id}`);
}
