import { type Config, configSchema } from "openclaw-protocol";
import { valueAt } from "../lib/key-paths.ts";
import { Secret } from "../lib/secrets.ts";
import { isLoopback, resolveBind } from "./bind.ts";
import { ConfigError } from "./config-error.ts";
import { type Environment, providerOverrides } from "./environment.ts";
import { describeFault } from "./faults.ts";
import { configLocation, readConfigFile } from "./file.ts";
import { type ConfigFlags, withOverrides } from "./overrides.ts";
import { stateDirectory } from "./state-dir.ts";
import { substituteVariables } from "./substitute.ts";
import { unknownKeyWarnings } from "./unknown-keys.ts";

/** Where the configuration comes from. */
export interface ConfigSources {
  env: Environment;
  homeDir: string;
  flags?: ConfigFlags;
}

/** How callers of the gateway prove themselves. Without a token in mode `token`, the state directory's one counts. */
export interface GatewayAuth {
  mode: "token" | "password" | "off";
  token: Secret | undefined;
  password: Secret | undefined;
}

export interface LoadedConfig {
  config: Config;
  /** The config file, absolute; it need not exist. */
  path: string;
  found: boolean;
  stateDir: string;
  /** The address to listen on, resolved from `gateway.bind`. */
  host: string;
  auth: GatewayAuth;
  /** Base URLs that the environment sets for known providers, over the file's. */
  providerOverrides: Readonly<Record<string, { baseUrl: string }>>;
  /** Sentences for the owner about what was odd but did not stop anything. */
  warnings: string[];
}

/** The configuration: defaults < file < environment < flags. Throws a `ConfigError` that names every fault. */
export async function loadConfig({ env, homeDir, flags = {} }: ConfigSources): Promise<LoadedConfig> {
  const stateDir = stateDirectory(env, homeDir);
  const location = configLocation(env, homeDir, stateDir, flags.config);
  const file = await readConfigFile(location, stateDir);
  const input = withOverrides(substituteVariables(file ?? {}, env), env, flags);
  const parsed = configSchema.safeParse(input, { jitless: true }); // compiling what is used once costs more than it saves
  if (!parsed.success) {
    // Shown as it is written: what stands in for a ${VARIABLE} may be a secret under any key.
    const written = withOverrides(file ?? {}, env, flags);
    throw new ConfigError(parsed.error.issues.map((issue) => describeFault(issue, written)));
  }
  const config = parsed.data;
  const auth = chooseAuth(config, valueAt(input, ["gateway", "auth", "mode"]) !== undefined);
  const host = resolveBind(config.gateway.bind, config.gateway.customBindHost);
  const warnings = unknownKeyWarnings(configSchema, file);
  if (auth.mode === "off") {
    if (!isLoopback(host)) {
      throw new ConfigError(
        `gateway.auth.mode "off" with gateway.bind "${config.gateway.bind}" would open the gateway to the network. ` +
          'Set gateway.auth.mode to "token", or gateway.bind to "loopback".',
      );
    }
    warnings.push('gateway.auth.mode is "off": every program on this machine can use the gateway.');
  }
  return {
    config: { ...config, gateway: { ...config.gateway, auth: { ...config.gateway.auth, mode: auth.mode } } },
    path: location.path,
    found: file !== undefined,
    stateDir,
    host,
    auth,
    providerOverrides: providerOverrides(env),
    warnings,
  };
}

/** Where no mode is set, a password alone means mode `password`. */
function chooseAuth(config: Config, modeIsSet: boolean): GatewayAuth {
  const { mode, token, password } = config.gateway.auth;
  const chosen = modeIsSet ? mode : password !== undefined && token === undefined ? "password" : "token";
  if (chosen === "password" && password === undefined) {
    throw new ConfigError(
      'gateway.auth.mode is "password", but there is none: set gateway.auth.password or OPENCLAW_GATEWAY_PASSWORD.',
    );
  }
  return {
    mode: chosen === "none" ? "off" : chosen,
    token: token === undefined ? undefined : new Secret(token),
    password: password === undefined ? undefined : new Secret(password),
  };
}
