import { errors } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import { sleep } from "../../../../lib/signals.ts";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import { type Described, onElement } from "./in-page.ts";
import { pageInWords } from "./page-words.ts";
import { inWords, type Target } from "./target.ts";
import { timeLeft } from "./time-left.ts";

/** How long an element that does not take something yet is given, ms, where the page is just slow. */
const patienceMs = 10_000;
/**
 * How long one is given that is hidden, disabled, read-only or covered, ms: a page that is being built gets over that
 * soon, and whoever acts on it can do more about it than wait.
 */
const hinderedMs = 2_500;
/** That it is so is looked at twice, so long apart, ms. */
const againMs = 400;
/** Looking into why something did not work takes no longer, ms. */
const lookMs = 1_000;

/** What a step with an element is given, as Playwright takes it. */
export interface Patience {
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * Does a step with an element, and where Playwright gives up, or what is in the way stays there, says why in words of the
 * page. Playwright's own message is not handed on: it tells what was typed. `conflict`.
 */
export async function attempt<T>(
  tab: Tab,
  target: Target,
  done: string,
  doing: Doing,
  step: (patience: Patience) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const hindered = new AbortController();
  let hindrance: string | undefined;
  const watching = lastingHindrance(target, over.signal).then((why) => {
    if (over.signal.aborted || why === undefined) return;
    hindrance = why;
    hindered.abort();
  });
  watching.catch(() => undefined); // the step is over
  try {
    const signal = AbortSignal.any([doing.signal, hindered.signal]);
    return await step({ timeout: timeLeft(doing, patienceMs), signal });
  } catch (thrown) {
    doing.signal.throwIfAborted();
    if (thrown instanceof GatewayError || tab.page.isClosed()) throw thrown;
    const why = hindrance ?? (await whyNot(target, thrown instanceof errors.TimeoutError));
    throw new GatewayError(
      "conflict",
      `The ${target.words} could not be ${done}: ${why}. The page is now ${await pageInWords(tab)}.`,
      {
        param: target.param,
      },
    );
  } finally {
    over.abort();
  }
}

/** Why an element still takes nothing after a while, as soon as that is so; rejects once `over`. */
async function lastingHindrance(target: Target, over: AbortSignal): Promise<string | undefined> {
  const look = () => hindranceOf(target).catch(() => undefined); // the page may hang, or be gone
  await sleep(hinderedMs - againMs, { signal: over });
  for (let before = await look(); ; ) {
    await sleep(againMs, { signal: over });
    const now = await look();
    if (now !== undefined && now === before) return now;
    before = now;
  }
}

async function whyNot(target: Target, timedOut: boolean): Promise<string> {
  try {
    const hindrance = await hindranceOf(target);
    return (
      hindrance ?? (timedOut ? "it kept moving, or something kept it from reacting" : "it does not take that")
    );
  } catch {
    const count = await target.locator.count().catch(() => 0);
    return count === 0 ? "it is not on the page any more" : "the page does not respond";
  }
}

/** What keeps an element from taking anything; undefined: nothing. Rejects where that cannot be told. */
async function hindranceOf({ locator }: Target): Promise<string | undefined> {
  const state = await locator.evaluate(stateOf, undefined, { timeout: lookMs });
  if (!state.connected) return "it is not on the page any more";
  if (!state.visible) return "it is not visible";
  if (state.disabled) return "it is disabled";
  if (state.readonly) return "it is read-only";
  if (state.covering) return `${inWords(state.covering.role, state.covering.name)} covers it`;
  return undefined;
}

const stateOf = onElement((element: Element, _arg: undefined, eyes) => {
  const box = element.getBoundingClientRect();
  const root = element.getRootNode();
  const from = root instanceof ShadowRoot ? root : document;
  const top = from.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  let covering: Described | undefined;
  if (top && top !== element && !element.contains(top) && !top.contains(element)) {
    // What is above it is told by the nearest thing with a meaning: a dialog rather than a bare box in it.
    const named = eyes.around(
      top,
      (it) => it.matches("dialog,[role],[aria-label],[id]") && !it.contains(element),
    );
    covering = eyes.describe(named ?? top);
  }
  return {
    connected: element.isConnected,
    visible: box.width > 0 && box.height > 0 && element.checkVisibility({ visibilityProperty: true }),
    disabled: element.matches(":disabled") || element.closest("[aria-disabled=true]") !== null,
    readonly: element.matches("input:read-only, textarea:read-only") && element.hasAttribute("readonly"),
    covering,
  };
});
