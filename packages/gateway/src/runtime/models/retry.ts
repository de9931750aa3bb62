import type { Failure } from "./failures.ts";
import type { CallOptions, WirePorts } from "./types.ts";
import type { WireLimits } from "./wire-limits.ts";

const attempts = 3;
const attemptsInHurry = 2;
const longestWaitInHurryMs = 1_000;

/**
 * Runs `attempt` up to three times, with exponential backoff and jitter in between, or with the wait that the
 * provider asked for; a wait beyond `longestWaitMs` is not waited for. In a hurry it is two times and a second.
 * For use before anything of an answer was handed on. Rejects with the last failure's error, or with the signal's reason.
 */
export async function withRetries<T>(
  attempt: () => Promise<{ answer: T } | { failure: Failure }>,
  ports: WirePorts,
  limits: Pick<WireLimits, "backoffMs" | "longestWaitMs">,
  options: CallOptions,
): Promise<T> {
  const most = options.hurry ? attemptsInHurry : attempts;
  const longest = options.hurry ? Math.min(longestWaitInHurryMs, limits.longestWaitMs) : limits.longestWaitMs;
  for (let made = 1; ; made++) {
    const outcome = await attempt();
    if ("answer" in outcome) return outcome.answer;
    const { error, retry, afterMs } = outcome.failure;
    if (!retry || made === most || (afterMs ?? 0) > longest) throw error;
    if (options.hurry && error.code === "rate_limited" && afterMs === undefined) throw error;
    const backoff = limits.backoffMs * 2 ** (made - 1) * (0.5 + ports.random() / 2);
    await ports.sleep(afterMs ?? backoff, options);
    options.signal.throwIfAborted();
  }
}
