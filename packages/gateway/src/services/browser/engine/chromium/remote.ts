import { chromium } from "playwright-core";
import { GatewayError } from "../../../../lib/errors.ts";
import { bounded } from "../base/bounded.ts";
import type { Chrome } from "./chrome.ts";
import type { StartDeps } from "./local-chrome.ts";

/** How long leaving may take, ms. */
const leaveMs = 5_000;

/**
 * The browser of a profile with a `cdpUrl`: it runs already, is not ours, and stays when we leave. Its one context is used
 * as it is, with the guard before everything that its pages request. Throws `service_unavailable` with what to do.
 */
export async function connectRemote(profile: string, cdpUrl: string, deps: StartDeps): Promise<Chrome> {
  const { config, guard, now } = deps;
  const { url, headers } = withoutCredentials(cdpUrl, profile);
  const endpoint = url.protocol.startsWith("ws")
    ? url.href
    : await endpointOf(url, headers, config.remoteCdpTimeoutMs).catch((cause: unknown) => {
        throw unreachable(
          profile,
          url,
          `did not tell its DevTools address within ${config.remoteCdpTimeoutMs} ms`,
          cause,
        );
      });
  const browser = await chromium
    .connectOverCDP(endpoint, { headers, timeout: config.remoteCdpHandshakeTimeoutMs, isLocal: false })
    .catch((cause: unknown) => {
      const what = `did not accept a connection within ${config.remoteCdpHandshakeTimeoutMs} ms`;
      throw unreachable(profile, url, what, cause);
    });
  const { promise: gone, resolve } = Promise.withResolvers<string>();
  let why = "The connection to the browser was lost.";
  browser.once("disconnected", () => resolve(why));
  const [context] = browser.contexts();
  try {
    if (!context) throw unreachable(profile, url, "has no context that could be used");
    await guard.watchOver(context);
  } catch (error) {
    await bounded(browser.close(), leaveMs).catch(() => undefined);
    throw error;
  }
  return {
    version: browser.version(),
    startedAt: now(),
    gone,
    over: gone.then(() => undefined),
    isShared: false,
    context: async () => context,
    remember: async () => undefined,
    memory: async () => null,
    async stop(because) {
      why = because;
      await bounded(browser.close(), leaveMs).catch(() => undefined);
      resolve(why);
    },
  };
}

/** User and password belong into a header: `fetch` takes no URL that has them, and errors tell URLs. */
function withoutCredentials(cdpUrl: string, profile: string): { url: URL; headers: Record<string, string> } {
  const url = URL.parse(cdpUrl);
  if (!url) {
    throw new GatewayError(
      "service_unavailable",
      `The cdpUrl of the browser profile "${profile}" is no URL.`,
      {
        param: `browser.profiles.${profile}.cdpUrl`,
      },
    );
  }
  const { username, password } = url;
  url.username = "";
  url.password = "";
  if (!username && !password) return { url, headers: {} };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url, headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` } };
}

/**
 * Where the browser's DevTools are: https://chromedevtools.github.io/devtools-protocol/#get-jsonversion. One that only knows
 * itself by a loopback address, though we reach it by another, is called by ours.
 */
async function endpointOf(url: URL, headers: Record<string, string>, withinMs: number): Promise<string> {
  const asked = new URL(url);
  asked.pathname = `${url.pathname.replace(/\/$/, "")}/json/version`;
  const response = await fetch(asked, { headers, signal: AbortSignal.timeout(withinMs) });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  const { webSocketDebuggerUrl } = (await response.json()) as { webSocketDebuggerUrl?: unknown }; // looked at next
  const endpoint = URL.parse(String(webSocketDebuggerUrl));
  if (!endpoint) throw new Error("it named no webSocketDebuggerUrl");
  if (isSelf(endpoint.hostname) && !isSelf(url.hostname)) {
    endpoint.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    endpoint.host = url.host;
  }
  return endpoint.href;
}

function isSelf(hostname: string): boolean {
  return /^(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])$/.test(hostname);
}

function unreachable(profile: string, { protocol, host }: URL, what: string, cause?: unknown): GatewayError {
  const message = `The browser of the profile "${profile}" at ${protocol}//${host} ${what}. Start it with --remote-debugging-port, or correct the profile's cdpUrl in openclaw.json.`;
  return new GatewayError("service_unavailable", message, {
    cause: cause === undefined ? undefined : nameOf(cause),
  });
}

/** Foreign errors tell the whole URL, in which there may be a token. */
function nameOf(cause: unknown): Error {
  const { name, code } = cause as { name?: unknown; code?: unknown };
  return new Error([name, code].filter((it) => it !== undefined).join(" "));
}
