import { Command, CommanderError } from "commander";
import { addBrowserCommands } from "./browser-resources.ts";
import { addChannelCommands, addMessageCommands, addPairingCommands } from "./channel-resources.ts";
import { exitCodes } from "./exit-codes.ts";
import { addMediaCommands } from "./media-resources.ts";
import {
  addAgentCommands,
  addApprovalCommands,
  addCronCommands,
  addModelCommands,
  addSessionCommands,
  addTokenCommands,
} from "./resources.ts";
import { type Act, createRunner } from "./runner.ts";
import type { Terminal } from "./terminal.ts";

/** Runs one command line (without node and script) to its end, and returns the exit code. Never throws. */
export async function runProgram(
  argv: readonly string[],
  terminal: Terminal,
  version: string,
): Promise<number> {
  const json = argv.includes("--json");
  const runner = createRunner(terminal, json);
  const program = createProgram(runner.act, terminal, version);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) return runner.fail(error);
    if (error.code === "commander.help" && error.exitCode !== 0) {
      if (json) return runner.misused("No command was given.");
      terminal.stderr.write(program.helpInformation());
      return exitCodes.general;
    }
    return error.exitCode === 0 ? exitCodes.ok : runner.misused(error.message);
  }
  return runner.exitCode();
}

function createProgram(act: Act, terminal: Terminal, version: string): Command {
  const program = new Command("openclaw")
    .description("One process that joins your messengers, your models and your tools behind one API.")
    .version(version, "-V, --version")
    .option("--json", "print one JSON document")
    .option("--url <url>", "the gateway to talk to (OPENCLAW_GATEWAY_URL)")
    .option("--token <token>", "its token (OPENCLAW_GATEWAY_TOKEN)")
    .option("--password <password>", "its password (OPENCLAW_GATEWAY_PASSWORD)")
    .option("--config <path>", "the config file (OPENCLAW_CONFIG_PATH)")
    .option("--verbose", "say more")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      // The runner says what was wrong, as text or as JSON.
      writeErr: () => undefined,
    });

  program
    .command("gateway [run]")
    .alias("g")
    .description("run the gateway in the foreground")
    .option("-p, --port <port>", "the port to listen on (OPENCLAW_GATEWAY_PORT)")
    .option("--bind <address>", "loopback, lan, tailnet, auto, custom or an IP address")
    .option("--auth.mode <mode>", "token, password or off")
    .option("--auth.token <token>", "the token that callers must show (OPENCLAW_GATEWAY_TOKEN)")
    .option("--auth.password <password>", "the password that callers must show (OPENCLAW_GATEWAY_PASSWORD)")
    .action(
      act(
        async (context, options, verb) => (await import("./commands/gateway.ts")).run(context, options, verb),
        {
          ownSignals: true,
        },
      ),
    );

  program
    .command("agent")
    .alias("a")
    .description("say something to an agent and read its answer")
    .requiredOption("-m, --message <text>", "what to say")
    .option("-k, --session-key <key>", "the conversation to go on with; a new one unless told")
    .option("-a, --agent-id <id>", "the agent; the default one unless told")
    .option("--model <model>", "provider/model")
    .option("--thinking <level>", "off, minimal, low, medium, high or xhigh")
    .option("--timeout <seconds>", "the most time that the run may take")
    .action(
      act(async (context, options) =>
        (await import("./commands/agent.ts")).agent(context, options.message ?? "", options),
      ),
    );

  program
    .command("status")
    .alias("s")
    .description("the gateway at a glance")
    .action(act(async (context) => (await import("./commands/status.ts")).status(context)));
  program
    .command("health")
    .description("whether the gateway answers")
    .action(act(async (context) => (await import("./commands/status.ts")).health(context)));

  addAgentCommands(program, act);
  addSessionCommands(program, act);
  addModelCommands(program, act);
  addChannelCommands(program, act);
  addMessageCommands(program, act);
  addPairingCommands(program, act);
  addBrowserCommands(program, act);
  addMediaCommands(program, act);
  addApprovalCommands(program, act);
  addCronCommands(program, act);
  addTokenCommands(program, act);
  return program;
}
