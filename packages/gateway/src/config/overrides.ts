import { withValue } from "../lib/key-paths.ts";
import { ConfigError } from "./config-error.ts";
import { type Environment, variable } from "./environment.ts";

/** What the command line may set, as it was typed. */
export interface ConfigFlags {
  config?: string | undefined;
  port?: string | undefined;
  bind?: string | undefined;
  authMode?: string | undefined;
  token?: string | undefined;
  password?: string | undefined;
  logLevel?: string | undefined;
}

/** The file's tree with the environment's and the flags' values laid over it; flags win. */
export function withOverrides(file: unknown, env: Environment, flags: ConfigFlags): unknown {
  const over: [path: string[], value: string | number | undefined][] = [
    [
      ["gateway", "port"],
      port("--port", flags.port) ?? port("OPENCLAW_GATEWAY_PORT", variable(env, "OPENCLAW_GATEWAY_PORT")),
    ],
    [["gateway", "bind"], flags.bind],
    [["gateway", "auth", "mode"], flags.authMode],
    [["gateway", "auth", "token"], flags.token ?? variable(env, "OPENCLAW_GATEWAY_TOKEN")],
    [["gateway", "auth", "password"], flags.password ?? variable(env, "OPENCLAW_GATEWAY_PASSWORD")],
    [["logging", "level"], flags.logLevel ?? variable(env, "OPENCLAW_LOG_LEVEL")],
  ];
  return over.reduce(
    (tree, [path, value]) => (value === undefined ? tree : withValue(tree, path, value)),
    file,
  );
}

function port(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new ConfigError(`${name} must be a port from 0 to 65535, not "${text}".`);
}
