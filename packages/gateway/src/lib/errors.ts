import { type ErrorCode, type ErrorDetail, errorTable, errorType } from "openclaw-protocol";

interface ErrorFacts {
  /** Dotted path of the offending field. */
  param?: string | undefined;
  /** When to try again, ms. */
  retryAfterMs?: number | undefined;
  /** The run that the failure is about. */
  runId?: string | undefined;
  cause?: unknown;
}

/** The one error that may cross a room's border: a code of the closed table and a sentence for the user. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly runId: string | undefined;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "GatewayError";
    this.code = code;
    this.param = facts.param;
    this.retryAfterMs = facts.retryAfterMs;
    this.runId = facts.runId;
  }

  /** HTTP status of the code. */
  get status(): number {
    return errorTable[this.code].status;
  }

  /** The error as clients see it. */
  toDetail(requestId?: string): ErrorDetail {
    return {
      code: this.code,
      message: this.message,
      type: errorType(this.code),
      ...(this.param !== undefined && { param: this.param }),
      ...(this.retryAfterMs !== undefined && { retryAfterMs: this.retryAfterMs }),
      ...(this.runId !== undefined && { runId: this.runId }),
      ...(requestId !== undefined && { requestId }),
    };
  }
}

/**
 * Any thrown value as a `GatewayError`. What is not one already becomes `internal_error` with a sentence that
 * gives nothing away; the original stays as `cause`, for the log.
 */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError(
    "internal_error",
    "The gateway failed to handle this request. Its log has the details under the requestId.",
    { cause: thrown },
  );
}
