import type { Command } from "commander";
import type { MessageOptions, SendOptions, SettingOptions } from "./channel-options.ts";
import type { Act } from "./runner.ts";

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
    .description("show one, its accounts and its traffic")
    .action(act(async (context, _options, id) => (await commands()).status(context, id || undefined)));
  for (const verb of ["enable", "disable"] as const) {
    channels
      .command(`${verb} <channelId>`)
      .description(`switch one ${verb === "enable" ? "on" : "off"}`)
      .action(act(async (context, _options, id) => (await commands()).toggle(context, id, verb)));
  }
  channels
    .command("disable-all")
    .description("switch all of them off at once")
    .action(act(async (context) => (await commands()).disableAll(context)));
  addSettingCommands(channels, act);
  addDeliveryCommands(channels, act);
}

function addSettingCommands(channels: Command, act: Act): void {
  const settings = () => import("./commands/channel-settings.ts");
  const logins = () => import("./commands/channel-login.ts");
  channels
    .command("add <channelId>")
    .description("write its settings into the gateway's openclaw.json and start it")
    .option("--account <id>", "an account of its own beside others")
    .option("--set <key=value>", "a setting, as JSON or as text; may be repeated", repeated)
    .option("--bot-token <token>", "what the platform gave the bot")
    .option("--app-token <token>", "Slack's app-level token")
    .option("--signing-secret <secret>", "Slack's signing secret")
    .action(
      act<SettingOptions>(async (context, options, id) => (await settings()).add(context, id, options)),
    );
  channels
    .command("remove <channelId>")
    .description("stop it and take its settings out of openclaw.json")
    .option("--account <id>", "one account only")
    .action(act(async (context, options, id) => (await settings()).remove(context, id, options)));
  channels
    .command("login <channelId>")
    .description("connect an account, by a QR code unless told")
    .option("--account <id>", "which one; the first unless told")
    .option("--code", "by a code that is typed into the phone")
    .option("--phone <number>", "whose phone that is, like +4915112345678")
    .action(act(async (context, options, id) => (await logins()).login(context, id, options)));
  channels
    .command("logout <channelId>")
    .description("give up its session at the platform")
    .option("--account <id>", "which one; the first unless told")
    .action(act(async (context, options, id) => (await logins()).logout(context, id, options)));
}

function addDeliveryCommands(channels: Command, act: Act): void {
  const sends = () => import("./commands/channel-send.ts");
  const deliveries = () => import("./commands/channel-deliveries.ts");
  messageOptions(channels.command("send <channelId>").description("send a message")).action(
    act<SendOptions>(async (context, options, id) => (await sends()).send(context, id, options)),
  );
  channels
    .command("deliveries <channelId>")
    .description("what went out, the newest first")
    .option("--status <status>", "queued, sending, sent, unknown or failed only")
    .option("--limit <count>", "how many at most, up to 500", "20")
    .action(act(async (context, options, id) => (await deliveries()).deliveries(context, id, options)));
  channels
    .command("retry <channelId> <deliveryId>")
    .description("send one again that failed, or that may not have arrived")
    .action(act(async (context, _options, id, which) => (await deliveries()).retry(context, id, which)));
}

/** `openclaw message …`: the same under its other name. */
export function addMessageCommands(program: Command, act: Act): void {
  const sends = () => import("./commands/channel-send.ts");
  const message = program.command("message").description("messages to people");
  messageOptions(message.command("send").description("send one through a channel"))
    .requiredOption("-c, --channel <id>", "the channel")
    .option("--dry-run", "say what would be sent, and send nothing")
    .action(act<MessageOptions>(async (context, options) => (await sends()).message(context, options)));
}

function messageOptions(command: Command): Command {
  return command
    .requiredOption("-t, --to <to>", "whom: a chat's id, @name or number, as the channel writes it")
    .option("-m, --message <text>", "what to say, in Markdown")
    .option("--text <text>", "the same")
    .option("--account <id>", "which one sends; the first unless told")
    .option("--reply-to <messageId>", "the platform's id of the message that is answered")
    .option("--thread <id>", "the thread or topic")
    .option("--file <path>", "a file to send along; may be repeated", repeated);
}

/** Gathers an option that may be given several times. */
function repeated(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** `openclaw pairing …` */
export function addPairingCommands(program: Command, act: Act): void {
  const commands = () => import("./commands/pairing.ts");
  const pairing = program.command("pairing").description("who may write to the bots");
  pairing
    .command("list [channelId]", { isDefault: true })
    .description("list those who wait to be let in and those who were")
    .action(act(async (context, _options, id) => (await commands()).list(context, id || undefined)));
  pairing
    .command("approve <channelId> <code>")
    .description("let somebody in who was given this code")
    .action(act(async (context, _options, id, code) => (await commands()).approve(context, id, code)));
  pairing
    .command("remove <channelId> [peerId]")
    .description("let somebody in no longer, or turn them down; also as channel:id")
    .action(
      act(async (context, _options, id, peer) => (await commands()).remove(context, id, peer || undefined)),
    );
  pairing
    .command("clear [channelId]")
    .description("turn down all who wait")
    .action(act(async (context, _options, id) => (await commands()).clear(context, id || undefined)));
  pairing
    .command("history [channelId]")
    .description("what became of requests, the newest first")
    .option("--limit <count>", "how many at most, up to 500", "20")
    .action(
      act(async (context, options, id) => (await commands()).history(context, id || undefined, options)),
    );
}
