import type { Command } from "commander";
import type { Act } from "./runner.ts";

/** `openclaw media …` */
export function addMediaCommands(program: Command, act: Act): void {
  const commands = () => import("./commands/media.ts");
  const media = program.command("media").description("files that the gateway keeps for a while");
  media
    .command("list", { isDefault: true })
    .description("list them, the newest first")
    .option("--limit <count>", "how many at most")
    .option("-k, --session-key <key>", "only those of a conversation")
    .action(act(async (context, options) => (await commands()).list(context, options)));
  media
    .command("get <mediaId>")
    .description("write one into a file here")
    .option("-o, --output <file>", "which; - is stdout. Its own name unless told")
    .action(act(async (context, options, id) => (await commands()).get(context, id, options)));
  media
    .command("delete <mediaId>")
    .aliases(["remove", "rm"])
    .description("delete one")
    .action(act(async (context, _options, id) => (await commands()).remove(context, id)));
}
