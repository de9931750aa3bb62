import type { z } from "zod";
import { GatewayError } from "../lib/errors.ts";

/** Query keys that carry a credential or belong to the transport, never to a method. */
const credentialKeys: ReadonlySet<string> = new Set(["token", "password"]);

type Kind = "number" | "boolean" | "text";

export type FieldKinds = ReadonlyMap<string, Kind>;

/** What the fields of a method's parameters are, for reading them out of a query string. */
export function fieldKinds(params: z.ZodObject): FieldKinds {
  return new Map(Object.entries(params.shape).map(([name, schema]) => [name, kindOf(schema)]));
}

function kindOf(schema: z.core.$ZodType): Kind {
  const { def } = schema._zod;
  if (def.type === "number" || def.type === "boolean") return def.type;
  // Wrappers (optional, nullable, default …) keep what they wrap here.
  return "innerType" in def ? kindOf(def.innerType as z.core.$ZodType) : "text";
}

/** The parameters in a query string, read as what the method's schema wants; unknown ones are left for it to refuse. */
export function paramsFromQuery(query: URLSearchParams, kinds: FieldKinds): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const [name, text] of query) {
    if (credentialKeys.has(name)) continue;
    if (Object.hasOwn(params, name)) {
      throw new GatewayError("invalid_request", `${shown(name)} is given twice. Give it once.`, {
        param: shown(name),
      });
    }
    Object.defineProperty(params, name, { value: read(text, kinds.get(name)), enumerable: true });
  }
  return params;
}

function read(text: string, kind: Kind | undefined): unknown {
  if (kind === "number" && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kind === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

/** Refuses query parameters on a request whose parameters are in its body. */
export function refuseQuery(query: URLSearchParams): void {
  for (const name of query.keys()) {
    if (credentialKeys.has(name)) continue;
    throw new GatewayError(
      "invalid_request",
      `${shown(name)} is not a known query parameter. Put parameters into the body.`,
      { param: shown(name) },
    );
  }
}

/** The body as an object of parameters. */
export function objectBody(body: unknown): Record<string, unknown> {
  if (body !== null && typeof body === "object" && !Array.isArray(body)) {
    return body as Record<string, unknown>; // an object that came from JSON
  }
  throw new GatewayError("invalid_request", "The body must be a JSON object.");
}

/** The parameters of body or query with those of the path, which nothing may contradict. */
export function withPathParams(
  given: Record<string, unknown>,
  path: Readonly<Record<string, string>>,
): Record<string, unknown> {
  for (const name in path) {
    if (Object.hasOwn(given, name) && given[name] !== path[name]) {
      throw new GatewayError("invalid_request", `${name} differs from the one in the path. Leave it out.`, {
        param: name,
      });
    }
  }
  return { ...given, ...path };
}

/** A name that a client chose, safe to show. */
function shown(name: string): string {
  return name.replaceAll(/[^\w.-]/g, "?").slice(0, 64);
}
