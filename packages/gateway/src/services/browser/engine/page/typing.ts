import type { BrowserAction } from "openclaw-protocol";
import type { ElementHandle } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { TypedSecret } from "../base/types.ts";
import { plain } from "../base/words.ts";
import { attempt, type Patience } from "./refusals.ts";
import type { Target } from "./target.ts";
import { mayBeTypedAt } from "./typed-secrets.ts";

type Typing = Extract<BrowserAction, { kind: "type" }>;

/** What inputs of a type want: https://html.spec.whatwg.org/multipage/input.html#states-of-the-type-attribute */
const formats: Readonly<Record<string, { pattern: RegExp; like: string }>> = {
  date: { pattern: /^\d{4,6}-\d\d-\d\d$/, like: "2030-01-31" },
  time: { pattern: /^\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/, like: "18:30" },
  "datetime-local": { pattern: /^\d{4,6}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?$/, like: "2030-01-31T18:30" },
  month: { pattern: /^\d{4,6}-\d\d$/, like: "2030-01" },
  week: { pattern: /^\d{4,6}-W\d\d$/, like: "2030-W05" },
  color: { pattern: /^#[0-9a-f]{6}$/i, like: "#1a73e8" },
  number: { pattern: /^-?\d*\.?\d+(e[+-]?\d+)?$/i, like: "42 or 1.5" },
  range: { pattern: /^-?\d*\.?\d+$/, like: "42" },
};

/** Puts a text into a field, in place of what is there or after it. */
export async function type(
  tab: Tab,
  target: Target,
  action: Typing,
  secret: TypedSecret | undefined,
  doing: Doing,
): Promise<void> {
  const text = textOf(action, secret);
  refuseOthers(target, action.append ? "" : text, secret !== undefined);
  await attempt(tab, target, "typed into", doing, async (patience) => {
    if (secret !== undefined) return typeSecret(tab, target, secret, action.append === true, patience);
    if (!action.append) return target.locator.fill(text, patience);
    if (target.facts.editable) return appendTo(tab, target, text, patience);
    return target.locator.fill((await target.locator.inputValue(patience)) + text, patience);
  });
}

function textOf(action: Typing, secret: TypedSecret | undefined): string {
  if (action.secret !== undefined) {
    if (action.text !== undefined) {
      throw new GatewayError("invalid_request", "Give either text or secret, not both.", {
        param: "action.secret",
      });
    }
    if (secret === undefined) {
      throw new GatewayError(
        "invalid_request",
        `There is no secret ${plain(action.secret, 60)} in browser.secrets.`,
        {
          param: "action.secret",
        },
      );
    }
    return secret.value;
  }
  if (action.text !== undefined) return action.text;
  throw new GatewayError("invalid_request", "Say what to type: text, or the name of a secret.", {
    param: "action.text",
  });
}

function refuseOthers({ words, facts, param }: Target, text: string, hidden: boolean): void {
  const refuse = (why: string, at = param): never => {
    throw new GatewayError("invalid_request", `The ${words} ${why}`, { param: at });
  };
  if (facts.tag === "select") refuse("is a list. Use the action select.");
  if (/^(checkbox|radio)$/.test(facts.type)) refuse("is not typed into. Click it.");
  if (facts.type === "file") refuse("takes files. Use browser.upload.");
  if (/^(button|submit|reset|image)$/.test(facts.type)) refuse("is a button. Click it.");
  if (facts.tag !== "input" && facts.tag !== "textarea" && !facts.editable) refuse("is no text field.");
  const format = formats[facts.type];
  if (format === undefined || text === "" || format.pattern.test(text.trim())) return;
  refuse(`takes values like ${format.like}${hidden ? "" : `, not "${plain(text, 60)}"`}.`, "action.text");
}

async function appendTo(tab: Tab, { locator }: Target, text: string, options: Patience): Promise<void> {
  await locator.focus(options);
  await locator.evaluate((element) => getSelection()?.selectAllChildren(element), undefined, options);
  await locator.evaluate(() => getSelection()?.collapseToEnd(), undefined, options);
  await tab.page.keyboard.insertText(text);
}

/**
 * The element is held by a handle, which dies with its document: a page that leaves the allowed host between the look
 * and the typing gets nothing. From here on the value counts as a secret of the tab.
 */
async function typeSecret(
  tab: Tab,
  target: Target,
  secret: TypedSecret,
  append: boolean,
  options: Patience,
): Promise<void> {
  const handle = await target.locator.elementHandle(options);
  try {
    await requireHost(handle, secret);
    tab.secrets.add(secret.value);
    await handle.waitForElementState("editable", options);
    const before = append && !target.facts.editable ? await handle.inputValue(options) : "";
    if (append && before) tab.secrets.add(before + secret.value);
    await handle.evaluate(hide); // from whoever watches the tab: pictures cover it by themselves
    await requireHost(handle, secret);
    await handle.fill(before + secret.value, options);
  } finally {
    await handle.dispose().catch(() => undefined); // its page may be gone
  }
}

/** Runs in the page. */
function hide(field: SVGElement | HTMLElement): void {
  field.style.setProperty("-webkit-text-security", "disc", "important");
}

async function requireHost(handle: ElementHandle, secret: TypedSecret): Promise<void> {
  const url = (await handle.ownerFrame())?.url() ?? "";
  if (mayBeTypedAt(url, secret.hosts)) return;
  const where =
    URL.canParse(url) && new URL(url).host
      ? `${new URL(url).protocol}//${new URL(url).host}`
      : "a page without a host";
  throw new GatewayError(
    "forbidden",
    `The secret ${plain(secret.name, 60)} may not be typed at ${where}, only over https at: ${secret.hosts.join(", ")}.`,
    {
      param: "action.secret",
    },
  );
}
