import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import { listed, quoted } from "../base/words.ts";
import { onElement } from "./in-page.ts";
import { attempt } from "./refusals.ts";
import type { Target } from "./target.ts";
import { timeLeft } from "./time-left.ts";

/** Options of a list that are looked at. */
const optionsAtMost = 5_000;

/** Chooses in a `<select>` by values or labels; the labels of what was chosen, for a sentence. */
export async function choose(
  tab: Tab,
  target: Target,
  values: readonly string[],
  doing: Doing,
): Promise<string> {
  const { locator, words, facts, param } = target;
  if (facts.tag !== "select") {
    throw new GatewayError(
      "invalid_request",
      `The ${words} is no list of the browser's own. Click it, take a snapshot, and click what you want in it.`,
      {
        param,
      },
    );
  }
  if (!facts.multiple && values.length > 1) {
    throw new GatewayError("invalid_request", `Only one thing can be chosen in the ${words}.`, {
      param: "action.values",
    });
  }
  const options = { timeout: timeLeft(doing), signal: doing.signal };
  const there = await locator.evaluate(readOptions, optionsAtMost, options);
  const chosen = values.map((wanted) => {
    const plainly = (text: string): string => text.replace(/\s+/g, " ").trim().toLowerCase();
    const found =
      there.find((it) => it.value === wanted || it.label === wanted) ??
      there.find((it) => plainly(it.label) === plainly(wanted) || plainly(it.value) === plainly(wanted));
    if (found === undefined) {
      const names = there.map((it) => (it.label ? quoted(it.label, 60) : "an empty one"));
      throw new GatewayError(
        "invalid_request",
        `${quoted(wanted, 60)} is not in the ${words}. It has ${listed(names, 20) || "no options"}.`,
        {
          param: "action.values",
        },
      );
    }
    if (found.disabled) {
      throw new GatewayError(
        "conflict",
        `${quoted(found.label, 60)} cannot be chosen in the ${words}: it is disabled.`,
        {
          param: "action.values",
        },
      );
    }
    return found;
  });
  await attempt(tab, target, "set", doing, (patience) =>
    locator.selectOption(
      chosen.map(({ index }) => ({ index })),
      { ...patience, noWaitAfter: true },
    ),
  );
  return listed(chosen.map((it) => quoted(it.label, 60)));
}

const readOptions = onElement((element: Element, atMost: number) => {
  const list = element instanceof HTMLLabelElement ? element.control : element;
  if (!(list instanceof HTMLSelectElement)) return [];
  return [...list.options].slice(0, atMost).map((it) => ({
    index: it.index,
    value: it.value,
    label: it.label.replace(/\s+/g, " ").trim().slice(0, 300),
    disabled: it.disabled || (it.parentElement instanceof HTMLOptGroupElement && it.parentElement.disabled),
  }));
});
