import { z } from "zod";

/**
 * Every error code that the gateway can answer with, and its HTTP status.
 * The table is closed: clients may switch over it, and `docs/errors.md` is tested against it.
 */
export const errorTable = {
  invalid_request: { status: 400, description: "Invalid request parameters" },
  unauthorized: { status: 401, description: "Authentication failed" },
  budget_exceeded: { status: 402, description: "A spending budget is used up" },
  forbidden: { status: 403, description: "Insufficient permissions" },
  not_found: { status: 404, description: "Resource not found" },
  conflict: { status: 409, description: "The request contradicts what is already there" },
  payload_too_large: { status: 413, description: "The request body is over the limit" },
  rate_limited: { status: 429, description: "Too many requests" },
  aborted: { status: 499, description: "The run was aborted before it finished" },
  internal_error: { status: 500, description: "Internal server error" },
  upstream_error: { status: 502, description: "The model provider failed" },
  service_unavailable: { status: 503, description: "Service unavailable" },
  timeout: { status: 504, description: "The time limit passed" },
} as const satisfies Record<string, { status: number; description: string }>;

/** One of the closed set of error codes. */
export type ErrorCode = keyof typeof errorTable;

/** All codes, in the order of their HTTP status. */
export const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]; // keys of a literal object

/** `client_error` for 4xx codes, `server_error` for 5xx codes. */
export function errorType(code: ErrorCode): "client_error" | "server_error" {
  return errorTable[code].status < 500 ? "client_error" : "server_error";
}

/** The error as it stands under `error` in HTTP bodies, SSE `error` events and WebSocket replies. */
export const errorDetail = z
  .object({
    code: z.enum(errorCodes),
    message: z.string().describe("What was wrong and what to do about it"),
    type: z.enum(["client_error", "server_error"]),
    param: z.string().optional().describe("Dotted path of the offending field, e.g. options.thinking"),
    requestId: z.string().optional().describe("Finds the request in the gateway's log"),
    retryAfterMs: z.number().optional().describe("When to try again, in milliseconds"),
    runId: z.string().optional().describe("The run that the request was about"),
  })
  .meta({ id: "ErrorDetail" });
export type ErrorDetail = z.infer<typeof errorDetail>;

/** The body of every failed request. */
export const errorBody = z.object({ error: errorDetail }).meta({ id: "Error" });
export type ErrorBody = z.infer<typeof errorBody>;
