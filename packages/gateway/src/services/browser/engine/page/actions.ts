import type { BrowserAction } from "openclaw-protocol";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { Inspection, TypedSecret } from "../base/types.ts";
import { grouped, plain, quoted } from "../base/words.ts";
import { choose } from "./choosing.ts";
import { keyOf } from "./keys.ts";
import { attempt, type Patience } from "./refusals.ts";
import { scroll } from "./scrolling.ts";
import { inspect, requireNoMore } from "./sensitive.ts";
import { settled } from "./settling.ts";
import { type Target, targetOf, targetOfClick } from "./target.ts";
import { type } from "./typing.ts";
import { waitFor } from "./waits.ts";

export interface ActOptions {
  /** The value that `action.secret` names. */
  readonly secret?: TypedSecret | undefined;
  /** What was decided on: no more than that is done. */
  readonly only?: Inspection | undefined;
}

/** Does something on a page and lets it settle; what was done, in words. */
export async function act(
  tab: Tab,
  action: BrowserAction,
  options: ActOptions,
  doing: Doing,
): Promise<string> {
  doing.signal.throwIfAborted();
  if (action.kind === "wait") return waitFor(tab, action, doing);
  if (action.kind === "press") keyOf(action.key);
  const target = await targetFor(tab, action, doing);
  const check = async (): Promise<void> => {
    doing.signal.throwIfAborted();
    if (options.only) await requireNoMore(tab, await inspect(tab, action, target, doing), options.only);
  };
  return settled(tab, doing, async () => {
    switch (action.kind) {
      case "click":
        return click(tab, need(target), action, options.only ? check : undefined, doing);
      case "hover":
        return hover(tab, need(target), doing);
      case "type":
        await check();
        await type(tab, need(target), action, options.secret, doing);
        if (action.submit) {
          await check();
          await pressOn(tab, need(target), "Enter", doing);
        }
        return typed(action, need(target));
      case "select":
        return `Chose ${await choose(tab, need(target), action.values, doing)} in ${need(target).words}`;
      case "press":
        await check();
        return press(tab, target, keyOf(action.key), doing);
      case "scroll":
        return scroll(tab, target, action, doing);
    }
  });
}

/** The element that an action is about; what can do without one has none. */
export async function targetFor(tab: Tab, action: BrowserAction, doing: Doing): Promise<Target | undefined> {
  if (action.kind === "wait") return undefined;
  const named = action.ref !== undefined || action.selector !== undefined;
  if (!named && (action.kind === "press" || action.kind === "scroll")) return undefined;
  return action.kind === "click" || action.kind === "hover"
    ? targetOfClick(tab, action, doing)
    : targetOf(tab, action, doing);
}

/** `targetFor` has thrown for every action that needs one and names none. */
function need(target: Target | undefined): Target {
  if (target === undefined)
    throw new GatewayError("invalid_request", "Say which element.", { param: "action.ref" });
  return target;
}

async function click(
  tab: Tab,
  target: Target,
  action: Extract<BrowserAction, { kind: "click" }>,
  check: (() => Promise<void>) | undefined,
  doing: Doing,
): Promise<string> {
  if (target.facts.type === "file") {
    throw new GatewayError("invalid_request", `The ${target.words} takes files. Use browser.upload.`, {
      param: target.param,
    });
  }
  const button = action.button ?? "left";
  const push = (trial: boolean, patience: Patience): Promise<void> => {
    // A click that leads to a slow page is done all the same: `settled` decides how long that is waited for.
    const options = { button, trial, noWaitAfter: true, ...patience };
    return action.double ? target.locator.dblclick(options) : target.locator.click(options);
  };
  if (check) {
    // Once it can be clicked, so that as little time as possible is between the look and the click.
    await attempt(tab, target, "clicked", doing, (patience) => push(true, patience));
    await check();
  }
  await attempt(tab, target, "clicked", doing, (patience) => push(false, patience));
  const how = button === "left" ? "" : ` with the ${button} button`;
  return `${action.double ? "Double-clicked" : "Clicked"} ${target.words}${how}`;
}

async function hover(tab: Tab, target: Target, doing: Doing): Promise<string> {
  await attempt(tab, target, "pointed at", doing, (patience) =>
    target.locator.hover({ noWaitAfter: true, ...patience }),
  );
  return `Pointed at ${target.words}`;
}

async function press(tab: Tab, target: Target | undefined, key: string, doing: Doing): Promise<string> {
  const shown = plain(key, 64);
  if (target !== undefined) {
    await pressOn(tab, target, key, doing);
    return `Pressed ${shown} in ${target.words}`;
  }
  if (isWritten(key)) await tab.page.keyboard.insertText(key);
  else await tab.page.keyboard.press(key);
  return `Pressed ${shown}`;
}

async function pressOn(tab: Tab, target: Target, key: string, doing: Doing): Promise<void> {
  await attempt(tab, target, `sent ${plain(key, 64)}`, doing, async (patience) => {
    if (!isWritten(key)) return target.locator.press(key, { noWaitAfter: true, ...patience });
    await target.locator.focus(patience);
    await tab.page.keyboard.insertText(key);
  });
}

/** Characters without a key on the keyboard that Playwright knows are put in as text. */
function isWritten(key: string): boolean {
  return /^[^\x20-\x7e]$/u.test(key);
}

function typed(action: Extract<BrowserAction, { kind: "type" }>, target: Target): string {
  const what =
    action.secret !== undefined
      ? `the secret ${quoted(action.secret, 60)}`
      : action.text === ""
        ? "nothing, which emptied it,"
        : `${grouped((action.text ?? "").length)} characters`;
  return `Typed ${what} into ${target.words}${action.submit ? " and pressed Enter" : ""}`;
}
