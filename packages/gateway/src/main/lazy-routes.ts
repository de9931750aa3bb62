import type { RawRoute, RawSocketRoute } from "../api/http-call.ts";

/** What must be known of a route before anybody has come to it. */
export type RouteFacts = Pick<RawRoute, "method" | "path" | "scopes" | "errorBody" | "requestIdHeader">;

/** Work that is done once, when it is first asked for; tried again where it failed. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= work();
    done.catch(() => {
      done = undefined;
    });
    return done;
  };
}

/** A route whose code is loaded with the first request to it. */
export function lazyRoute(facts: RouteFacts, load: () => Promise<readonly RawRoute[]>): RawRoute {
  const find = async () => (await load()).find((it) => it.method === facts.method && it.path === facts.path);
  let route: RawRoute | undefined;
  return {
    ...facts,
    async handle(http) {
      route ??= await find();
      if (!route) throw new Error(`no code for ${facts.method} ${facts.path}`); // the table's own mistake
      await route.handle(http);
    },
  };
}

/** A WebSocket path whose code is loaded with the first socket. What comes before that waits, in order. */
export function lazySocketRoute(
  facts: Pick<RawSocketRoute, "path" | "scopes">,
  load: () => Promise<RawSocketRoute>,
): RawSocketRoute {
  return {
    ...facts,
    open(socket) {
      const opened = load().then((route) => route.open(socket));
      opened.catch(() => {}); // told to whoever sends
      let take: ((text: string) => void) | undefined;
      return (text) => {
        if (take) return void take(text);
        void opened.then((it) => {
          take = it;
          it(text);
        });
      };
    },
  };
}
