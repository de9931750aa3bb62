import type { WebConfig } from "openclaw-protocol";
import { version } from "../../config/version.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Outbound } from "../../lib/net.ts";
import type { Secret } from "../../lib/secrets.ts";
import type { WebPort } from "../../runtime/tools/ports.ts";
import type { Pages } from "./pages.ts";
import type { Search } from "./search.ts";

/** The web as agents have it: pages as text, and a search. */
export interface Web {
  readonly port: WebPort;
  /** Breaks off what is under way. */
  close(): void;
}

export interface WebDeps {
  config: WebConfig;
  /** The guard of addresses that come from outside; whoever made it closes it. */
  outbound(): Promise<Outbound>;
  /** The first of these environment variables that is set. */
  keyOf(variables: readonly string[]): Secret | undefined;
  clock: Clock;
  log: Log;
}

/** Its parts are loaded when they are first used. */
export function createWeb({ config, outbound, keyOf, clock, log }: WebDeps): Web {
  const userAgent = `OpenClaw/${version}`;
  const closing: (() => void)[] = [];
  let pages: Promise<Pages> | undefined;
  let search: Promise<Search> | undefined;

  async function openPages(): Promise<Pages> {
    const [{ createPages }, guard] = await Promise.all([import("./pages.ts"), outbound()]);
    return createPages({ outbound: guard, clock, userAgent });
  }

  async function openSearch(): Promise<Search> {
    const { createSearch } = await import("./search.ts");
    const opened = createSearch({ config: config.search, keyOf, userAgent });
    closing.push(opened.close);
    return opened;
  }

  /** What a tool throws goes to the model without its cause. */
  async function logged<T>(what: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (err) {
      log.debug({ err }, what);
      throw err;
    }
  }

  return {
    port: {
      async fetch(url, options) {
        pages ??= openPages();
        return logged("a page could not be fetched", (await pages).fetch(url, options));
      },
      async search(query, options) {
        search ??= openSearch();
        return logged("a search failed", (await search).search(query, options));
      },
    },
    close() {
      for (const close of closing) close();
    },
  };
}
