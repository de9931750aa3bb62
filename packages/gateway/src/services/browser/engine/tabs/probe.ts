import type { Tab } from "../base/tab.ts";
import { isOpening, stopOpening, titleOf, within } from "./tab-facts.ts";

/** A page that does not tell its state within this time does not respond, ms. */
const usualPatience = 2_000;

/** Finds out, shortly before a deadline, whether the page responds at all, so that it is known at the deadline. */
export interface Probe {
  /**
   * True: it does not respond. False: it does. A promise: in this time it will be known; what the page is waiting for is given
   * up for that.
   */
  isHung(): boolean | Promise<boolean>;
  /** The document's `readyState`, once the page has told. */
  state(): string | undefined;
  stop(): void;
}

export function createProbe(tab: Tab, totalMs: number, patience = usualPatience): Probe {
  let state: string | undefined;
  let verdict: boolean | undefined;
  let looking: Promise<boolean> | undefined;
  const before = Math.min(patience + 300, totalMs / 2);
  const timer = setTimeout(
    () => {
      if (!isOpening(tab)) void look();
    },
    Math.max(0, totalMs - before),
  );

  function look(): Promise<boolean> {
    looking ??= (async () => {
      await stopOpening(tab);
      const { page } = tab;
      const answer = page.evaluate("document.readyState").then(
        (value) => {
          state = String(value).slice(0, 20);
          return true;
        },
        () => true, // an error is an answer, too
      );
      const [answered] = await Promise.all([within(patience, answer), titleOf(tab, patience)]);
      verdict = answered === undefined;
      return verdict;
    })();
    return looking;
  }

  return {
    isHung: () => verdict ?? look(),
    state: () => state,
    stop: () => clearTimeout(timer),
  };
}
