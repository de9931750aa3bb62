import { GatewayError } from "../../lib/errors.ts";
import type { RunScope } from "../run-scope.ts";
import type { CallOptions, Engine, Placed, TabView } from "./engine/base/types.ts";

/** What guests' runs have, and nothing else: it keeps nothing, and knows nothing of the owner. */
const guests = "incognito";
/** Most sessions whose profile is remembered. */
const sessionsAtMost = 1_000;

/** Where in the browser a run may be. */
export interface RunPlace {
  /** The tab that is named, or the active one of the profile in use. */
  here(tabId?: string): Placed;
  /** The profile for a new page: the one that is wished, else the one in use. Throws `forbidden` or `not_found`. */
  choose(engine: Engine, wished: string | undefined): Promise<string>;
  /** That profile is in use from now on. */
  went(profile: string): void;
  /** The tabs that the run may see. */
  own(engine: Engine, options: CallOptions): Promise<TabView[]>;
  /** Throws `not_found` where the tab that somebody has named is one that only the owner's runs may see. */
  demandOwn(engine: Engine, tabId: string, options: CallOptions): Promise<void>;
}

export function createPlaces({ defaultProfile }: { defaultProfile: string }): {
  of(scope: Pick<RunScope, "sessionId" | "sessionKey" | "trust">): RunPlace;
} {
  /** The profile that the owner's runs of a session have used last. */
  const lastUsed = new Map<string, string>();

  return {
    of({ sessionId, sessionKey, trust }) {
      const owner = `session:${sessionId}`;
      const isGuest = trust === "guest";
      const inUse = () => (isGuest ? guests : (lastUsed.get(owner) ?? defaultProfile));

      function went(profile: string): void {
        if (isGuest) return;
        lastUsed.delete(owner); // the newest stand last
        lastUsed.set(owner, profile);
        const oldest = lastUsed.size > sessionsAtMost ? lastUsed.keys().next().value : undefined;
        if (oldest !== undefined) lastUsed.delete(oldest);
      }

      async function own(engine: Engine, options: CallOptions): Promise<TabView[]> {
        const tabs = await engine.tabs({ profile: isGuest ? guests : undefined }, options);
        return tabs.filter((it) => it.sessionKey === sessionKey && (!isGuest || it.profile === guests));
      }

      return {
        here: (tabId) => ({
          owner,
          sessionKey,
          ...(tabId === undefined ? { profile: inUse() } : { tabId, ...(isGuest && { profile: guests }) }),
        }),
        async choose(engine, wished = inUse()) {
          if (isGuest && wished !== guests) {
            throw new GatewayError(
              "forbidden",
              `This run is not the owner's: it has the profile ${guests} only. Leave profile out.`,
              { param: "profile" },
            );
          }
          if (wished !== guests && wished !== defaultProfile) await demandProfile(engine, wished);
          went(wished);
          return wished;
        },
        went,
        own,
        async demandOwn(engine, tabId, options) {
          if (!isGuest) return; // the engine knows whose it is
          const tabs = await own(engine, options);
          if (tabs.some((it) => it.id === tabId)) return;
          throw new GatewayError(
            "not_found",
            `There is no tab ${JSON.stringify(tabId)}. See browser_tabs list.`,
            {
              param: "tabId",
            },
          );
        },
      };
    },
  };
}

async function demandProfile(engine: Engine, wished: string): Promise<void> {
  const names = (await engine.profiles()).map((it) => it.name);
  if (names.includes(wished)) return;
  throw new GatewayError(
    "not_found",
    `There is no profile ${JSON.stringify(wished)}. There are: ${names.join(", ")}.`,
    { param: "profile" },
  );
}
