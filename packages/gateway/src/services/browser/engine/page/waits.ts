import type { BrowserAction } from "openclaw-protocol";
import { GatewayError } from "../../../../lib/errors.ts";
import { sleep } from "../../../../lib/signals.ts";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import { grouped, plain, quoted } from "../base/words.ts";
import { cssLocator } from "./locate.ts";
import { pageInWords } from "./page-words.ts";
import { timeLeft } from "./time-left.ts";

type Wait = Extract<BrowserAction, { kind: "wait" }>;

/** How often a page is looked at, ms. */
const everyMs = 100;

interface Condition {
  /** For a sentence: `the text "Done" is there`. */
  readonly words: string;
  holds(): Promise<boolean>;
}

/** Waits until everything that was given holds at once; what that was, in words. */
export async function waitFor(tab: Tab, action: Wait, doing: Doing): Promise<string> {
  const conditions = await conditionsOf(tab, action);
  if (conditions.length === 0 && action.ms === undefined) {
    throw new GatewayError("invalid_request", "Say what to wait for: text, gone, selector, url or ms.", {
      param: "action",
    });
  }
  const began = Date.now();
  const all = timeLeft(doing);
  if (action.ms !== undefined) {
    if (action.ms > all) {
      throw new GatewayError(
        "invalid_request",
        `${grouped(action.ms)} ms is longer than this action may take. Wait less, or give a larger timeoutMs.`,
        {
          param: "action.ms",
        },
      );
    }
    await sleep(action.ms, doing);
    if (conditions.length === 0) return `Waited ${grouped(action.ms)} ms`;
  }
  for (;;) {
    const missing = await firstMissing(conditions);
    if (missing === undefined) return `Waited until ${conditions.map((it) => it.words).join(" and ")}`;
    doing.signal.throwIfAborted();
    if (Date.now() - began + everyMs > all) {
      const seconds = ((Date.now() - began) / 1_000).toFixed(1);
      throw new GatewayError(
        "timeout",
        `Within ${seconds} s it did not come about that ${missing.words}. The page is now ${await pageInWords(tab)}.`,
      );
    }
    await sleep(everyMs, doing);
  }
}

async function conditionsOf(tab: Tab, action: Wait): Promise<Condition[]> {
  const { text, gone, selector, url } = action;
  const conditions: Condition[] = [];
  if (text !== undefined)
    conditions.push({ words: `the text ${quoted(text)} is there`, holds: () => isShown(tab, text) });
  if (gone !== undefined)
    conditions.push({
      words: `the text ${quoted(gone)} is gone`,
      holds: async () => !(await isShown(tab, gone)),
    });
  if (selector !== undefined) {
    const locator = (await cssLocator(tab, selector, "action.selector")).filter({ visible: true });
    conditions.push({
      words: `${plain(selector, 200)} is there`,
      holds: async () => (await locator.count()) > 0,
    });
  }
  if (url !== undefined) {
    conditions.push({
      words: `the address holds ${quoted(url)}`,
      holds: async () => tab.page.url().includes(url),
    });
  }
  return conditions;
}

async function firstMissing(conditions: readonly Condition[]): Promise<Condition | undefined> {
  for (const condition of conditions) if (!(await condition.holds())) return condition;
  return undefined;
}

/** In any frame, wherever a person would see it; capitals and spaces do not count. */
async function isShown(tab: Tab, text: string): Promise<boolean> {
  for (const frame of tab.page.frames()) {
    const found = frame.getByText(text).filter({ visible: true }).count();
    const count = await found.catch((thrown: unknown) => {
      if (tab.page.isClosed()) throw thrown;
      return 0; // between two documents nothing is there
    });
    if (count > 0) return true;
  }
  return false;
}
