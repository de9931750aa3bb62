import type * as Sdk from "@discordjs/rest";
import { sendErrorOf } from "../failures.ts";
import { SendError } from "../types.ts";

/** A call of the API that failed, with what Discord said of it. */
export class DiscordFailure extends SendError {
  /** HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** Discord's own code (https://discord.com/developers/docs/topics/opcodes-and-status-codes#json). */
  readonly code: number | undefined;

  constructor(
    outcome: SendError["outcome"],
    message: string,
    facts: { status?: number; code?: number; retryAfterMs?: number } = {},
  ) {
    super(outcome, message, { retryAfterMs: facts.retryAfterMs });
    this.name = "DiscordFailure";
    this.status = facts.status;
    this.code = facts.code;
  }
}

/** What can be done about it, by Discord's code. */
const advice: Readonly<Record<number, string>> = {
  10003: "The channel does not exist, or the bot is not on its server.",
  10008: "The message does not exist any more.",
  40005: "The file is too large for this server.",
  50001: "Give the bot access: View Channel.",
  50007: "This user takes no direct messages from the bot; they have to share a server and allow it.",
  50013: "Give the bot the permissions Send Messages, Send Messages in Threads and Attach Files there.",
  50083: "The thread is archived.",
};

/**
 * An error of the library as ours. A refusal and a rate limit are certain: Discord took nothing. A 5xx says nothing,
 * it may come from the proxy before Discord as well. The library's errors carry the request, so they are not kept.
 */
export function failureOf(thrown: unknown, sdk: typeof Sdk): DiscordFailure {
  if (thrown instanceof DiscordFailure) return thrown;
  if (thrown instanceof sdk.RateLimitError) {
    const retryAfterMs = Math.max(Math.ceil(thrown.retryAfter), 0);
    return new DiscordFailure("later", `Discord's rate limit is reached (${thrown.scope}).`, {
      status: 429,
      retryAfterMs,
    });
  }
  if (thrown instanceof sdk.HTTPError) {
    return new DiscordFailure(
      "unknown",
      `Discord answered ${thrown.status}; the request may have been taken.`,
      {
        status: thrown.status,
      },
    );
  }
  if (thrown instanceof sdk.DiscordAPIError) return refusalOf(thrown);
  const { outcome, message } = sendErrorOf(thrown);
  return new DiscordFailure(outcome, message);
}

function refusalOf({ rawError, status, code: given }: Sdk.DiscordAPIError): DiscordFailure {
  const code = typeof given === "number" ? given : undefined;
  if (status === 401) {
    return new DiscordFailure("refused", "Discord does not accept botToken any more. Set a new one.", {
      status,
    });
  }
  // Discord's own sentence for the code; details of it would repeat the request.
  const said = "message" in rawError && typeof rawError.message === "string" ? rawError.message : "";
  const hint = code === undefined ? undefined : advice[code];
  const text = `Discord refused: ${said.slice(0, 120) || `status ${status}`}${code ? ` (${code})` : ""}.`;
  return new DiscordFailure("refused", hint ? `${text} ${hint}` : text, {
    status,
    ...(code !== undefined && { code }),
  });
}
