import { contract, type Method } from "openclaw-protocol";
import type { Dispatch } from "../api/dispatch.ts";
import type { RawRoute } from "../api/http-call.ts";
import { GatewayError } from "../lib/errors.ts";
import type { Exchange } from "./exchange.ts";
import { abortsOnDisconnect } from "./leaving.ts";
import {
  type FieldKinds,
  fieldKinds,
  objectBody,
  paramsFromQuery,
  refuseQuery,
  withPathParams,
} from "./params.ts";
import type { TransportLog } from "./ports.ts";
import type { Route } from "./router.ts";
import { streamEvents } from "./sse.ts";

interface Deps {
  dispatch: Dispatch;
  log: TransportLog;
}

/** The HTTP routes of the method table, with the answers that are more than JSON. */
export function methodRoutes(deps: Deps): Route[] {
  const routes: Route[] = [];
  for (const [name, method] of Object.entries<Method>(contract)) {
    routes.push({
      label: name,
      method: method.http.method,
      path: method.http.path,
      scopes: method.scopes,
      open: false,
      run: runner(name, method, deps),
    });
  }
  const { scopes } = contract["agent.run"];
  const path = "/v1/agent/run/stream";
  const run = (exchange: Exchange) => agentStream(exchange, deps);
  routes.push({ label: "agent.run.stream", method: "POST", path, scopes, open: false, run });
  return routes;
}

/** The routes that others wrote, in the router's terms. */
export function rawRoutes(routes: readonly RawRoute[]): Route[] {
  return routes.map((raw) => ({
    label: `${raw.method} ${raw.path}`,
    method: raw.method,
    path: raw.path,
    scopes: raw.scopes,
    open: raw.open ?? false,
    ...(raw.anyHost && { anyHost: true }),
    ...(raw.requestIdHeader !== undefined && { requestIdHeader: raw.requestIdHeader }),
    ...(raw.errorBody && { errorBody: raw.errorBody.bind(raw) }),
    run: (exchange) => raw.handle(exchange),
  }));
}

function runner(name: string, method: Method, deps: Deps): (exchange: Exchange) => Promise<void> {
  const kinds = fieldKinds(method.params);
  switch (name) {
    case "agent.run":
      return (exchange) => agentRun(exchange, deps);
    case "chat.subscribe":
      return (exchange) => runEvents(exchange, kinds, deps);
    case "browser.watch":
      return (exchange) => frames(exchange, kinds, deps);
    case "browser.screenshot":
      return (exchange) => screenshot(exchange, deps);
    case "browser.pdf":
      return (exchange) => rawByAccept(exchange, name, /\bapplication\/pdf\b/i, deps);
  }
  const status = method.http.status ?? 200;
  const inQuery = method.http.method === "GET" || method.http.method === "DELETE";
  return async (exchange) => {
    const given = inQuery ? paramsFromQuery(exchange.query, kinds) : await bodyParams(exchange);
    const params = withPathParams(given, exchange.params);
    exchange.sendJson(status, await deps.dispatch(name, params, exchange.call));
  };
}

async function bodyParams(exchange: Exchange): Promise<Record<string, unknown>> {
  if (exchange.hasQuery) refuseQuery(exchange.query);
  return objectBody(await exchange.json());
}

async function agentRun(exchange: Exchange, deps: Deps): Promise<void> {
  const params = await bodyParams(exchange);
  if (params.stream === true) return streamAgent(exchange, params, deps);
  exchange.sendJson(200, await deps.dispatch("agent.run", params, exchange.call));
}

async function agentStream(exchange: Exchange, deps: Deps): Promise<void> {
  const params = await bodyParams(exchange);
  if (params.stream === false) {
    throw new GatewayError(
      "invalid_request",
      "stream is false, but this path always streams. Use /v1/agent/run for one answer.",
      { param: "stream" },
    );
  }
  return streamAgent(exchange, params, deps);
}

function streamAgent(exchange: Exchange, params: Record<string, unknown>, deps: Deps): Promise<void> {
  return streamEvents(
    exchange,
    { method: "chat.run", params, abortOnLeave: abortsOnDisconnect(params) },
    deps,
  );
}

async function runEvents(exchange: Exchange, kinds: FieldKinds, deps: Deps): Promise<void> {
  const { query } = exchange;
  // An EventSource can only reconnect by this header; the query is for the first time.
  const lastSeen = exchange.headers["last-event-id"] ?? query.get("lastEventId");
  query.delete("lastEventId");
  const params = withPathParams(paramsFromQuery(query, kinds), exchange.params);
  if (typeof lastSeen === "string" && lastSeen !== "") params.afterSeq = seqOf(lastSeen);
  return streamEvents(exchange, { method: "chat.subscribe", params, abortOnLeave: false }, deps);
}

function seqOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new GatewayError(
    "invalid_request",
    "Last-Event-ID must be the id of an event of this run, a number.",
    {
      param: "afterSeq",
    },
  );
}

function frames(exchange: Exchange, kinds: FieldKinds, deps: Deps): Promise<void> {
  const params = withPathParams(paramsFromQuery(exchange.query, kinds), exchange.params);
  return streamEvents(exchange, { method: "browser.watch", params, abortOnLeave: false }, deps);
}

/** A client that asks for a picture of one type gets that type. */
async function screenshot(exchange: Exchange, deps: Deps): Promise<void> {
  const accepted = /^\s*image\/(png|jpeg|webp)\s*$/i.exec(exchange.headers.accept ?? "")?.[1];
  const wish = accepted === undefined ? {} : { format: accepted.toLowerCase() };
  return rawByAccept(exchange, "browser.screenshot", /\bimage\//i, deps, wish);
}

/** The method's result; its bytes alone where the client accepts their type. */
async function rawByAccept(
  exchange: Exchange,
  method: string,
  type: RegExp,
  deps: Deps,
  usual: Record<string, unknown> = {},
): Promise<void> {
  const params = { ...usual, ...(await bodyParams(exchange)) };
  const result = await deps.dispatch(method, params, exchange.call);
  if (!type.test(exchange.headers.accept ?? "")) {
    exchange.sendJson(200, result);
    return;
  }
  const { data, mimeType } = result as { data: string; mimeType: string }; // the method's result in the table
  exchange.sendBytes(200, Buffer.from(data, "base64"), { "Content-Type": mimeType });
}
