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
  settings: ProviderSettings;
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
  const apiKey =
    sources.keyOf(known?.keyVariables ?? []) ??
    (configured?.apiKey ? sources.secretOf(configured.apiKey) : undefined);
  const ownAddress = configured?.baseUrl !== undefined || sources.overrides[id] !== undefined;
  const needsKey = (known?.needsKey ?? false) && !ownAddress && !hasAuthorisation(configured?.headers);
  return {
    id,
    name: known?.name ?? id,
    api: configured?.api ?? known?.api ?? "openai-completions",
    settings: { id, baseUrl: baseUrl.replace(/\/+$/, ""), apiKey, headers: configured?.headers ?? {} },
    models: configured?.models ?? [],
    missingKey: needsKey && !apiKey ? (known?.keyVariables ?? []) : undefined,
  };
}

function hasAuthorisation(headers: Readonly<Record<string, string>> | undefined): boolean {
  return Object.keys(headers ?? {}).some((name) =>
    /^(authorization|x-api-key|api-key|x-goog-api-key)$/i.test(name),
  );
}
