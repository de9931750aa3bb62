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

/** `openclaw channels …` */
export function addChannelCommands(program: Command, act: Act): void {
  const commands = () => import("./commands/channels.ts");
  const channels = program.command("channels").description("messengers");
  channels
    .command("list", { isDefault: true })
    .description("list every channel")
    .action(act(async (context) => (await commands()).list(context)));
  channels
    .command("status [channelId]")
    .description("show one and its traffic")
    .action(act(async (context, _options, id) => (await commands()).status(context, id || undefined)));
  for (const verb of ["enable", "disable"] as const) {
    channels
      .command(`${verb} <channelId>`)
      .description(`switch one ${verb === "enable" ? "on" : "off"}`)
      .action(act(async (context, _options, id) => (await commands()).toggle(context, id, verb)));
  }
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
