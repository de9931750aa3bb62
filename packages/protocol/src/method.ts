import { z } from "zod";

/** What a credential may do. No scope contains another, except that `admin` contains all. */
export const scopes = ["read", "chat", "operate", "approve", "admin"] as const;
export const scope = z.enum(scopes).meta({ id: "Scope" });
export type Scope = z.infer<typeof scope>;

/** How a method is reached over HTTP. `{name}` segments are parameters; `{name...}` takes the rest of the path. */
export interface HttpRoute {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** Status of a successful answer; 200 unless told. */
  readonly status?: number;
}

/** One callable method of the gateway: the same definition serves HTTP, WebSocket, the documents and the SDK. */
export interface Method<P extends z.ZodObject = z.ZodObject, R extends z.ZodType = z.ZodType> {
  readonly summary: string;
  /** Any one of these is enough; an empty list means that any credential will do. */
  readonly scopes: readonly Scope[];
  readonly http: HttpRoute;
  /** Other names for the same method over WebSocket. */
  readonly aliases?: readonly string[];
  readonly params: P;
  readonly result: R;
}

/** Declares a method; exists so that `params` and `result` keep their precise types. */
export function define<P extends z.ZodObject, R extends z.ZodType>(method: Method<P, R>): Method<P, R> {
  return method;
}

/** Parameters of methods that take none. */
export const noParams = z.strictObject({});

/** ISO 8601 in UTC with milliseconds, e.g. `2026-11-22T10:00:00.000Z`. */
export const timestamp = z.string().meta({ format: "date-time" });

/** Page size of the lists: 1–500, 100 unless told. */
export const pageLimit = z.int().min(1).max(500).optional().describe("Page size, 100 unless told");
