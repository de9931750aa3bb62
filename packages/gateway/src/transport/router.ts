import findMyWay from "find-my-way";
import type { ErrorDetail, HttpRoute, Scope } from "openclaw-protocol";
import { GatewayError } from "../lib/errors.ts";
import type { Exchange } from "./exchange.ts";

/** One verb of one path and what answers it. */
export interface Route {
  /** Names the route in metrics and logs. */
  readonly label: string;
  readonly method: HttpRoute["method"];
  /** `{name}` is a segment, `{name...}` the rest of the path. */
  readonly path: string;
  readonly scopes: readonly Scope[];
  readonly open: boolean;
  /** Whether Host and Origin do not matter. */
  readonly anyHost?: boolean;
  readonly requestIdHeader?: string;
  errorBody?(detail: ErrorDetail, status: number): unknown;
  run(exchange: Exchange): Promise<void> | void;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

export interface Router {
  /** The route of a path (without its query); undefined when there is none. Throws where the path is malformed. */
  find(method: string, path: string): Match | undefined;
  /** The verbs that the path has. */
  verbs(path: string): string[];
}

// The longest session key, 256 characters, is at most 3 KB when each of its bytes is percent-encoded.
const mostParamLength = 4096;

const verbs = ["GET", "POST", "PATCH", "DELETE"] as const;

export function createRouter(routes: readonly Route[]): Router {
  const tree = findMyWay({
    ignoreTrailingSlash: true,
    ignoreDuplicateSlashes: true,
    maxParamLength: mostParamLength,
    onBadUrl: () => undefined,
  });
  for (const route of routes) {
    const rest = /\{(\w+)\.\.\.\}$/.exec(route.path)?.[1];
    const pattern = route.path.replace(/\{\w+\.\.\.\}$/, "*").replaceAll(/\{(\w+)\}/g, ":$1");
    tree.on(route.method, pattern, () => undefined, { route, rest });
  }

  function find(method: string, path: string): Match | undefined {
    const verb = method === "HEAD" ? "GET" : verbs.find((it) => it === method);
    const found = verb && tree.find(verb, path);
    if (!found) return undefined;
    if (found.store === null) throw malformed();
    const { route, rest }: { route: Route; rest: string | undefined } = found.store; // what `on` was given above
    // The router types params as possibly undefined for optional segments, of which the table has none.
    const params = found.params as Record<string, string>;
    return { route, params: rest === undefined ? params : renamed(params, rest) };
  }

  return {
    find,
    verbs: (path) => verbs.filter((verb) => tree.find(verb, path) !== null),
  };
}

function renamed(params: Record<string, string>, rest: string): Record<string, string> {
  const { "*": value = "", ...others } = params;
  return { ...others, [rest]: value };
}

function malformed(): GatewayError {
  return new GatewayError("invalid_request", "The path is not valid percent-encoding. Encode it as UTF-8.");
}
