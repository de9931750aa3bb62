import type { LoadedConfig } from "../../config/load.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../exit-codes.ts";
import { stopped } from "../lifetime.ts";
import type { Options } from "../runner.ts";
import { facts } from "../table.ts";
import { styled, type Terminal } from "../terminal.ts";

/** Runs the gateway in the foreground until a signal ends it. The start and the drain are `main.ts`'s. */
export async function run(context: Context, options: Options, verb: string): Promise<undefined> {
  if (verb !== "" && verb !== "run") throw new UsageError(`There is no "gateway ${verb}". Use: gateway run`);
  const { terminal } = context;
  const { env, homeDir } = terminal;
  const [{ startGateway }, loaded] = await Promise.all([import("../../main.ts"), load(context, options)]);
  for (const warning of loaded.warnings) {
    terminal.stderr.write(`${styled(terminal, terminal.stderr, "yellow", "Warning:")} ${warning}\n`);
  }
  const gateway = await startGateway({ loaded, env, homeDir }).catch(async (error: unknown) => {
    throw await explain(error, loaded, terminal);
  });
  const ready = { url: gateway.url, model: gateway.model, auth: loaded.auth.mode };
  const { json } = context.options;
  terminal.stdout.write(json ? `${JSON.stringify(ready)}\n` : banner(terminal, loaded, gateway));
  await stopped(terminal, () => gateway.close());
}

async function load(context: Context, options: Options): Promise<LoadedConfig> {
  const { terminal, options: all } = context;
  const { loadConfig } = await import("../../config/load.ts");
  return loadConfig({
    env: terminal.env,
    homeDir: terminal.homeDir,
    flags: {
      config: all.config,
      port: options.port,
      bind: options.bind,
      authMode: options["auth.mode"],
      token: options["auth.token"] ?? all.token,
      password: options["auth.password"] ?? all.password,
      logLevel: all.verbose ? "debug" : undefined,
    },
  });
}

/** A busy port by its owner's name and the remedy; other errors as they are. */
async function explain(error: unknown, { config }: LoadedConfig, { program }: Terminal): Promise<unknown> {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const { port } = config.gateway;
  if (code === "EACCES") {
    return new UsageError(
      `Port ${port} needs more rights than this user has. Use one above 1023, by --port.`,
    );
  }
  if (code !== "EADDRINUSE") return error;
  const { portOwner } = await import("../../lib/port-owner.ts");
  const owner = await portOwner(port);
  const who = owner
    ? `by process ${owner.pid}${owner.command ? ` (${owner.command})` : ""}`
    : "by another process";
  const remedy = owner ? `Stop it (kill ${owner.pid})` : "Stop it";
  return new UsageError(
    `Port ${port} is in use ${who}. ${remedy}, or take another port: ${program} gateway run --port ${port + 1}`,
  );
}

function banner(
  terminal: Terminal,
  { auth, stateDir }: LoadedConfig,
  gateway: { url: string; model: string },
): string {
  const { program } = terminal;
  const credentials = {
    token: auth.token ? "the configured one" : `${program} token  (kept in ${stateDir}/gateway-token)`,
    password: "the configured password",
    off: "none needed: auth is off",
  };
  const demo =
    gateway.model === "builtin/demo"
      ? "  (offline demo: set ANTHROPIC_API_KEY or OPENAI_API_KEY for a real one)"
      : "";
  // The command line looks at the usual port unless told.
  const hint = gateway.url.endsWith(":18789") ? "" : ` --url ${gateway.url}`;
  const lines = facts({
    [auth.mode === "password" ? "Password" : "Token"]: credentials[auth.mode],
    Model: gateway.model + demo,
    "Try it": `${program} agent -m "Hello!"${hint}`,
    "The API": `${gateway.url}/docs`,
  });
  const title = styled(terminal, terminal.stdout, "bold", `OpenClaw is ready at ${gateway.url}`);
  return `${title}\n${lines.replace(/^/gm, "  ")}\n`;
}
