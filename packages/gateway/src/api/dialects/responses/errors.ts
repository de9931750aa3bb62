import type { ErrorDetail } from "openclaw-protocol";
import type { Json } from "../dialect.ts";

/** OpenAI's kinds of errors by status. */
function typeOf(status: number): string {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found";
    case 429:
      return "too_many_requests";
    case 502:
    case 504:
      return "model_error";
    default:
      return status < 500 ? "invalid_request" : "server_error";
  }
}

/** An error as the Responses dialect writes it, with what finds it in our log. */
export function errorOf(detail: ErrorDetail, status: number): Json {
  const { param = null } = detail;
  const code =
    param === "previous_response_id" && detail.code === "not_found"
      ? "previous_response_not_found"
      : detail.code;
  return { ...detail, code, type: typeOf(status), param };
}

/** The two last events of a stream that fails midway. Some clients read the one, some the other. */
export function failureEvents(
  detail: ErrorDetail,
  status: number,
  sequence: number,
  response: Json | undefined,
): Json[] {
  const told = errorOf(detail, status);
  const { code, message, param } = told;
  const error = { type: "error", sequence_number: sequence, status, code, message, param, error: told };
  if (!response) return [error];
  return [
    error,
    {
      type: "response.failed",
      sequence_number: sequence + 1,
      response: failed(response, detail),
    },
  ];
}

/** A response that came to nothing. */
export function failed(response: Json, { code, message }: Pick<ErrorDetail, "code" | "message">): Json {
  const known =
    code === "rate_limited"
      ? "rate_limit_exceeded"
      : code === "invalid_request"
        ? "invalid_prompt"
        : "server_error";
  return { ...response, status: "failed", error: { code: known, message } };
}

/** After a crash: what was under way has come to nothing. */
export function interrupted(response: Json): Json {
  return failed(response, {
    code: "internal_error",
    message: "The gateway stopped before the response had ended.",
  });
}
