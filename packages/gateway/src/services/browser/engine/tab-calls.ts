import { GatewayError } from "../../../lib/errors.ts";
import type { Files, Guard, Navigation, PageWork, Pictures, Tabs } from "./base/parts.ts";
import { redact, redactAll } from "./base/redact.ts";
import type { Tab } from "./base/tab.ts";
import type { Engine, EngineConfig, Goal, Navigated } from "./base/types.ts";
import type { OnTab } from "./on-tab.ts";

export type TabCalls = Pick<
  Engine,
  | "open"
  | "navigate"
  | "history"
  | "activate"
  | "close"
  | "screenshot"
  | "pdf"
  | "snapshot"
  | "inspect"
  | "act"
  | "evaluate"
  | "upload"
  | "download"
  | "console"
  | "network"
>;

export interface TabCallsDeps {
  config: Pick<EngineConfig, "defaultProfile" | "evaluateEnabled">;
  guard: Guard;
  on: OnTab;
  tabs: Tabs;
  navigation: Navigation;
  pictures: Pictures;
  files: Files;
  page: PageWork;
}

/** How long things may take unless the caller says, ms. */
const usual = { page: 30_000, action: 15_000, picture: 20_000, pdf: 30_000, download: 120_000 };

/** The engine's calls that are about one tab. What comes of them is told without the secrets that were typed there. */
export function createTabCalls(deps: TabCallsDeps): TabCalls {
  const { config, guard, on, tabs, navigation, pictures, files, page } = deps;
  const { act, doingOf, existing, newTab, noPage, onTab, profileOf } = on;

  const told = (tab: Tab, result: Navigated): Navigated => redactAll(result, tab.secrets);
  const goal = ({ waitUntil }: Goal): Goal => ({ waitUntil });

  return {
    async open(place, { signal }) {
      if (place.url !== undefined) guard.judge(place.url);
      const doing = doingOf(place, usual.page, signal);
      const tab = await newTab(place, place.profile ?? config.defaultProfile, doing);
      const { url } = place;
      if (url === undefined) return navigation.now(tab);
      return told(
        tab,
        await act(tab, `Opening ${url}`, doing, () => navigation.open(tab, url, goal(place), doing)),
      );
    },

    async navigate(place, options) {
      guard.judge(place.url);
      const profile = place.tabId === undefined ? (place.profile ?? config.defaultProfile) : place.profile;
      const began = performance.now();
      const ms = place.timeoutMs ?? usual.page;
      let used: Tab | undefined;
      const open = () =>
        onTab(
          { ...place, profile, timeoutMs: Math.max(1, Math.ceil(ms - (performance.now() - began))) },
          `Opening ${place.url}`,
          usual.page,
          options,
          async (tab, doing) => {
            used = tab;
            if (place.viewport) await navigation.resize(tab, place.viewport);
            return told(tab, await navigation.open(tab, place.url, goal(place), doing));
          },
          (doing) => newTab(place, profile ?? config.defaultProfile, doing),
        );
      try {
        return await open();
      } catch (thrown) {
        // Where one page has crashed, the process that Chromium gives the next one may be about to, too: once more.
        const hasCrashed = thrown instanceof GatewayError && thrown.code === "service_unavailable";
        if (!hasCrashed || !used?.alive?.() || options.signal.aborted) throw thrown;
        return open();
      }
    },

    history: (place, options) =>
      onTab(
        place,
        place.step === 0 ? "Loading the page again" : `Going ${place.step < 0 ? "back" : "forward"}`,
        usual.page,
        options,
        async (tab, doing) => told(tab, await navigation.history(tab, place.step, goal(place), doing)),
      ),

    async activate(place) {
      const tab = existing(place);
      await tabs.activate(tab);
      on.used(place.owner, tab.profile);
      return tabs.view(tab);
    },

    async close(place) {
      await tabs.close(existing(place));
      return true;
    },

    screenshot: (place, options) =>
      onTab(
        place,
        "The screenshot",
        usual.picture,
        options,
        async (tab, doing) => {
          if (place.viewport) await navigation.resize(tab, place.viewport);
          const picture = await pictures.screenshot(tab, place, doing);
          return {
            ...picture,
            url: redact(picture.url, tab.secrets),
            title: redact(picture.title, tab.secrets),
          };
        },
        (doing) => newTab(place, profileOf(place), doing),
      ),

    pdf: (place, options) =>
      onTab(place, "The PDF", usual.pdf, options, (tab, doing) => pictures.pdf(tab, place, doing)),

    snapshot: (place, options) =>
      onTab(place, "The snapshot", usual.action, options, async (tab, doing) => {
        const { snapshot, page: at, pages } = await page.snapshot(tab, place, doing);
        const { url, title, notes } = told(tab, await navigation.now(tab));
        return { tabId: tab.id, url, title, snapshot, page: at, pages, ...(notes && { notes }) };
      }),

    inspect: (place, options) =>
      onTab(place, "Looking at the page", usual.action, options, async (tab, doing) =>
        redactAll(await page.inspect(tab, place.action, doing), tab.secrets),
      ),

    act: ({ action, secret, only, ...place }, options) =>
      onTab(place, `The action "${action.kind}"`, usual.action, options, async (tab, doing) => {
        const detail = await page.act(tab, action, { secret, only }, doing);
        return { ...told(tab, await navigation.now(tab)), detail: redact(detail, tab.secrets) };
      }),

    evaluate(place, options) {
      if (!config.evaluateEnabled) {
        throw new GatewayError(
          "forbidden",
          "evaluate is disabled. Set browser.evaluateEnabled to true in openclaw.json to allow it.",
        );
      }
      return onTab(place, "The script", usual.action, options, async (tab, doing) => ({
        value: await page.evaluate(tab, place.expression, doing),
        url: redact(tab.page.url(), tab.secrets),
      }));
    },

    upload: ({ files: list, ...place }, options) =>
      onTab(place, "The upload", usual.page, options, async (tab, doing) => {
        await files.upload(tab, place, list, doing);
        return told(tab, await navigation.now(tab));
      }),

    download(place, options) {
      if (place.url !== undefined) guard.judge(place.url);
      return onTab(
        place,
        "The download",
        usual.download,
        options,
        (tab, doing) => files.download(tab, place, doing),
        (doing) => (place.url === undefined ? noPage() : newTab(place, profileOf(place), doing)),
      );
    },

    async console(place) {
      const tab = existing(place);
      return redactAll(tabs.console(tab, place.limit), tab.secrets);
    },

    async network(place) {
      const tab = existing(place);
      return redactAll(tabs.network(tab, place.limit), tab.secrets);
    },
  };
}
