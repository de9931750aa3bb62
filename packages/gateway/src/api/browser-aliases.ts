import { contract, type MethodName, type ParsedParamsOf } from "openclaw-protocol";
import { GatewayError } from "../lib/errors.ts";

type BrowserMethod = Exclude<Extract<MethodName, `browser.${string}`>, "browser.request">;
type Request = ParsedParamsOf<"browser.request">;

/** Paths of the older control service that are no paths of ours. */
const older: readonly (readonly [method: string, path: string, name: BrowserMethod])[] = [
  ["GET", "/", "browser.status"],
  ["POST", "/tabs/open", "browser.open"],
  ["POST", "/tabs/focus", "browser.activate"],
  ["GET", "/snapshot", "browser.snapshot"],
  ["GET", "/requests", "browser.network"],
  ["POST", "/profiles/create", "browser.profile.create"],
  ["POST", "/reset-profile", "browser.profile.reset"],
];

/** Names of the older service's fields. */
const olderFields: Readonly<Record<string, string>> = {
  targetId: "tabId",
  element: "selector",
  type: "format",
  name: "profile",
};

/** Fields that are an action's, for `/act` with everything at one level. */
const placeFields = new Set(["tabId", "profile", "timeoutMs", "action"]);

/** Our method behind a request of the older control service. Throws `not_found` with `param: "path"`. */
export function aliasOf({ method, path, query, body, profile, timeoutMs }: Request): {
  name: BrowserMethod;
  params: Record<string, unknown>;
} {
  const bare = path.replace(/^\/v1\/browser(?=\/|$)/, "").replace(/\/+$/, "") || "/";
  const found = olderOf(method, bare) ?? ownOf(method, bare);
  if (!found) {
    throw new GatewayError(
      "not_found",
      `There is no ${method} ${path.slice(0, 100)}. See /docs for the methods of the browser.`,
      { param: "path" },
    );
  }
  const { name, inPath } = found;
  const known = new Set(Object.keys(contract[name].params.shape));
  const given = renamed({ ...numbers(query), ...body, ...inPath }, known);
  if (profile !== undefined && known.has("profile")) given.profile ??= profile;
  if (timeoutMs !== undefined && known.has("timeoutMs")) given.timeoutMs ??= timeoutMs;
  return { name, params: name === "browser.act" ? asAction(given) : given };
}

function olderOf(method: string, path: string) {
  const row = older.find(([itsMethod, itsPath]) => itsMethod === method && itsPath === path);
  return row && { name: row[2], inPath: {} };
}

/** By the route of the method itself. */
function ownOf(method: string, path: string) {
  const asked = path.split("/");
  for (const [name, { http }] of Object.entries(contract)) {
    if (!name.startsWith("browser.") || name === "browser.request" || http.method !== method) continue;
    const parts = http.path.slice("/v1/browser".length).split("/");
    if (parts.length !== asked.length) continue;
    const inPath: Record<string, string> = {};
    const fits = parts.every((part, index) => {
      const variable = /^\{(\w+)\}$/.exec(part)?.[1];
      if (variable === undefined) return part === asked[index];
      inPath[variable] = decoded(asked[index]!); // as long as the parts
      return inPath[variable] !== "";
    });
    if (fits) return { name: name as BrowserMethod, inPath }; // it begins so
  }
  return undefined;
}

function renamed(fields: Record<string, unknown>, known: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => {
      const ours = Object.hasOwn(olderFields, field) ? olderFields[field]! : field;
      return known.has(ours) && !known.has(field) ? [ours, value] : [field, value];
    }),
  );
}

function asAction(fields: Record<string, unknown>): Record<string, unknown> {
  if ("action" in fields) return fields;
  const entries = Object.entries(fields);
  return {
    ...Object.fromEntries(entries.filter(([field]) => placeFields.has(field))),
    action: Object.fromEntries(entries.filter(([field]) => !placeFields.has(field))),
  };
}

/** Values of a query come as texts; those that are numbers or truths are told apart by their looks. */
function numbers(query: Request["query"] = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([field, value]) => {
      if (value === "true" || value === "false") return [field, value === "true"];
      return [field, typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value];
    }),
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
