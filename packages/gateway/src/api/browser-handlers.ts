import { contract, type MethodName } from "openclaw-protocol";
import { GatewayError } from "../lib/errors.ts";
import { requireScope } from "../services/access.ts";
import type { Browser } from "../services/browser/browser.ts";
import { aliasOf } from "./browser-aliases.ts";
import { type Call, type Handlers, parseParams } from "./dispatch.ts";

type BrowserHandlers = Pick<Handlers, Extract<MethodName, `browser.${string}`>>;

/** What each method of the browser's domain does. */
export function browserHandlers(browser: Browser): BrowserHandlers {
  const handlers: BrowserHandlers = {
    "browser.status": () => browser.status(),
    "browser.start": (params, call) => browser.start(params, call),
    "browser.stop": (params, call) => browser.stop(params, call),
    "browser.navigate": (params, call) => browser.navigate(params, call),
    "browser.back": (params, call) => browser.back(params, call),
    "browser.forward": (params, call) => browser.forward(params, call),
    "browser.reload": (params, call) => browser.reload(params, call),
    "browser.screenshot": (params, call) => browser.screenshot(params, call),
    "browser.pdf": (params, call) => browser.pdf(params, call),
    "browser.snapshot": (params, call) => browser.snapshot(params, call),
    "browser.act": (params, call) => browser.act(params, call),
    "browser.evaluate": (params, call) => browser.evaluate(params, call),
    "browser.upload": (params, call) => browser.upload(params, call),
    "browser.tabs": (params, call) => browser.tabs(params, call),
    "browser.open": (params, call) => browser.open(params, call),
    "browser.activate": (params, call) => browser.activate(params, call),
    "browser.close": (params, call) => browser.closeTab(params, call),
    "browser.console": (params, call) => browser.console(params, call),
    "browser.network": (params, call) => browser.network(params, call),
    "browser.watch": async (params, call) => {
      const watched = await browser.watch(params, call);
      if (call.connection) call.connection.watch(watchKey(params.tabId), watched);
      else watched.close();
      return { tabId: params.tabId };
    },
    "browser.unwatch": async ({ tabId }, { connection }) => ({
      unwatched: connection?.unwatch(watchKey(tabId)) ?? false,
    }),
    "browser.profiles": () => browser.profiles(),
    "browser.profile.create": (params, call) => browser["profile.create"](params, call),
    "browser.profile.reset": (params, call) => browser["profile.reset"](params, call),
    "browser.profile.delete": (params, call) => browser["profile.delete"](params, call),
    "browser.request": async (request, call) => {
      const { name, params } = aliasOf(request);
      return own(name, params, call);
    },
  };

  /** One of the other methods, by what an older client asked for. */
  async function own(
    name: Exclude<keyof BrowserHandlers, "browser.request">,
    params: Record<string, unknown>,
    call: Call,
  ): Promise<Record<string, unknown>> {
    if (name === "browser.watch" || name === "browser.unwatch") {
      throw new GatewayError("invalid_request", `Call ${name} by itself.`, { param: "path" });
    }
    requireScope(call.caller, contract[name].scopes, name);
    const parsed = parseParams(contract[name].params, params);
    const handler = handlers[name] as (params: unknown, call: Call) => Promise<Record<string, unknown>>; // of that name
    return handler(parsed, call);
  }

  return handlers;
}

const watchKey = (tabId: string) => `tab:${tabId}`;
