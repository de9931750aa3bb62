import type { Config, ModelConfig } from "openclaw-protocol";
import type { Secret } from "../../lib/secrets.ts";
import { findProvider, providers as knownProviders } from "../../runtime/models/providers.ts";
import type { ProviderSettings } from "../../runtime/models/types.ts";

/** A provider that can be called now, or why it cannot. */
export interface Provider {
  id: string;
  name: string;
  /** The name of its wire. */
  api: string;
  /** How it is reached, once for each of its keys in the order of their use; once without a key where it has none. */
  accounts: readonly [ProviderSettings, ...ProviderSettings[]];
  /** Models that the owner lists. */
  models: readonly ModelConfig[];
  /** Variables that would hold its key; set when there is none though one is needed. */
  missingKey: readonly string[] | undefined;
}

export interface ProviderSources {
  config: Config["models"];
  /** The first of the variables that is set. */
  keyOf(variables: readonly string[]): Secret | undefined;
  /** Base URLs that the environment sets. */
  overrides: Readonly<Record<string, { baseUrl: string }>>;
  secretOf(text: string): Secret;
}

/** Every provider of the config and every known one, by id: environment before file before what is known. */
export function collectProviders(sources: ProviderSources): Map<string, Provider> {
  const found = new Map<string, Provider>();
  const ids = new Set([...Object.keys(sources.config.providers), ...knownProviders.map((it) => it.id)]);
  for (const id of ids) {
    const provider = describe(id, sources);
    if (provider) found.set(id, provider);
  }
  return found;
}

function describe(id: string, sources: ProviderSources): Provider | undefined {
  const configured = sources.config.providers[id];
  const known = findProvider(id);
  const baseUrl = sources.overrides[id]?.baseUrl ?? configured?.baseUrl ?? known?.baseUrl;
  if (baseUrl === undefined) return undefined;
  const keys = keysOf(id, sources);
  const ownAddress = configured?.baseUrl !== undefined || sources.overrides[id] !== undefined;
  const needsKey = (known?.needsKey ?? false) && !ownAddress && !hasAuthorisation(configured?.headers);
  const account = (apiKey: Secret | undefined): ProviderSettings => ({
    id,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    apiKey,
    headers: configured?.headers ?? {},
  });
  return {
    id,
    name: known?.name ?? id,
    api: configured?.api ?? known?.api ?? "openai-completions",
    accounts: [account(keys[0]), ...keys.slice(1).map(account)],
    models: configured?.models ?? [],
    missingKey: needsKey && keys.length === 0 ? (known?.keyVariables ?? []) : undefined,
  };
}

/** A key of the environment stands in for `apiKey`; those of `apiKeys` come after it. */
function keysOf(id: string, sources: ProviderSources): Secret[] {
  const configured = sources.config.providers[id];
  const first = sources.keyOf(findProvider(id)?.keyVariables ?? [])?.reveal() ?? configured?.apiKey;
  const all = [first, ...(configured?.apiKeys ?? [])].filter(
    (it): it is string => it !== undefined && it !== "",
  );
  return [...new Set(all)].map((it) => sources.secretOf(it));
}

/** Whether headers carry a key of their own. */
export function hasAuthorisation(headers: Readonly<Record<string, string>> | undefined): boolean {
  return Object.keys(headers ?? {}).some((name) =>
    /^(authorization|x-api-key|api-key|x-goog-api-key)$/i.test(name),
  );
}
