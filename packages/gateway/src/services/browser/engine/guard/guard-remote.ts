import type { Browser, BrowserContext, CDPSession, Page, WebSocketRoute } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import type { Guard } from "../base/parts.ts";

/**
 * Watches over browsers that run already and were not started with our proxy.
 *
 * Every request of the whole browser is held (DevTools' Fetch domain, at the request stage, in a session of the
 * browser itself) until `admit` has judged it: documents, sub-resources, each redirect, workers, service workers,
 * pop-ups, frames of other processes. That includes tabs that its owner opens by hand, while we are connected: they
 * are in the same context as ours. Source: https://chromedevtools.github.io/devtools-protocol/tot/Fetch/
 *
 * It is less than the proxy. The browser looks the host up once more by itself, perhaps with another answer, so a name
 * that is answered differently each time (rebinding) gets through. It may connect to a host ahead of a request that is
 * refused then; nothing is said over such a connection. WebSockets are judged in pages alone, not in workers, and not
 * in a page that was open before until it is loaded anew. WebRTC and WebTransport are not judged at all.
 */
export function createWatch(admit: Guard["admit"]): Guard["watchOver"] {
  const watched = new WeakSet<Browser>();

  async function holdAll(session: CDPSession, signal: AbortSignal): Promise<void> {
    session.on("Fetch.requestPaused", ({ requestId, request }) => {
      // Sending fails where the request or the browser is gone meanwhile.
      admit(request.url, { signal }).then(
        () => session.send("Fetch.continueRequest", { requestId }).catch(() => undefined),
        () =>
          session
            .send("Fetch.failRequest", { requestId, errorReason: "BlockedByClient" })
            .catch(() => undefined),
      );
    });
    await session.send("Fetch.enable", { patterns: [{ urlPattern: "*", requestStage: "Request" }] });
  }

  async function judgeSocket(route: WebSocketRoute, signal: AbortSignal): Promise<void> {
    try {
      await admit(route.url(), { signal });
      route.connectToServer();
    } catch {
      await route.close({ code: 1008, reason: "Not allowed" }).catch(() => undefined);
    }
  }

  async function holdPage(context: BrowserContext, page: Page, signal: AbortSignal): Promise<void> {
    try {
      await holdAll(await context.newCDPSession(page), signal);
    } catch (thrown) {
      if (!page.isClosed()) throw thrown;
    }
  }

  return async function watchOver(context) {
    const browser = context.browser();
    if (browser === null) throw unguarded(new Error("The context has no browser."));
    const stop = new AbortController();
    context.once("close", () => stop.abort(new Error("The browser's context is closed.")));
    const { signal } = stop;
    try {
      await context.routeWebSocket(/^/, (route) => judgeSocket(route, signal));
      if (!watched.has(browser)) {
        watched.add(browser);
        await holdAll(await browser.newBrowserCDPSession(), browserLife(browser));
      }
      // The browser's session reaches documents that begin from now on; those that are there have one each.
      await Promise.all(context.pages().map((page) => holdPage(context, page, signal)));
    } catch (thrown) {
      stop.abort(thrown);
      throw unguarded(thrown);
    }
  };
}

function browserLife(browser: Browser): AbortSignal {
  const stop = new AbortController();
  browser.once("disconnected", () => stop.abort(new Error("The browser is gone.")));
  return stop.signal;
}

function unguarded(cause: unknown): GatewayError {
  return new GatewayError(
    "service_unavailable",
    "The running browser does not let its requests be watched over, so it is not used. Use a newer Chromium, or none by cdpUrl.",
    { cause },
  );
}
