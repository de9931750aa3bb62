import { contract, type MethodName } from "openclaw-protocol";
import type { Answer, Json, TestGateway } from "./gateway.ts";

/** The method's HTTP request as the table describes it. */
export function overHttp(
  gateway: TestGateway,
  name: MethodName,
  params: Json,
  headers?: Record<string, string>,
): Promise<Answer> {
  const { http } = contract[name];
  const rest = { ...params };
  let path = http.path.replace(/\{(\w+)(?:\.\.\.)?\}/g, (_, field: string) => {
    const value = String(rest[field] ?? "x");
    delete rest[field];
    return encodeURIComponent(value);
  });
  const inQuery = http.method === "GET" || http.method === "DELETE";
  if (inQuery && Object.keys(rest).length > 0) path += `?${new URLSearchParams(rest)}`;
  return gateway.api(http.method, path, inQuery ? undefined : rest, headers);
}
