import type { Page, Response } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Doing, Guard, Navigation, Tabs } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { Goal, Navigated } from "../base/types.ts";
import { plain } from "../base/words.ts";
import { failureOf, inWords } from "./failures.ts";
import { addressOf, boundedUrl, stopLoading, stopOpening, titleOf, within } from "./tab-facts.ts";

export interface NavigationOptions {
  guard: Pick<Guard, "judge" | "refusal" | "failure" | "isRefusal" | "isFailure">;
  tabs?: Pick<Tabs, "renew">;
}

/** A page that loads itself again and again may come in between as often. */
const mostTries = 4;
/** So many pages within one navigation, redirects not counted, are such a page. */
const manyPages = 4;

/** What came of the document's request. */
type Outcome = { status: number | null; success?: boolean };

/**
 * Goes to pages and through a tab's history. `success` says whether the site has given a page: false for HTTP 400 and above,
 * for an answer without a page, and where there is nothing to go back or forward to, which a note says.
 */
export function createNavigation({ guard }: NavigationOptions): Navigation {
  /** Tabs with a page that loads itself again and again. */
  const restless = new WeakSet<Tab>();

  async function open(tab: Tab, url: string, goal: Goal, doing: Doing): Promise<Navigated> {
    guard.judge(url);
    // Its next loading could take the place of ours.
    if (restless.delete(tab)) await leave(tab);
    tab.opening = { url: boundedUrl(url), came: false };
    const options = optionsOf(goal, doing);
    return arrive(tab, doing, url, options.waitUntil, () => tab.page.goto(url, options));
  }

  async function history(tab: Tab, step: -1 | 0 | 1, goal: Goal, doing: Doing): Promise<Navigated> {
    const options = optionsOf(goal, doing);
    const { page } = tab;
    if (step === 0) return arrive(tab, doing, page.url(), options.waitUntil, () => page.reload(options));
    const session = await tab.cdp();
    const { currentIndex, entries } = await session.send("Page.getNavigationHistory");
    const entry = entries[currentIndex + step];
    if (!entry) {
      tab.notes.add(`There is no page to go ${step < 0 ? "back" : "forward"} to in this tab.`);
      return { ...(await now(tab)), success: false };
    }
    if (/^https?:/i.test(entry.url)) guard.judge(entry.url);
    tab.opening = { url: boundedUrl(entry.url), came: false };
    return arrive(tab, doing, entry.url, options.waitUntil, () =>
      step < 0 ? page.goBack(options) : page.goForward(options),
    );
  }

  /** Does the navigation and says what came of it. */
  async function arrive(
    tab: Tab,
    doing: Doing,
    url: string,
    waitUntil: Waited,
    go: () => Promise<Response | null>,
  ): Promise<Navigated> {
    const { page } = tab;
    let answer: Response | undefined;
    let pages = 0;
    const onResponse = (response: Response) => {
      const request = response.request();
      if (!request.isNavigationRequest() || request.frame().parentFrame() !== null) return;
      answer = response;
      if (response.ok() && ++pages >= manyPages) restless.add(tab);
    };
    page.on("response", onResponse);
    try {
      return await told(tab, await arrived(mostTries - 1));
    } finally {
      page.off("response", onResponse);
    }

    async function arrived(triesLeft: number): Promise<Outcome> {
      try {
        const response = await go();
        return judged(response ?? undefined);
      } catch (error) {
        if (triesLeft > 0 && (await isCleared(error))) return arrived(triesLeft - 1);
        return failed(error);
      }
    }

    /** Whether what came in between is out of the way now, so that it is worth another try. */
    async function isCleared(error: unknown): Promise<boolean> {
      const failure = failureOf(error);
      if (failure.kind !== "interrupted" || doing.signal.aborted) return false;
      // Chromium's page about an earlier failure has come late, or the page that is being left has gone on by itself.
      if (failure.by.startsWith("chrome-error:")) await settleOn(page, doing);
      else await stopLoading(tab);
      return doing.deadline > Date.now();
    }

    /** What the guard has answered itself is an error, not a page. */
    function judged(response: Response | undefined): Outcome {
      if (!response) return { status: null };
      const headers = response.headers();
      const at = response.url();
      if (guard.isRefusal(headers)) throw refused(guard.refusal(at) ?? "The gateway's guard has refused it.");
      if (guard.isFailure(headers)) throw unreachable(at, guard.failure(at) ?? "the host cannot be reached");
      return { status: response.status() };
    }

    async function failed(error: unknown): Promise<Outcome> {
      if (error instanceof GatewayError) throw error;
      const failure = failureOf(error);
      // Told of by whoever keeps the deadline, with what is on the page. What has not come must not come later.
      if (failure.kind === "timeout") throw error;
      if (doing.signal.aborted) {
        await stopOpening(tab);
        throw error;
      }
      if (failure.kind === "download") {
        tab.opening = undefined;
        return { status: null };
      }
      if (failure.kind === "interrupted") {
        const before = answer;
        await page.waitForLoadState(
          waitUntil === "commit" ? "domcontentloaded" : waitUntil,
          optionsOf({}, doing),
        );
        return judged(answer ?? before);
      }
      if (failure.kind !== "network") throw error;
      return networkFailed(failure.code, error);
    }

    async function networkFailed(code: string, error: unknown): Promise<Outcome> {
      const at = tab.opening?.url ?? url;
      if (code === "ERR_ABORTED") {
        tab.opening = undefined;
        if (answer && !answer.ok()) return { status: answer.status(), success: false };
        const status = answer?.status() ?? null;
        tab.notes.add(
          status === null
            ? "The navigation was given up; the tab shows what it did before."
            : `The site has answered with HTTP ${status} and no page; the tab shows what it did before.`,
        );
        return { status, success: false };
      }
      // Chromium puts its own page about it in place, a moment later.
      await settleOn(page, doing);
      const refusal = guard.refusal(at);
      if (refusal !== undefined && isByProxy(code)) throw refused(refusal, error);
      if (code === "ERR_UNSAFE_PORT") {
        throw new GatewayError("invalid_request", `${plain(at)} cannot be opened: ${inWords(code)}.`, {
          param: "url",
        });
      }
      throw unreachable(at, guard.failure(at) ?? inWords(code), error);
    }
  }

  async function told(tab: Tab, { status, success }: Outcome): Promise<Navigated> {
    return { ...(await now(tab)), status, success: success ?? (status === null || status < 400) };
  }

  async function now(tab: Tab): Promise<Navigated> {
    const title = await titleOf(tab, 1_000);
    const notes = tab.notes.take();
    return {
      success: true,
      url: addressOf(tab),
      title,
      status: null,
      tabId: tab.id,
      ...(notes && { notes }),
    };
  }

  return { open, history, now, resize: (tab, size) => tab.page.setViewportSize(size) };
}

