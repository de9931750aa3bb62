import { GatewayError } from "../../lib/errors.ts";

/** The error for a parameter that a provider cannot honour; `param` is its name in Chat Completions. */
export function unsupported(param: string, why: string): GatewayError {
  return new GatewayError("invalid_request", `${param} cannot be used with this model: ${why}.`, { param });
}
