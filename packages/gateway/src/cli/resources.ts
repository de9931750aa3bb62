import type { Command } from "commander";
import type { Act } from "./runner.ts";

/** `openclaw sessions …` */
export function addSessionCommands(program: Command, act: Act): void {
  const commands = () => import("./commands/sessions.ts");
  const sessions = program.command("sessions").description("conversations");
  sessions
    .command("list", { isDefault: true })
    .description("list them, last used first")
    .option("--limit <count>", "how many at most")
    .option("--channel <id>", "only those of a channel")
    .option("-a, --agent-id <id>", "only those of an agent")
    .option("--search <text>", "only those whose key or title holds this")
    .action(act(async (context, options) => (await commands()).list(context, options)));
  sessions
    .command("show <sessionKey>")
    .description("show one and its newest messages")
    .option("--limit <count>", "how many messages at most")
    .action(act(async (context, options, key) => (await commands()).show(context, key, options)));
  sessions
    .command("delete <sessionKey>")
    .description("delete one")
    .action(act(async (context, _options, key) => (await commands()).remove(context, key)));
}

/** `openclaw agents …` */
export function addAgentCommands(program: Command, act: Act): void {
  const commands = () => import("./commands/agents.ts");
  const agents = program.command("agents").description("assistants and their settings");
  agents
    .command("list", { isDefault: true })
    .description("list them")
    .action(act(async (context) => (await commands()).list(context)));
  agents
    .command("add <agentId>")
    .description("make one")
    .option("--name <name>", "what it is called; its id unless told")
    .option("--model <model>", "provider/model; the default one unless told")
    .option("--workspace <folder>", "the folder that it works in; one of its own unless told")
    .option("--thinking <level>", "off, minimal, low, medium, high or xhigh")
    .action(act(async (context, options, id) => (await commands()).add(context, id, options)));
  agents
    .command("remove <agentId>")
    .description("delete one; its workspace and its sessions stay")
    .action(act(async (context, _options, id) => (await commands()).remove(context, id)));
}

/** `openclaw models …` */
export function addModelCommands(program: Command, act: Act): void {
  const commands = () => import("./commands/models.ts");
  const models = program.command("models").description("language models");
  models
    .command("list", { isDefault: true })
    .description("list what can be called now")
    .action(act(async (context) => (await commands()).list(context)));
  models
    .command("test [model]")
    .description("ask a model for one short answer")
    .action(act(async (context, _options, model) => (await commands()).test(context, model || undefined)));
}

/** `openclaw approvals …` */
export function addApprovalCommands(program: Command, act: Act): void {
  const commands = () => import("./commands/approvals.ts");
  const approvals = program.command("approvals").description("decisions on tool calls");
  approvals
    .command("list", { isDefault: true })
    .description("list the calls that wait for a decision")
    .action(act(async (context) => (await commands()).list(context)));
  approvals
    .command("allow <approvalId>")
    .description("let one run")
    .option("--always", "and the very same call from now on")
    .action(act(async (context, options, id) => (await commands()).allow(context, id, options)));
  approvals
    .command("deny <approvalId>")
    .description("refuse one")
    .action(act(async (context, _options, id) => (await commands()).deny(context, id)));
  approvals
    .command("allowlist")
    .description("list the calls that are allowed for good")
    .action(act(async (context) => (await commands()).allowlist(context)));
  approvals
    .command("forget <entryId>")
    .description("take a call off that list")
    .action(act(async (context, _options, id) => (await commands()).forget(context, id)));
  approvals
    .command("log")
    .description("what was decided, the newest first")
    .option("--limit <count>", "how many at most, up to 100", "20")
    .action(act(async (context, options) => (await commands()).log(context, options)));
}

/** `openclaw tokens …` and `openclaw token`. */
export function addTokenCommands(program: Command, act: Act): void {
  const commands = () => import("./commands/tokens.ts");
  const tokens = program.command("tokens").description("named API tokens");
  tokens
    .command("list", { isDefault: true })
    .description("list them, without their secrets")
    .action(act(async (context) => (await commands()).list(context)));
  tokens
    .command("create <name>")
    .description("make one; its secret is shown once")
    .option("--scopes <list>", "what it may do, of read,chat,operate,approve,admin", "read,chat")
    .option("--expires <when>", "30d, 12h or a date; never unless told")
    .action(act(async (context, options, name) => (await commands()).create(context, name, options)));
  tokens
    .command("revoke <tokenId>")
    .description("revoke one; its connections close at once")
    .action(act(async (context, _options, id) => (await commands()).revoke(context, id)));
  program
    .command("token")
    .description("print the local gateway's token")
    .action(act(async (context) => (await import("./commands/token.ts")).token(context)));
}

/** `openclaw cron …` */
export function addCronCommands(program: Command, act: Act): void {
  const commands = () => import("./commands/cron.ts");
  const cron = program.command("cron").description("what agents are told on a schedule");
  cron
    .command("list", { isDefault: true })
    .description("list the jobs")
    .action(act(async (context) => (await commands()).list(context)));
  cron
    .command("show <jobId>")
    .alias("get")
    .description("show one and what became of its last slots")
    .action(act(async (context, _options, id) => (await commands()).show(context, id)));
  cron
    .command("create")
    .alias("add")
    .description("make one")
    .requiredOption("-s, --schedule <when>", 'five cron fields, "every 15m", or a time like 2026-12-24T18:00')
    .requiredOption("-m, --message <text>", "what to say")
    .option("-n, --name <name>", "what to call it; the message unless told")
    .option("--timezone <zone>", "like Europe/Berlin; that of the gateway's machine unless told")
    .option("-a, --agent-id <id>", "the agent; the default one unless told")
    .option("-k, --session-key <key>", "the conversation; one of the job's own unless told")
    .option("--model <model>", "provider/model")
    .option("--thinking <level>", "off, minimal, low, medium, high or xhigh")
    .option("--timeout <seconds>", "the most time that a run may take")
    .option("--misfire <policy>", "what to do about a slot that the gateway slept through: once or skip")
    .option("--once", "only the next slot")
    .action(act(async (context, options) => (await commands()).create(context, options)));
  for (const [verb, alias, enabled] of [
    ["pause", "disable", false],
    ["resume", "enable", true],
  ] as const) {
    cron
      .command(`${verb} <jobId>`)
      .alias(alias)
      .description(enabled ? "let one go on with its next slot" : "let one rest")
      .action(act(async (context, _options, id) => (await commands()).toggle(context, id, enabled)));
  }
  cron
    .command("run <jobId>")
    .description("run one now")
    .action(act(async (context, _options, id) => (await commands()).run(context, id)));
  cron
    .command("delete <jobId>")
    .aliases(["remove", "rm"])
    .description("delete one")
    .action(act(async (context, _options, id) => (await commands()).remove(context, id)));
}
