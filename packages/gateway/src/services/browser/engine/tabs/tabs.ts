import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Lease, Tabs } from "../base/parts.ts";
import type { Tab } from "../base/tab.ts";
import type { DownloadedFile, EngineConfig, TabView } from "../base/types.ts";
import { plain } from "../base/words.ts";
import { createDownloadSizes } from "./download-sizes.ts";
import { createDownloads, type Downloads } from "./downloads.ts";
import { createLiveTab, type LiveTab } from "./live-tab.ts";
import { destroy } from "./page-life.ts";
import { createPopups } from "./popups.ts";
import { addressOf, titleOf, within } from "./tab-facts.ts";
import { createTabTable } from "./tab-table.ts";

export interface TabsOptions {
  config: Pick<EngineConfig, "headless" | "maxTabs" | "downloadMaxBytes" | "folder" | "profiles">;
  now: () => number;
  /** A file has come down that nobody waits for. */
  onDownload(tab: Tab, file: DownloadedFile): void;
}

/** Where a context's first page, which came with it, waits to become somebody's tab. */
interface Adopted {
  profile: string;
  spare: Page | undefined;
  /** Pages that are being opened by us just now. */
  opening: number;
}

/** A page has to be there within this time, or its browser does not respond, ms. */
const newPageMs = 10_000;

