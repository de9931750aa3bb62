import type * as Sdk from "@discordjs/rest";
import { failureOf } from "./failures.ts";

/** A call of Discord's REST API: a route below the version, e.g. `/channels/1/messages`. */
export interface Call {
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  files?: Sdk.RawFile[];
  /** Interactions are answered by a token in the route. */
  isUnsigned?: boolean;
  signal: AbortSignal;
}

export interface Api {
  /** Where it is, without version. */
  readonly root: string;
  /** The answer's body. Throws `DiscordFailure`, whose message has neither token nor body. */
  call(method: "get" | "post" | "put" | "patch", route: `/${string}`, call: Call): Promise<unknown>;
  /** Stops the library's timers; the next call starts them again. */
  close(): void;
}

/** How long one call may take, ms. */
const callMs = 15_000;

/**
 * Discord's REST API by discord.js's own client, which keeps the rate limits that the answers name. It neither waits
 * for one nor tries again: that is the supervisor's. Loaded at the first call.
 */
export function createApi({ root, token }: { root: string; token: string }): Api {
  let opened: Promise<{ rest: Sdk.REST; sdk: typeof Sdk }> | undefined;

  async function open(): Promise<{ rest: Sdk.REST; sdk: typeof Sdk }> {
    const sdk = await import("@discordjs/rest");
    const rest = new sdk.REST({
      api: root,
      version: "10",
      retries: 0,
      timeout: callMs,
      rejectOnRateLimit: () => true,
      makeRequest: ask,
    });
    return { rest, sdk };
  }

  return {
    root,
    async call(method, route, { query, body, files, isUnsigned, signal }) {
      signal.throwIfAborted();
      opened ??= open();
      const { rest, sdk } = await opened;
      rest.setToken(token); // the library forgets it at the first 401
      try {
        return await rest[method](route, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(callMs)]),
          ...(query && { query: new URLSearchParams(query) }),
          ...(body !== undefined && { body }),
          ...(files && { files }),
          ...(isUnsigned && { auth: false }),
        });
      } catch (thrown) {
        throw failureOf(thrown, sdk);
      }
    },
    close() {
      const last = opened;
      opened = undefined;
      void last?.then(({ rest }) => {
        rest.clearHashSweeper();
        rest.clearHandlerSweeper();
      });
    },
  };
}

type Ask = Sdk.RESTOptions["makeRequest"];

/** Node's own fetch. A redirect would carry the request elsewhere, so there is none. */
const ask: Ask = async (url, init) => {
  // The library's types are those of its own undici; what it hands over is what fetch takes, and the other way round.
  const answer = await fetch(url, { ...(init as unknown as RequestInit), redirect: "error" });
  return answer as unknown as Awaited<ReturnType<Ask>>;
};
