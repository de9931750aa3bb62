import { Secret } from "../lib/secrets.ts";

/** Environment variables as they were at the start. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable's value; an empty one counts as unset. */
export function variable(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

/** The first of the named variables that is set. */
export function environmentKey(env: Environment, names: readonly string[]): Secret | undefined {
  for (const name of names) {
    const value = variable(env, name);
    if (value) return new Secret(value);
  }
  return undefined;
}

/**
 * Base URLs of providers that the environment moves elsewhere, as `baseUrl` of the config is written: with `/v1`.
 * `OPENAI_BASE_URL` holds it already, `ANTHROPIC_BASE_URL` by custom does not.
 */
export function providerOverrides(env: Environment): Readonly<Record<string, { baseUrl: string }>> {
  const openai = variable(env, "OPENAI_BASE_URL")?.replace(/\/+$/, "");
  const anthropic = variable(env, "ANTHROPIC_BASE_URL")?.replace(/\/+$/, "");
  return {
    ...(openai && { openai: { baseUrl: openai } }),
    ...(anthropic && { anthropic: { baseUrl: anthropic.endsWith("/v1") ? anthropic : `${anthropic}/v1` } }),
  };
}