/** The registry of tabs; also of the files that come down in them. */
export function createTabs({ config, now, onDownload }: TabsOptions): Tabs & { downloads: Downloads } {
  const table = createTabTable();
  const contexts = new WeakMap<BrowserContext, Adopted>();
  const sizes = createDownloadSizes(join(config.folder, "downloads"));
  const downloads = createDownloads({ maxBytes: config.downloadMaxBytes, sizes, onDownload });
  const popups = createPopups({
    now,
    adopt(opener, page) {
      if (table.ofOwner(opener.owner).length >= config.maxTabs) return undefined;
      return enter(page, opener, opener.popups);
    },
    onFlood: (tab) =>
      throwAway(tab, "The page opened tabs without end and was thrown away: the tab is empty now."),
  });

  /** Makes a tab of a page. */
  function enter(
    page: Page,
    { profile, owner, sessionKey }: { profile: string; owner: string; sessionKey: string | null },
    shared?: number[],
  ): LiveTab {
    const id = `t_${randomBytes(6).toString("base64url")}`;
    const context = page.context();
    const makings = { id, profile, owner, sessionKey, context, page, now, ...(shared && { popups: shared }) };
    const tab = createLiveTab(makings, (it) => ({
      onCrash() {
        it.life.end("The page has crashed.");
        it.notes.add("The page has crashed: the tab is empty now.");
        it.after(replace(it, "The page has crashed."));
      },
      onClose(browserRuns) {
        end(it, browserRuns ? "The tab was closed." : "The browser has ended.");
      },
      onFlood: () =>
        throwAway(it, "The page opened dialogs without end and was thrown away: the tab is empty now."),
      onAstray(url) {
        it.notes.add(`The page went to ${plain(url, 100)}, which may not be shown: the tab is empty now.`);
        it.after(within(2_000, it.page.goto("about:blank", { timeout: 2_000 })));
      },
    }));
    table.add(tab);
    void sizes.attend(tab);
    return tab;
  }

  function end(tab: LiveTab, why: string): void {
    tab.ended = true;
    table.remove(tab);
    downloads.end(tab);
    tab.life.end(why);
  }

  /** For pages that still respond in their way. */
  function throwAway(tab: LiveTab, why: string): void {
    tab.notes.add(why);
    tab.after(replace(tab, why));
  }

  /** The tab goes on with an empty page. Never rejects: where none can be had, the tab has ended. */
  function replace(tab: LiveTab, why: string, { hung = false } = {}): Promise<void> {
    tab.renewing ??= (async () => {
      const { life } = tab;
      const size = life.page.viewportSize();
      life.end(why);
      const gone = life.page.isClosed() ? undefined : destroy(life, { hung });
      try {
        const page = await openPage(tab.context);
        if (size) await within(1_000, page.setViewportSize(size));
        if (tab.ended) await page.close();
        else table.swap(tab, page);
      } catch {
        end(tab, "The browser does not respond any more."); // the next action starts it anew, or says why not
      }
      await gone;
    })().finally(() => {
      tab.renewing = undefined;
    });
    return tab.renewing;
  }

  async function openPage(context: BrowserContext): Promise<Page> {
    const adopted = contexts.get(context);
    if (adopted) adopted.opening += 1;
    const opening = context.newPage();
    try {
      const page = await within(newPageMs, opening);
      if (page) return page;
      opening.then(
        (late) => late.close(),
        () => undefined,
      );
      throw new GatewayError(
        "service_unavailable",
        "The browser does not respond. Stop it with browser.stop and try again.",
      );
    } finally {
      if (adopted) adopted.opening -= 1;
    }
  }

  /** A page that we have not opened: by another page, or by a person in the browser's window. */
  async function arrived(page: Page, adopted: Adopted): Promise<void> {
    if (adopted.opening > 0 && (await page.opener()) === null) return;
    const opener = await page.opener();
    const from = opener ? table.ofPage(opener) : undefined;
    if (table.ofPage(page) || page.isClosed()) return;
    if (from && !from.ended && from.page === opener) {
      for (const it of table.all(from.profile)) if (it.popups === from.popups) it.behind = true;
      return popups(from, page);
    }
    const byPerson = opener === null && (!config.headless || isRemote(adopted.profile));
    if (!byPerson || table.ofOwner("api").length >= config.maxTabs) {
      return void page.close().catch(() => undefined); // it may be gone already
    }
    enter(page, { profile: adopted.profile, owner: "api", sessionKey: null });
  }

  function isRemote(profile: string): boolean {
    return config.profiles[profile]?.cdpUrl !== undefined;
  }

  async function view(tab: Tab): Promise<TabView> {
    const title = await titleOf(tab);
    const { id, profile, sessionKey } = tab;
    return { id, url: addressOf(tab), title, active: table.isActive(tab), profile, sessionKey };
  }

  async function close(tab: Tab): Promise<void> {
    const live = table.get(tab.id);
    if (!live) return;
    end(live, "The tab was closed.");
    await destroy(live.life, { hung: false });
  }

  return {
    downloads,
    adopt(lease, _owner) {
      const { context, profile } = lease;
      if (contexts.has(context)) return;
      const adopted: Adopted = { profile, spare: undefined, opening: 0 };
      contexts.set(context, adopted);
      for (const page of context.pages()) {
        if (page.url() !== "about:blank") enter(page, { profile, owner: "api", sessionKey: null });
        else if (!isRemote(profile)) adopted.spare ??= page;
      }
      context.on("page", (page) => void arrived(page, adopted));
      context.on("download", (download) => {
        const tab = table.ofPage(download.page());
        if (tab) downloads.arrived(tab, download);
        else download.cancel().catch(() => undefined); // the browser may have ended meanwhile
      });
    },
    find: (place) => table.find(place),
    async create(lease: Lease, { owner, sessionKey = null }) {
      const free = table.reserve(owner, config.maxTabs);
      try {
        const adopted = contexts.get(lease.context);
        const spare = adopted?.spare;
        if (adopted) adopted.spare = undefined;
        const usable = spare && !spare.isClosed() && spare.url() === "about:blank";
        const page = usable ? spare : await openPage(lease.context);
        const tab = enter(page, { profile: lease.profile, owner, sessionKey });
        table.activate(tab);
        return tab;
      } finally {
        free();
      }
    },
    list: (profile) => Promise.all(table.all(profile).map(view)),
    view,
    async activate(tab) {
      table.activate(tab);
      await within(1_000, tab.page.bringToFront());
    },
    close,
    async renew(tab) {
      const live = table.get(tab.id);
      if (live) await replace(live, "The page did not respond any more and was thrown away.", { hung: true });
    },
    countOf: (profile) => table.all(profile).length,
    async endOwner(owner) {
      await Promise.all(table.ofOwner(owner).map(close));
    },
    drop(profile) {
      for (const tab of table.all(profile)) end(tab, "The browser has ended.");
    },
    console: (tab, limit) => ({ tabId: tab.id, entries: table.get(tab.id)?.logs.console(limit) ?? [] }),
    network: (tab, limit) => ({ tabId: tab.id, entries: table.get(tab.id)?.logs.network(limit) ?? [] }),
  };
}
