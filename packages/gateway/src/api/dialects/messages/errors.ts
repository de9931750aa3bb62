import type { ErrorDetail } from "openclaw-protocol";
import type { Json } from "../dialect.ts";

/** Source: Anthropic API reference, "Errors". */
const types: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  409: "conflict_error",
  413: "request_too_large",
  429: "rate_limit_error",
  499: "invalid_request_error",
  503: "overloaded_error",
  504: "timeout_error",
};

/** Model wires name parameters as Chat Completions does; these are called otherwise here. */
const ownNames: Readonly<Record<string, string>> = {
  stop: "stop_sequences",
  response_format: "output_config.format",
  parallel_tool_calls: "tool_choice.disable_parallel_tool_use",
  reasoning_effort: "thinking",
  "options.thinking": "thinking",
  max_completion_tokens: "max_tokens",
};

/**
 * Clients that would have the vendor keep a conversation (the SDK's tool runner does) send all of it instead once they
 * are told this.
 */
const noThreads = { error_code: "thread_unsupported_request", unsupported: [] };

/** An error in the vendor's envelope, with what only ours tells beside it. */
export function errorEnvelope({ message, param, ...detail }: ErrorDetail, status: number): Json {
  const name = param === undefined ? undefined : (ownNames[param] ?? param);
  return {
    type: "error",
    error: {
      ...detail,
      type: types[status] ?? "api_error",
      message:
        param !== undefined && message.startsWith(`${param} `) ? name + message.slice(param.length) : message,
      ...(name !== undefined && { param: name }),
      ...(name === "thread" && { details: noThreads }),
    },
    request_id: detail.requestId ?? null,
  };
}
