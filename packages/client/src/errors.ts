import type { ErrorCode, ErrorDetail } from "./contract.gen.ts";

/** HTTP status of each code, for errors that come without one: in events and over the WebSocket. */
const statuses: Record<ErrorCode, number> = {
  invalid_request: 400,
  unauthorized: 401,
  budget_exceeded: 402,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  payload_too_large: 413,
  rate_limited: 429,
  aborted: 499,
  internal_error: 500,
  upstream_error: 502,
  service_unavailable: 503,
  timeout: 504,
};

/** The gateway answered, and the answer is no. `code` says which; `isCode` narrows to one. */
export class OpenClawError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  /** HTTP status of the code. */
  readonly status: number;
  readonly type: "client_error" | "server_error";
  /** Dotted path of the offending field. */
  readonly param: string | undefined;
  /** Finds the request in the gateway's log. */
  readonly requestId: string | undefined;
  /** When it is worth trying again, ms. */
  readonly retryAfterMs: number | undefined;
  readonly runId: string | undefined;

  constructor(detail: ErrorDetail & { code: C }) {
    super(detail.message);
    this.name = "OpenClawError";
    this.code = detail.code;
    this.status = statuses[detail.code] ?? 500;
    this.type = detail.type;
    this.param = detail.param;
    this.requestId = detail.requestId;
    this.retryAfterMs = detail.retryAfterMs;
    this.runId = detail.runId;
  }
}

/** No answer: the gateway cannot be reached, or the connection broke. Nothing is known about what it did. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/** The client's own `timeoutMs` passed. The gateway's time limits are `OpenClawError`s of the code `timeout`. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** Whether the gateway refused with one of these codes. */
export function isCode<C extends ErrorCode>(error: unknown, ...codes: C[]): error is OpenClawError<C> {
  return error instanceof OpenClawError && codes.includes(error.code as C); // the call asks just that
}

/** The typed error of a failed HTTP answer; also where something else than the gateway wrote the body. */
export function errorOfResponse(response: Response, body: string): OpenClawError {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  try {
    const { error } = JSON.parse(body) as { error: ErrorDetail };
    if (typeof error.code === "string") return new OpenClawError({ retryAfterMs, ...error });
  } catch {
    // Not the gateway's JSON: the status has to do.
  }
  const { status } = response;
  const known = (Object.keys(statuses) as ErrorCode[]).find((code) => statuses[code] === status); // keys of the table
  return new OpenClawError({
    code: known ?? (status < 500 ? "invalid_request" : "internal_error"),
    message: `HTTP ${status} without the gateway's error body. Check that baseUrl leads to an OpenClaw gateway.`,
    type: status < 500 ? "client_error" : "server_error",
    requestId: response.headers.get("x-request-id") ?? undefined,
    retryAfterMs,
  });
}
