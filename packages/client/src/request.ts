import type { Methods } from "./contract.gen.ts";
import type { HttpRequest } from "./http.ts";
import { routes } from "./routes.gen.ts";
import { randomKey } from "./waiting.ts";

/** What can be called over HTTP; following runs is `agent.stream`, `runs.events` and `chat`, following a tab is `chat`. */
export type HttpMethod = Exclude<
  keyof Methods,
  "chat.subscribe" | "chat.unsubscribe" | "browser.watch" | "browser.unwatch"
>;

/** The HTTP request of a method: path parameters in the path, the others in the query or the body. */
export function requestOf(method: HttpMethod, params: object, key: string | undefined): HttpRequest {
  const [verb = "", template = ""] = routes[method].split(" ");
  const rest: Record<string, unknown> = { ...params };
  let path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest[name]);
    // A URL would swallow these as steps of the path.
    if (value === "." || value === "..")
      throw new RangeError(`${name} "${value}" works over client.chat.call only.`);
    delete rest[name];
    return encodeURIComponent(value);
  });
  if (verb === "GET" || verb === "DELETE") {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(rest)) if (value !== undefined) query.set(name, String(value));
    if (`${query}`) path += `?${query}`;
    return { verb, path, repeatable: true };
  }
  const runs = method === "agent.run" || method === "chat.run";
  // How the answer comes is decided by what was called.
  if (runs) delete rest.stream;
  const idempotencyKey =
    key ?? (rest.idempotencyKey as string | undefined) ?? (runs ? randomKey() : undefined); // typed in Methods
  return {
    verb,
    path,
    body: rest,
    headers: idempotencyKey === undefined ? undefined : { "idempotency-key": idempotencyKey },
    repeatable: idempotencyKey !== undefined,
  };
}
