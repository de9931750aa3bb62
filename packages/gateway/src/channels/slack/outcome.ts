import { GatewayError } from "../../lib/errors.ts";
import { sendErrorOf } from "../failures.ts";
import { JoinError, SendError } from "../types.ts";
import { failureOf, type SlackFailure } from "./failure.ts";

/** Codes after which nobody knows: some part of the call may have succeeded, as Slack's lists of errors say. */
const undecided = new Set(["internal_error", "fatal_error", "request_timeout", "service_unavailable"]);

/** Codes of calls that were not taken, and will be in a while. */
const passing = new Set(["team_added_to_org", "message_limit_exceeded"]);

/** What a failed call means for the message that it carried. */
export function sendError(thrown: unknown): SendError {
  if (thrown instanceof SendError) return thrown;
  const failure = failureOf(thrown);
  const { facts, message } = failure;
  switch (facts.kind) {
    case "code":
      if (undecided.has(facts.code)) return new SendError("unknown", message);
      return new SendError(passing.has(facts.code) ? "later" : "refused", message);
    case "limited":
      return new SendError("later", message, { retryAfterMs: facts.retryAfterMs });
    case "status":
      return new SendError(facts.status >= 500 ? "unknown" : "refused", message);
    case "broken":
      return sendErrorOf(failure.cause);
  }
}

/** The same for a step of which nothing shows yet, such as an upload: no answer means that it may be tried again. */
export function preparationError(thrown: unknown): SendError {
  const error = sendError(thrown);
  if (error.outcome !== "unknown") return error;
  return new SendError("later", "The file could not be uploaded to Slack. Nothing was posted; try again.");
}

/** What a failed look-up means for who asked. A refusal is about `param`. */
export function lookupError(thrown: unknown, param: string): GatewayError {
  const { facts, message } = failureOf(thrown);
  if (facts.kind === "code" && !undecided.has(facts.code) && !passing.has(facts.code)) {
    return new GatewayError("invalid_request", message, { param });
  }
  if (facts.kind === "limited") {
    return new GatewayError("rate_limited", message, { retryAfterMs: facts.retryAfterMs });
  }
  return new GatewayError("upstream_error", message);
}

/** Codes that say that a token will not work until somebody changes something. */
const settled = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "missing_scope",
  "not_allowed_token_type",
  "user_removed_from_team",
  "team_disabled",
  "team_access_not_granted",
  "org_login_required",
  "no_permission",
  "access_denied",
  "enterprise_is_restricted",
]);

/** What a failed call means for joining, `key` being the setting that it was made with. */
export function joinFailure(thrown: unknown, key: "botToken" | "appToken"): Error {
  const failure: SlackFailure = failureOf(thrown);
  const { facts, message } = failure;
  if (facts.kind !== "code" || !settled.has(facts.code)) return failure;
  return new JoinError("settings", `Slack refused ${key}. ${message}`);
}
