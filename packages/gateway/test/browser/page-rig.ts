import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type BrowserContext, type CDPSession, chromium, type Page } from "playwright-core";
import { findChromium } from "../../../client/test/support/chromium.ts";
import { bounded } from "../../src/services/browser/engine/base/bounded.ts";
import type { Tab } from "../../src/services/browser/engine/base/tab.ts";

/** A real Chromium and a site of the test's, for parts of the engine by themselves. */
export interface PageRig {
  readonly context: BrowserContext;
  /** The site's address, e.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  /** What the site answers a path with: HTML, or whatever the function does. */
  pages: Map<string, string | ((request: IncomingMessage, response: ServerResponse) => void)>;
  /** A new page as the engine's parts see it. */
  tab(url?: string): Promise<Tab>;
  /**
   * A tab for one test, on a page that the tests before it had and that is left in peace: Chromium takes half a second
   * and more to make one, which is most of a test's time.
   */
  lend(t: TestContext, url: string): Promise<Tab>;
  close(): Promise<void>;
}

/** Where there is no Chromium, the answer is the reason, for `t.skip`. */
export async function startPageRig(): Promise<PageRig | string> {
  const found = await findChromium();
  if (typeof found === "string") return found;
  const pages: PageRig["pages"] = new Map();
  const server = createServer((request, response) => {
    const page = pages.get(new URL(request.url ?? "/", "http://x").pathname);
    if (typeof page === "function") return page(request, response);
    response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html; charset=utf-8" });
    response.end(page ?? "nothing here");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launch({
    executablePath: found.executablePath,
    args: found.args,
    env: { ...process.env, ...found.env } as Record<string, string>,
  });
  const context = await browser.newContext();
  let count = 0;
  const free: Page[] = [];
  /** A page that does not go where it is told is thrown away. */
  async function pageAt(at: string): Promise<Page> {
    for (let page = free.pop(); page; page = free.pop()) {
      const there = await page.goto(at, { timeout: 5_000 }).catch(() => undefined);
      if (there) return page;
      await closed(page);
    }
    const page = await context.newPage();
    await page.goto(at);
    return page;
  }
  return {
    context,
    url,
    pages,
    async tab(at) {
      const page = await context.newPage();
      if (at !== undefined) await page.goto(at);
      return plainTab(`t${++count}`, context, page);
    },
    async lend(t, at) {
      const page = await pageAt(at);
      t.after(() => {
        if (!page.isClosed()) free.push(page);
      });
      return plainTab(`t${++count}`, context, page);
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Chromium forgets that it is to close a page which is just about to show another document. */
async function closed(page: Page): Promise<void> {
  await bounded(page.close(), 1_000).catch(() => undefined); // it ends with the browser
}

/** A tab without a registry behind it. */
function plainTab(id: string, context: BrowserContext, page: Page): Tab {
  const notes: string[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let session: Promise<CDPSession> | undefined;
  return {
    id,
    profile: "default",
    owner: "api",
    sessionKey: null,
    context,
    page,
    title: "",
    usedAt: 0,
    notes: {
      add: (note) => void notes.push(note),
      take: () => (notes.length > 0 ? notes.splice(0) : undefined),
    },
    secrets: new Set(),
    gone: () => new Promise(() => {}),
    exclusive(work) {
      const next = last.then(work, work);
      last = next.catch(() => undefined);
      return next;
    },
    cdp() {
      session ??= context.newCDPSession(page);
      return session;
    },
  };
}
