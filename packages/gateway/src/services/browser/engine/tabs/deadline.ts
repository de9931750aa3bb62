import { GatewayError } from "../../../../lib/errors.ts";
import { onAbort } from "../../../../lib/signals.ts";
import type { Doing, Tabs } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import { plain } from "../base/words.ts";
import { failureOf } from "./failures.ts";
import { createProbe } from "./probe.ts";
import { addressOf, isOpening, pageAsKnown, within } from "./tab-facts.ts";

/** What an action that was given up may still take before the next one begins, ms. */
const leftoverMs = 2_000;

/** Why the work was not waited for any longer. */
type End = { why: "deadline" } | { why: "signal" } | { why: "gone"; sentence: string };

/**
 * Does something on a tab, to an end in any case: its own, the deadline, the caller's, or the page's. Throws what the work
 * throws, else `timeout` with what is on the page, the signal's reason, or `service_unavailable` where page or browser are
 * no more. A page that does not respond at all is thrown away: the tab goes on with an empty one, and the next action waits
 * for that.
 */
export async function withinDeadline<T>(
  tab: Tab,
  what: string,
  doing: Doing,
  work: () => Promise<T>,
  tabs: Pick<Tabs, "renew">,
  patienceMs?: number,
): Promise<T> {
  doing.signal.throwIfAborted();
  const began = Date.now();
  const end = Promise.withResolvers<End>();
  const off = onAbort(doing.signal, () => end.resolve({ why: "signal" }));
  const timer = setTimeout(() => end.resolve({ why: "deadline" }), Math.max(0, doing.deadline - began));
  const probe = createProbe(tab, doing.deadline - began, patienceMs);
  void tab.gone().then((sentence) => end.resolve({ why: "gone", sentence }));

  const working = work();
  const done = working.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  try {
    const first = await Promise.race([done, end.promise]);
    if ("value" in first) return first.value;
    if ("why" in first) {
      tab.after?.(within(leftoverMs, working));
      throw await ending(first);
    }
    throw await translated(first.error);
  } finally {
    clearTimeout(timer);
    off();
    probe.stop();
  }

  /** What the work has thrown, in our words where it is Playwright's. */
  async function translated(error: unknown): Promise<unknown> {
    if (doing.signal.aborted) return doing.signal.reason;
    if (error instanceof GatewayError) {
      if (error.code !== "timeout") return error;
      // It tells more than we could, unless the page is to blame.
      return isOpening(tab) || (await verdict()) === true ? late() : rescued(error);
    }
    const { kind } = failureOf(error);
    if (kind === "timeout") return late();
    if (kind === "gone") {
      // The page's end is told of in its own time; it says why.
      const sentence = await within(1_000, tab.gone());
      return goneError(what, sentence ?? "The page was closed.");
    }
    return new GatewayError("internal_error", `${plain(what)} failed in the browser.`, { cause: error });
  }

  async function ending(reason: End): Promise<unknown> {
    if (reason.why === "signal") return doing.signal.reason;
    if (reason.why === "gone") return goneError(what, reason.sentence);
    return late();
  }

  /** Whether the page hangs, as far as that is known by the deadline. */
  async function verdict(): Promise<boolean | undefined> {
    const hung = probe.isHung();
    return typeof hung === "boolean" ? hung : within(Math.max(50, doing.deadline - Date.now()), hung);
  }

  async function late(): Promise<GatewayError> {
    const spent = Math.min(Date.now() - began, doing.deadline - began);
    const took = `${plain(what, 300)} took longer than ${inSeconds(spent)}.`;
    const page = pageAsKnown(tab);
    const { opening } = tab;
    if (opening?.came === false) {
      const no = `No answer has come from ${plain(opening.url, 200)}. The tab shows ${page}.`;
      return rescued(new GatewayError("timeout", `${took} ${no}`));
    }
    const hung = await verdict();
    const state = probe.state();
    const loading = state === "loading" || state === "interactive" ? " and is still loading" : "";
    const shows = `The page shows ${pageAsKnown(tab)}${loading}.`;
    if (hung === false) return new GatewayError("timeout", `${took} ${shows}`);
    if (hung === undefined) {
      return rescued(new GatewayError("timeout", `${took} ${shows} It does not respond just now.`));
    }
    const end = "does not respond any more, and was thrown away. The tab is empty now and can be used.";
    return rescued(new GatewayError("timeout", `${took} The page ${page} ${end}`));
  }

  /** Sees to it that the next action finds a page that responds. */
  function rescued(error: GatewayError): GatewayError {
    const address = plain(addressOf(tab), 200);
    const rescue = async () => {
      if (!(await probe.isHung())) return;
      tab.notes.add(
        `The page ${address} did not respond any more and was thrown away: the tab is empty now.`,
      );
      await tabs.renew(tab);
    };
    tab.after?.(rescue());
    return error;
  }
}

function goneError(what: string, sentence: string): GatewayError {
  return new GatewayError(
    "service_unavailable",
    `${plain(what, 300)} came to no end: ${sentence} Try again.`,
  );
}

/** E.g. 15 s, 0.3 s. */
export function inSeconds(ms: number): string {
  return `${Number((Math.max(0, ms) / 1_000).toPrecision(ms < 10_000 ? 2 : 3))} s`;
}