type Waited = "load" | "domcontentloaded" | "networkidle" | "commit";

function optionsOf({ waitUntil = "load" }: Goal, { signal, deadline }: Doing) {
  return { waitUntil, signal, timeout: Math.max(1, deadline - Date.now()) };
}

/** Puts an empty page in place of what loads itself again and again: it comes at once, so that nothing gets in between. */
async function leave(tab: Tab): Promise<void> {
  await stopLoading(tab);
  await within(1_000, tab.page.goto("about:blank", { timeout: 1_000, waitUntil: "commit" }));
}

/** What comes of a tunnel or a request that the guard does not let through. */
function isByProxy(code: string): boolean {
  return /^ERR_(?:TUNNEL_CONNECTION_FAILED|BLOCKED_BY_|ABORTED|FAILED|ACCESS_DENIED|HTTP_RESPONSE_CODE_FAILURE)/.test(
    code,
  );
}

/** Waits until the page shows Chromium's own about a failure. */
async function settleOn(page: Page, { deadline, signal }: Doing): Promise<void> {
  if (page.url().startsWith("chrome-error:")) return;
  const timeout = Math.max(1, Math.min(1_000, deadline - Date.now()));
  await page
    .waitForEvent("framenavigated", {
      predicate: (frame) => frame.parentFrame() === null && frame.url().startsWith("chrome-error:"),
      timeout,
      signal,
    })
    .catch(() => undefined); // some failures leave the page as it was
}

function refused(why: string, cause?: unknown): GatewayError {
  return new GatewayError("invalid_request", why, { param: "url", cause });
}

function unreachable(url: string, why: string, cause?: unknown): GatewayError {
  const words = why.replace(/\.$/, "");
  return new GatewayError("upstream_error", `${plain(url, 300)} could not be opened: ${words}.`, { cause });
}
