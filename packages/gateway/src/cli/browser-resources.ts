import type { Command } from "commander";
import { addActionCommands } from "./browser-action-resources.ts";
import { placed, sized } from "./browser-flags.ts";
import type { GoalOptions, PdfOptions, PlaceOptions, ScreenshotOptions } from "./browser-options.ts";
import type { Act } from "./runner.ts";

/** `openclaw browser …` */
export function addBrowserCommands(program: Command, act: Act): void {
  const commands = () => import("./commands/browser.ts");
  const browser = program.command("browser").description("a Chromium that the gateway drives");
  browser
    .command("status", { isDefault: true })
    .description("whether one runs, and what it shows")
    .action(act(async (context) => (await commands()).status(context)));
  browser
    .command("start")
    .description("start the browser of a profile; everything else does so by itself")
    .option("--profile <name>", "which one; the default one unless told")
    .action(act<PlaceOptions>(async (context, options) => (await commands()).start(context, options)));
  browser
    .command("stop")
    .description("stop it; what a profile keeps is kept")
    .option("--profile <name>", "which one; all of them unless told")
    .action(act<PlaceOptions>(async (context, options) => (await commands()).stop(context, options)));
  sized(placed(browser.command("navigate <address>").description("open a page")))
    .option("--wait-until <when>", "commit, domcontentloaded, load or networkidle; load unless told")
    .action(
      act<GoalOptions>(async (context, options, url) => (await commands()).navigate(context, url, options)),
    );
  opening(browser.command("open [address]"), act);
  for (const [way, description] of [
    ["back", "go back in a tab's history"],
    ["forward", "go forward in it"],
    ["reload", "load a tab's page again"],
  ] as const) {
    placed(browser.command(way).description(description))
      .option("--wait-until <when>", "commit, domcontentloaded, load or networkidle; load unless told")
      .action(act<GoalOptions>(async (context, options) => (await commands()).go(context, way, options)));
  }
  addTabCommands(browser, act);
  addProfileCommands(browser, act);
  addLookCommands(browser, act);
  addActionCommands(browser, act);
}

function opening(command: Command, act: Act): void {
  command
    .description("open a page, or an empty one, in a new tab")
    .option("--profile <name>", "the profile; the default one unless told")
    .option("--wait-until <when>", "commit, domcontentloaded, load or networkidle; load unless told")
    .option("--timeout <seconds>", "the most time that it may take, up to 300")
    .action(
      act<GoalOptions>(async (context, options, url) =>
        (await import("./commands/browser.ts")).open(context, url || undefined, options),
      ),
    );
}

function addTabCommands(browser: Command, act: Act): void {
  const commands = () => import("./commands/browser-tabs.ts");
  const tabs = browser.command("tabs").description("open tabs");
  tabs
    .command("list", { isDefault: true })
    .description("list them")
    .option("--profile <name>", "only those of a profile")
    .action(act(async (context, options) => (await commands()).list(context, options)));
  opening(tabs.command("open [address]"), act);
  tabs
    .command("activate <tabId>")
    .alias("focus")
    .description("make one the tab that is meant where none is named")
    .action(act(async (context, _options, id) => (await commands()).activate(context, id)));
  tabs
    .command("close <tabId>")
    .description("close one")
    .action(act(async (context, _options, id) => (await commands()).close(context, id)));
}

function addProfileCommands(browser: Command, act: Act): void {
  const commands = () => import("./commands/browser-profiles.ts");
  const profile = browser
    .command("profile")
    .alias("profiles")
    .description("what browsers keep, apart from each other");
  profile
    .command("list", { isDefault: true })
    .description("list them")
    .action(act(async (context) => (await commands()).list(context)));
  profile
    .command("create <name>")
    .description("make one")
    .option("--color <color>", "by which people tell its window from others, like #1a73e8")
    .action(act(async (context, { color }, name) => (await commands()).create(context, name, color)));
  profile
    .command("reset <name>")
    .description("forget its cookies, storage and cache, and close its tabs")
    .action(act(async (context, _options, name) => (await commands()).reset(context, name)));
  profile
    .command("delete <name>")
    .description("delete one with everything that it has kept")
    .action(act(async (context, _options, name) => (await commands()).remove(context, name)));
}

function addLookCommands(browser: Command, act: Act): void {
  const pictures = () => import("./commands/browser-pictures.ts");
  const page = () => import("./commands/browser-page.ts");
  const logs = () => import("./commands/browser-logs.ts");
  sized(placed(browser.command("screenshot").description("take a picture of the page")))
    .option("--selector <css>", "of one element only")
    .option("--full-page", "of all of it, not only of what is in sight")
    .option("--format <format>", "png, jpeg or webp; png unless told")
    .option("--quality <number>", "0 to 100, of jpeg and webp")
    .option("-o, --output <file>", "where to; - is stdout. screenshot-<date> unless told")
    .action(
      act<ScreenshotOptions>(async (context, options) => (await pictures()).screenshot(context, options)),
    );
  placed(browser.command("pdf").description("print the page"))
    .option("--format <paper>", "A4, A3, A5, Letter, Legal or Tabloid; A4 unless told")
    .option("--landscape", "on its side")
    .option("--no-background", "without colours and pictures behind the text")
    .option("-o, --output <file>", "where to; - is stdout. page-<date>.pdf unless told")
    .action(act<PdfOptions>(async (context, options) => (await pictures()).pdf(context, options)));
  placed(
    browser.command("snapshot").description("the page as a tree, with a ref for each thing that can be used"),
  )
    .option("--selector <css>", "only this part")
    .option("--page <number>", "of a long one; 1 unless told")
    .action(act(async (context, options) => (await page()).snapshot(context, options)));
  placed(browser.command("console").description("what the page has written to its console"))
    .option("--limit <count>", "how many lines at most, up to 500")
    .action(act(async (context, options) => (await logs()).consoleOf(context, options)));
  placed(browser.command("network").description("what the page has requested"))
    .option("--limit <count>", "how many at most, up to 500")
    .action(act(async (context, options) => (await logs()).network(context, options)));
  browser
    .command("downloads")
    .description("list the files that came down")
    .option("--limit <count>", "how many at most")
    .option("-k, --session-key <key>", "only those of a conversation")
    .action(
      act(async (context, options) =>
        (await import("./commands/media.ts")).list(context, options, "download"),
      ),
    );
}
