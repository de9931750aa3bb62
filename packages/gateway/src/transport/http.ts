import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError, toGatewayError } from "../lib/errors.ts";
import { requireScope } from "../services/access.ts";
import { Exchange, type ExchangePorts } from "./exchange.ts";
import type { Gate } from "./gate.ts";
import { preflightHeaders } from "./headers.ts";
import type { OriginCheck } from "./origin.ts";
import type { TransportDeps } from "./ports.ts";
import type { Router } from "./router.ts";

export interface HttpParts extends ExchangePorts {
  readonly router: Router;
  readonly gate: Gate;
  readonly checkOrigin: OriginCheck;
  isDraining(): boolean;
}

type Deps = Pick<TransportDeps, "ids" | "log" | "metrics">;

/** What is known of a request when its answer has closed. */
interface Progress {
  label: string;
  release: (() => void) | undefined;
}

const longestIdempotencyKey = 256;

/**
 * Answers HTTP requests. Every check comes before the body is read, in this order: Host, Origin, lock-out,
 * credential, rate, concurrency, scope.
 */
export function createHttpListener(parts: HttpParts, deps: Deps) {
  const { limiter, router } = parts;

  return (request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void => {
    const startedAt = performance.now();
    const { path, queryText } = splitTarget(request.url ?? "/");
    const exchange = new Exchange(request, response, { requestId: deps.ids("req"), queryText }, parts);
    exchange.awaitsContinue = awaitsContinue;
    const progress: Progress = { label: "unmatched", release: undefined };
    response.once("close", () => {
      progress.release?.();
      exchange.closed();
      deps.metrics.requestDone(progress.label, response.statusCode, performance.now() - startedAt);
    });
    serve(exchange, path, progress).catch((thrown: unknown) => fail(exchange, progress.label, thrown));
  };

  async function serve(exchange: Exchange, path: string, progress: Progress): Promise<void> {
    const { request } = exchange;
    const match = router.find(request.method ?? "", path);
    if (match?.route.anyHost !== true) exchange.origin = parts.checkOrigin(request);
    if (isPreflight(exchange)) {
      exchange.sendEmpty(204, preflightHeaders(request.headers["access-control-request-headers"]));
      return;
    }
    if (match !== undefined) {
      progress.label = match.route.label;
      exchange.params = match.params;
      exchange.errorBody = match.route.errorBody;
      exchange.requestIdHeader = match.route.requestIdHeader;
      if (match.route.open) return match.route.run(exchange);
    }
    if (parts.isDraining()) throw draining();

    const found = parts.gate.identify(request, exchange.hasQuery ? exchange.query : undefined);
    const caller = found instanceof Promise ? await found : found;
    const tally = limiter.tally(caller);
    exchange.admit(caller, tally);
    limiter.countRequest(tally);
    limiter.acquire(tally);
    if (exchange.response.destroyed) limiter.release(tally);
    else progress.release = () => limiter.release(tally);

    if (match === undefined) return refusePath(exchange, path);
    requireScope(caller, match.route.scopes, match.route.label);
    checkIdempotencyKey(exchange);
    return match.route.run(exchange);
  }

  function refusePath(exchange: Exchange, path: string): void {
    const verbs = router.verbs(path);
    const text =
      verbs.length === 0
        ? "There is nothing at this path. See /docs for what there is."
        : `This path answers ${verbs.join(", ")} only. See /docs for what there is.`;
    exchange.sendError(
      new GatewayError("not_found", text),
      verbs.length === 0 ? {} : { Allow: verbs.join(", ") },
    );
  }

  function fail(exchange: Exchange, label: string, thrown: unknown): void {
    const error = toGatewayError(thrown);
    const { requestId } = exchange;
    if (error.status >= 500)
      deps.log.error({ requestId, route: label, err: error.cause ?? error }, error.message);
    else deps.log.debug({ requestId, route: label, code: error.code }, "request refused");
    exchange.sendError(error);
  }
}

/** Path and query of a request target; one that names a scheme and host loses them. */
export function splitTarget(target: string): { path: string; queryText: string } {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const queryText = mark < 0 ? "" : target.slice(mark + 1);
  if (path.startsWith("/")) return { path, queryText };
  return { path: path.replace(/^[a-z]+:\/\/[^/]*/i, "") || "/", queryText };
}

export function draining(): GatewayError {
  return new GatewayError("service_unavailable", "The gateway is shutting down. Try again in a moment.", {
    retryAfterMs: 5000,
  });
}

function isPreflight(exchange: Exchange): boolean {
  return (
    exchange.origin !== undefined &&
    exchange.request.method === "OPTIONS" &&
    exchange.headers["access-control-request-method"] !== undefined
  );
}

function checkIdempotencyKey(exchange: Exchange): void {
  const length = exchange.idempotencyKey?.length ?? 0;
  if (length <= longestIdempotencyKey) return;
  throw new GatewayError(
    "invalid_request",
    `Idempotency-Key must be at most ${longestIdempotencyKey} characters.`,
    { param: "idempotencyKey" },
  );
}
