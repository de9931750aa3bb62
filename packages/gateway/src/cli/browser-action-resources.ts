import type { Command } from "commander";
import { placed } from "./browser-flags.ts";
import type { ActionOptions, PlaceOptions } from "./browser-options.ts";
import type { Act } from "./runner.ts";

/** What `openclaw browser` can do on a page. */
export function addActionCommands(browser: Command, act: Act): void {
  const page = () => import("./commands/browser-page.ts");
  placed(browser.command("click <target>").description("click something: a ref like e12, or CSS"))
    .option("--button <button>", "left, middle or right; left unless told")
    .option("--double", "twice")
    .action(
      act<ActionOptions>(async (context, options, target) => {
        const its = await page();
        return its.act(context, its.clickOf(target, options), options);
      }),
    );
  placed(browser.command("hover <target>").description("hold the pointer over something")).action(
    act<ActionOptions>(async (context, options, target) => {
      const its = await page();
      return its.act(context, its.hoverOf(target), options);
    }),
  );
  placed(
    browser.command("type <target> [text...]").description("type into a field, in place of what is there"),
  )
    .option("--secret <name>", "what browser.secrets holds by this name, instead of a text")
    .option("--submit", "press Enter afterwards")
    .option("--append", "keep what is there")
    .action(
      act<ActionOptions>(async (context, options, target, _second, words) => {
        const its = await page();
        return its.act(context, its.typeOf(target, words, options), options);
      }),
    );
  placed(
    browser.command("select <target> <values...>").description("choose in a list, by value or label"),
  ).action(
    act<ActionOptions>(async (context, options, target, _second, values) => {
      const its = await page();
      return its.act(context, its.selectOf(target, values), options);
    }),
  );
  placed(browser.command("press <key>").description("press a key, like Enter or Control+A"))
    .option("--at <target>", "on this: a ref, or CSS")
    .action(
      act<ActionOptions>(async (context, options, key) => {
        const its = await page();
        return its.act(context, its.pressOf(key, options), options);
      }),
    );
  placed(browser.command("scroll [direction]").description("scroll down, or up, left, right, top, bottom"))
    .option("--pixels <count>", "how far; most of a screen unless told")
    .option("--at <target>", "this, or to this: a ref, or CSS")
    .action(
      act<ActionOptions>(async (context, options, direction) => {
        const its = await page();
        return its.act(context, its.scrollOf(direction || undefined, options), options);
      }),
    );
  placed(browser.command("wait").description("wait for something on the page"))
    .option("--text <text>", "until this is there to be read")
    .option("--gone <text>", "until this is no longer")
    .option("--selector <css>", "until this is there")
    .option("--address <text>", "until the page's address holds this")
    .option("--seconds <count>", "so long, up to 60")
    .action(
      act<ActionOptions>(async (context, options) => {
        const its = await page();
        return its.act(context, its.waitOf(options), options);
      }),
    );
  placed(
    browser.command("evaluate <expression>").description("run JavaScript on the page, where that is allowed"),
  ).action(
    act<PlaceOptions>(async (context, options, expression) =>
      (await page()).evaluate(context, expression, options),
    ),
  );
  placed(browser.command("upload <target> <files...>").description("put files into a file field")).action(
    act<PlaceOptions>(async (context, options, target, _second, files) =>
      (await page()).upload(context, target, files, options),
    ),
  );
}
