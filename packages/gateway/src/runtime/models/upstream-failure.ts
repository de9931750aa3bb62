import type { ErrorCode } from "openclaw-protocol";
import { GatewayError } from "../../lib/errors.ts";

/**
 * What is wrong, as far as another key or another model could mend it: this key is refused, its money is used up,
 * the model is not there, it is asked too much, or the provider is down or talks nonsense.
 */
export type Fault = "key" | "money" | "model" | "limit" | "down";

/** A provider failed in a way that is no fault of the request: with another key or model it may go well. */
export class UpstreamFailure extends GatewayError {
  readonly fault: Fault;
  /** How long the provider asked to be left alone, ms. */
  readonly afterMs: number | undefined;

  constructor(
    fault: Fault,
    code: ErrorCode,
    message: string,
    facts: ConstructorParameters<typeof GatewayError>[2] & { afterMs?: number | undefined } = {},
  ) {
    super(code, message, facts);
    this.name = "UpstreamFailure";
    this.fault = fault;
    this.afterMs = facts.afterMs;
  }
}
