import { GatewayError } from "../../lib/errors.ts";
import { sendErrorOf } from "../failures.ts";
import { JoinError, SendError } from "../types.ts";
import { Refusal, Unanswered } from "./answers.ts";

/** What a failed call means for the message that it carried. */
export function sendFailure(thrown: unknown): SendError {
  if (!(thrown instanceof Refusal)) return sendErrorOf(thrown);
  const { code, message, retryAfterMs, migratedTo } = thrown;
  if (code === 429) return new SendError("later", message, { retryAfterMs });
  // A server that failed may have sent the message before.
  if (code >= 500) return new SendError("unknown", message);
  if (migratedTo !== undefined) {
    return new SendError(
      "refused",
      `The group became a supergroup with another id. Write to ${migratedTo}, and put that into your settings.`,
    );
  }
  return new SendError("refused", message);
}

/** What went wrong before a message was sent: whatever it was, it is safe to try again. */
export function notSent(thrown: unknown): SendError {
  if (!(thrown instanceof Refusal)) return new SendError("later", unreachable(thrown));
  const { message, retryAfterMs } = thrown;
  return new SendError("later", `Nothing was sent. ${message}`, { retryAfterMs });
}

/**
 * What ended a lifetime. Only what the owner has to change is a `JoinError`: that is tried again rarely. What neither
 * Telegram nor the network said, such as that a message could not be stored, is left as it is.
 */
export function lifetimeFailure(thrown: unknown): unknown {
  if (thrown instanceof Unanswered) return new Error(unreachable(thrown));
  if (!(thrown instanceof Refusal)) return thrown;
  switch (thrown.code) {
    case 401:
    case 404:
      return new JoinError(
        "settings",
        "Telegram does not know the bot token. Set channels.telegram.botToken to what @BotFather shows; with an apiRoot, check that too.",
      );
    case 409:
      return new Error(
        "Another program polls with this bot token, or set a webhook for it. Stop that, or make a bot of its own for this gateway.",
      );
    default:
      return new Error(thrown.message);
  }
}

/** A question that Telegram did not answer. */
export function queryFailure(thrown: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (thrown instanceof Unanswered) return new GatewayError("upstream_error", unreachable(thrown));
  if (!(thrown instanceof Refusal)) return thrown;
  const { message, retryAfterMs } = thrown;
  return new GatewayError(thrown.code === 429 ? "rate_limited" : "upstream_error", `${message}.`, {
    retryAfterMs,
  });
}

/** Telegram names these cases by their description alone (https://core.telegram.org/bots/api#making-requests). */
export function says(thrown: unknown, ...words: string[]): boolean {
  if (!(thrown instanceof Refusal) || thrown.code !== 400) return false;
  const description = thrown.description.toLowerCase();
  return words.some((it) => description.includes(it.toLowerCase()));
}

function unreachable(thrown: unknown): string {
  const codes = causesOf(thrown).map((it) => ("code" in it ? it.code : undefined));
  const code = codes.findLast((it) => typeof it === "string");
  const named = code === undefined ? "" : ` (${code})`;
  return `Telegram could not be reached, or did not answer${named}. Check the network and, if it is set, channels.telegram.apiRoot.`;
}

function causesOf(thrown: unknown): Error[] {
  return thrown instanceof Error ? [thrown, ...causesOf(thrown.cause)] : [];
}
