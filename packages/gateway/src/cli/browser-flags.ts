import type { Command } from "commander";

/** Which tab, and for how long. */
export function placed(command: Command): Command {
  return command
    .option("--profile <name>", "the profile; the default one unless told")
    .option("--tab <id>", "the tab; the active one unless told")
    .option("--timeout <seconds>", "the most time that it may take, up to 300");
}

/** How large the page is. */
export function sized(command: Command): Command {
  return command
    .option("--width <pixels>", "the page's width from now on; with --height")
    .option("--height <pixels>", "the page's height from now on; with --width");
}
