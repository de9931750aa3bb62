import type { LoadedConfig } from "../config/load.ts";
import type { GlobalOptions } from "./context.ts";
import type { Terminal } from "./terminal.ts";

/** Where the gateway is, and what proves us to it. */
export interface Target {
  baseUrl: string;
  token?: string;
  password?: string;
}

/**
 * The gateway that a command talks to: `--url` or `OPENCLAW_GATEWAY_URL`, else the one of the local config. What was
 * not given as a credential comes from the same config and state directory that the gateway itself uses.
 */
export async function findTarget(terminal: Terminal, options: GlobalOptions): Promise<Target> {
  const { env, homeDir } = terminal;
  const url = options.url ?? env.OPENCLAW_GATEWAY_URL;
  const given = {
    ...(options.token && { token: options.token }),
    ...(options.password && { password: options.password }),
  };
  if (url && (given.token || given.password)) return { baseUrl: httpUrl(url), ...given };
  const { loadConfig } = await import("../config/load.ts");
  const loaded = await loadConfig({ env, homeDir, flags: { config: options.config } });
  const baseUrl = url ? httpUrl(url) : localUrl(loaded);
  if (given.token || given.password) return { baseUrl, ...given };
  return { baseUrl, ...(await credential(loaded, env, !url || (await isThisMachine(baseUrl)))) };
}

/** The local gateway's own secret goes to this machine alone; what the environment holds was meant for the URL. */
async function credential(
  { auth, stateDir }: LoadedConfig,
  env: Terminal["env"],
  own: boolean,
): Promise<Pick<Target, "token" | "password">> {
  if (!own) {
    const { OPENCLAW_GATEWAY_TOKEN: token, OPENCLAW_GATEWAY_PASSWORD: password } = env;
    if (token) return { token };
    return password ? { password } : {};
  }
  if (auth.mode === "off") return {};
  if (auth.mode === "password" && auth.password) return { password: auth.password.reveal() };
  if (auth.token) return { token: auth.token.reveal() };
  const { readGatewayToken } = await import("../config/gateway-token.ts");
  const token = await readGatewayToken(stateDir);
  return token ? { token: token.reveal() } : {};
}

async function isThisMachine(baseUrl: string): Promise<boolean> {
  const { isLoopback } = await import("../config/bind.ts");
  const host = new URL(baseUrl).hostname.replace(/^\[(.*)\]$/, "$1");
  return host === "localhost" || isLoopback(host);
}

/** A wildcard address is for listening: this machine reaches it by loopback. */
function localUrl({ host, config }: LoadedConfig): string {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${config.gateway.port}`;
}

function httpUrl(url: string): string {
  return url.replace(/^ws(s?):/, "http$1:").replace(/\/+$/, "");
}
