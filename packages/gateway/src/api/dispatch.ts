import { contract, type MethodName, resolveMethod } from "openclaw-protocol";
import type { z } from "zod";
import { GatewayError } from "../lib/errors.ts";
import { dotted, valueAt } from "../lib/key-paths.ts";
import { type Caller, requireScope } from "../services/access.ts";
import type { Watched } from "../services/subscription.ts";

/** A connection on which events can follow the answer: a WebSocket, or an HTTP answer turned into a stream. */
export interface Connection {
  /** Sends the events once the answer of this call is out. Watching the same key again replaces. */
  watch(key: string, watched: Watched): void;
  /** Whether there was such a watch. */
  unwatch(key: string): boolean;
}

/** Everything about a call that is not its parameters. */
export interface Call {
  readonly caller: Caller;
  readonly requestId: string;
  /** Aborted when the caller went away. */
  readonly signal: AbortSignal;
  readonly connection?: Connection | undefined;
  /** The HTTP `Idempotency-Key` header; WebSocket callers use the parameter. */
  readonly idempotencyKey?: string | undefined;
}

export type Handler<N extends MethodName = MethodName> = (
  params: z.output<(typeof contract)[N]["params"]>,
  call: Call,
) => Promise<z.input<(typeof contract)[N]["result"]>>;

/** One handler per method of the table. */
export type Handlers = { [N in MethodName]: Handler<N> };

/** Calls a method by any of its names: parse, authorise, handle. Failures are `GatewayError`s. */
export type Dispatch = (method: string, params: unknown, call: Call) => Promise<unknown>;

/** Most values in the parameters of a call, nested ones included, and how deep they may lie. */
const valuesAtMost = 50_000;
const deepestAtMost = 500;

/** The one way in, for HTTP, WebSocket and tests alike. */
export function createDispatch(handlers: Handlers): Dispatch {
  return async (method, params, call) => {
    const name = resolveMethod(method);
    if (name === undefined) {
      throw new GatewayError("not_found", `There is no method "${method}". See /docs for the list.`, {
        param: "method",
      });
    }
    requireScope(call.caller, contract[name].scopes, name);
    const parsed = parseParams(contract[name].params, params ?? {});
    const handler = handlers[name] as Handler; // the table pairs each name with its own handler
    return handler(parsed as never, call);
  };
}

/** Validates, and names the first offending field in the error. */
export function parseParams<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  requireFew(input);
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = deepest(parsed.error.issues[0]!);
  const param = dotted(issue.path);
  if (issue.code === "unrecognized_keys") {
    const unknown = dotted([...issue.path, issue.keys[0] ?? ""]);
    throw new GatewayError(
      "invalid_request",
      `${unknown} is not a known field. Remove it or check its spelling.`,
      {
        param: unknown,
      },
    );
  }
  const missing = issue.code === "invalid_type" && valueAt(input, issue.path) === undefined;
  const what = missing ? "is required" : lowerFirst(issue.message);
  throw new GatewayError(
    "invalid_request",
    `${param || "The request"} ${missing ? what : `is invalid: ${what}`}.`,
    {
      ...(param && { param }),
    },
  );
}

/** Refuses a body that is nested without end, and one of countless small values: zod keeps an issue for each bad one, which would fill the memory. */
function requireFew(input: unknown): void {
  let left = valuesAtMost;
  let level: unknown[] = [input];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepestAtMost) {
      throw new GatewayError(
        "invalid_request",
        `The request is nested more than ${deepestAtMost} levels deep.`,
      );
    }
    const below: unknown[] = [];
    for (const value of level) {
      if (value === null || typeof value !== "object") continue;
      const inner: unknown[] = Array.isArray(value) ? value : Object.values(value);
      left -= inner.length;
      if (left < 0) {
        const text = `The request holds more than ${valuesAtMost} values. Send fewer at once.`;
        throw new GatewayError("invalid_request", text);
      }
      for (const one of inner) if (one !== null && typeof one === "object") below.push(one);
    }
    level = below;
  }
}

type Issue = z.core.$ZodIssue;

/** In a union, the issue of the branch that got furthest says more than "invalid input". */
function deepest(issue: Issue): Issue {
  if (issue.code !== "invalid_union") return issue;
  let best: Issue | undefined;
  for (const branch of issue.errors) {
    const first = branch[0];
    if (first && (best === undefined || first.path.length > best.path.length)) best = first;
  }
  return best && best.path.length > 0 ? deepest({ ...best, path: [...issue.path, ...best.path] }) : issue;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
